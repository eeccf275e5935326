from dataclasses import replace

from bot.causes.registry.pull_through_cache_needs_internet import CAUSE, advise, decide
from bot.evidence import ask
from bot.facts import AskedImage, CacheRules, Recorded, Repository, StoppedTask
from bot.model import Confirmed, RuledOut, Undecided
from tests.cases.building import cached, case, endpoints
from tests.cases.healthy import HEALTHY, OLD, network
from tests.cases.registry import CASES
from tests.causes.facts import unknown, well_worded

ALL = endpoints("ecr.api", "ecr.dkr", "s3")
BROKEN = CASES["pull-through-cache-needs-internet"]
LAYERS = CASES["pull-through-cache-needs-internet/recorded"]


def test_a_way_to_the_internet():
    """
    Through a NAT gateway, or with a public address.
    """
    for around in (network(public=False, default="nat-1"), network(public=True, default="igw-1")):
        assert isinstance(ask(decide, BROKEN | around), RuledOut)


def test_image_under_no_rule():
    """
    What is pushed to ECR comes by the endpoints.
    """
    assert isinstance(ask(decide, HEALTHY | ALL), RuledOut)


def test_cache_of_another_ecr_registry():
    """
    What that takes, AWS does not say.
    """
    rule = replace(BROKEN[CacheRules].items[0], upstream="ecr")

    assert isinstance(ask(decide, BROKEN | {CacheRules: CacheRules((rule,))}), RuledOut)


def test_image_that_is_cached():
    """
    Later pulls take it from ECR.
    """
    there = {
        Repository: replace(BROKEN[Repository], exists=True),
        AskedImage: AskedImage(True, OLD),
    }

    assert isinstance(ask(decide, BROKEN | there), RuledOut)


def test_ecr_itself_out_of_reach():
    """
    Without an endpoint for ECR the pull does not get that far: other causes.
    """
    assert isinstance(ask(decide, BROKEN | endpoints("s3")), RuledOut)
    assert isinstance(ask(decide, BROKEN | network(public=False, default=None)), RuledOut)


def test_unread_facts_leave_it_open():
    """
    Whether it is cached, or what lies behind a transit gateway, is not guessed.
    """
    assert isinstance(ask(decide, BROKEN | {AskedImage: unknown("AskedImage")}), Undecided)
    behind = BROKEN | network(public=False, default="tgw-1")
    assert not isinstance(ask(decide, behind), Confirmed)


def test_endpoints_and_nothing_else():
    """
    The subnets and tables that need a way are named.
    """
    verdict = ask(decide, BROKEN)

    assert isinstance(verdict, Confirmed)
    assert ["subnet-a", "subnet-b"] == verdict.proof["closed"]
    assert ["rtb-task"] == verdict.proof["tables"]
    assert well_worded(CAUSE, verdict)


def test_layers_that_are_not_there_yet():
    """
    Once ECR has the image, only the record tells that a layer still comes from elsewhere.
    """
    verdict = ask(decide, LAYERS)
    assert "production.cloudflare.docker.com" == verdict.proof["layer"]
    assert well_worded(CAUSE, verdict)

    quiet = {Recorded: HEALTHY[Recorded], StoppedTask: StoppedTask()}
    assert isinstance(ask(decide, LAYERS | quiet), RuledOut)


def test_ready_calls():
    """
    One route for each table; the gateway is a person's choice.
    """
    (call,) = ask(advise, BROKEN)

    assert ("rtb-task", "<nat gateway>") == (
        call.params["RouteTableId"],
        call.params["NatGatewayId"],
    )
    assert () == ask(advise, case(cached("acme/shop")))
