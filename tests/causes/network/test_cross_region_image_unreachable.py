from dataclasses import replace

import pytest

from bot.aws.reference import split
from bot.causes.network.cross_region_image_unreachable import CAUSE, advise, decide, plan
from bot.evidence import ask
from bot.facts import ImageCopy, ImageReference, Route, Service, VpcEndpoints
from bot.model import Confirmed, RuledOut, Undecided
from tests.cases.building import REDIS, case, endpoints, image, with_groups, with_route
from tests.cases.healthy import HEALTHY, NEW, OLD, URI, network
from tests.cases.network import COPIED, FAR, PRIVATE
from tests.causes.facts import unknown, well_worded

BROKEN = case(image(FAR), PRIVATE)


def test_an_image_of_this_region():
    """
    The endpoints serve it.
    """
    assert isinstance(ask(decide, case(PRIVATE)), RuledOut)
    assert () == ask(advise, case(PRIVATE))


def test_a_way_to_the_internet():
    """
    It leads to every Region.
    """
    assert isinstance(ask(decide, case(image(FAR))), RuledOut)
    assert isinstance(
        ask(decide, case(image(FAR), network(public=True, default="igw-1"))), RuledOut
    )


def test_a_vpc_without_endpoints_is_another_cause():
    """
    There it is the way out that is missing, for images of every Region.
    """
    assert isinstance(ask(decide, case(image(FAR), network(public=False, default=None))), RuledOut)
    assert isinstance(ask(decide, case(image(FAR), endpoints("logs"))), RuledOut)


def test_other_registries():
    """
    No Region of ours is to blame for Docker Hub.
    """
    assert isinstance(ask(decide, case(REDIS, PRIVATE)), RuledOut)


def test_endpoints_that_reach_into_the_region():
    """
    Whether they serve the pull in full is not known.
    """
    there = replace(PRIVATE[VpcEndpoints].items[1], service="com.amazonaws.us-east-1.ecr.dkr")
    both = VpcEndpoints((*PRIVATE[VpcEndpoints].items, there))

    assert isinstance(ask(decide, BROKEN | {VpcEndpoints: both}), Undecided)


def test_behind_a_transit_gateway_it_stays_open():
    """
    There may be a way out.
    """
    assert isinstance(
        ask(decide, with_route(BROKEN, "rtb-task", Route("0.0.0.0/0", "tgw-1"))), Undecided
    )


@pytest.mark.parametrize(
    "facts",
    [
        {ImageCopy: ImageCopy()},
        {ImageCopy: ImageCopy(NEW, "ACTIVE")},
        {ImageCopy: ImageCopy(OLD, "ARCHIVED")},
        COPIED | {Service: Service()},
        COPIED | with_groups(endpoint=()),
        COPIED | {VpcEndpoints: endpoints("ecr.dkr")[VpcEndpoints]},
        COPIED | image(URI),
    ],
    ids=["none", "another", "archived", "no-service", "closed", "no-layers", "near"],
)
def test_no_plan_without_the_very_same_image_within_reach(facts):
    """
    Of a tag alone nobody knows that it is the same image, and the way to it has to be open.
    """
    assert ask(plan, BROKEN | facts) is None


def test_an_unknown_copy_promises_no_fix():
    """
    The cause holds all the same.
    """
    verdict = ask(decide, BROKEN | {ImageCopy: unknown("ImageCopy")})

    assert isinstance(verdict, Confirmed)
    assert not verdict.proof["fixable"]
    assert well_worded(CAUSE, verdict)


def test_plan_makes_the_verdict_ruled_out():
    """
    The same image in the task's own Region, and back to the old revision.
    """
    facts = BROKEN | COPIED
    verdict = ask(decide, facts)
    register, deploy = ask(plan, facts).steps
    (container,) = register.do.params["containerDefinitions"]

    assert (True, URI) == (verdict.proof["fixable"], verdict.proof["near"])
    assert URI == container["image"]
    assert facts[Service].definition == deploy.undo.params["taskDefinition"]
    assert isinstance(ask(decide, facts | {ImageReference: split(URI, "app")}), RuledOut)
    assert well_worded(CAUSE, verdict)


def test_endpoints_of_this_region_alone():
    """
    The proof names both Regions, the subnets and their tables.
    """
    verdict = ask(decide, BROKEN)

    assert isinstance(verdict, Confirmed)
    assert ("us-east-1", "eu-west-1") == (verdict.proof["there"], verdict.proof["here"])
    assert (["subnet-a", "subnet-b"], ["rtb-task"]) == (
        verdict.proof["closed"],
        verdict.proof["tables"],
    )


def test_advice_keeps_the_rules_that_are_there():
    """
    The configuration is set as a whole, so it is read before.
    """
    read, put, *_ = ask(advise, BROKEN)
    kept, rule = put.params["replicationConfiguration"]["rules"]

    assert ("describe_registry", "put_replication_configuration") == (read.operation, put.operation)
    assert kept.startswith("<")
    assert ["eu-west-1"] == [d["region"] for d in rule["destinations"]]
    assert () == ask(advise, BROKEN | {ImageReference: HEALTHY[ImageReference]})


def test_advice_for_endpoints_that_reach_into_the_region():
    """
    The registry, its API and S3, which has no gateway there.
    """
    made = [c.params for c in ask(advise, BROKEN)[2:]]

    assert ["ecr.api", "ecr.dkr", "s3"] == [
        p["ServiceName"].removeprefix("com.amazonaws.us-east-1.") for p in made
    ]
    assert {("Interface", "us-east-1")} == {
        (p["VpcEndpointType"], p["ServiceRegion"]) for p in made
    }
    assert ["DnsOptions" in p for p in made] == [False, False, True]
