from dataclasses import replace

import pytest

from bot.aws.reference import split
from bot.causes.network.ipv6_only_subnet import CAUSE, advise, decide, plan
from bot.evidence import ask
from bot.facts import (
    ImageReference,
    NetworkAcls,
    Platform,
    Route,
    Service,
    Subnets,
    TaskDefinition,
    VpcEndpoints,
)
from bot.model import Confirmed, RuledOut, Undecided
from tests.cases.building import REDIS, case, endpoints, image, with_groups, with_route
from tests.cases.healthy import ACCOUNT, HEALTHY, URI, definition
from tests.cases.network import ACLS, SIX, six
from tests.causes.facts import well_worded

DUAL = URI.replace("dkr.ecr", "dkr-ecr").replace("amazonaws.com", "on.aws")
OPEN = (six(HEALTHY), with_groups(task=(SIX,)), ACLS)


def test_a_subnet_of_both_families():
    """
    IPv4 beside IPv6 is enough.
    """
    both = tuple(replace(s, ipv6=("2a05:1::/64",)) for s in HEALTHY[Subnets].items)

    assert isinstance(ask(decide, HEALTHY), RuledOut)
    assert isinstance(ask(decide, case({Subnets: Subnets(both)})), RuledOut)


def test_the_dual_stack_host():
    """
    It answers over IPv6, so whatever else may be closed, this is not.
    """
    facts = case(*OPEN, {ImageReference: split(DUAL, "app")})

    assert isinstance(ask(decide, facts), RuledOut)
    assert ask(plan, facts) is None
    assert () == ask(advise, facts)


def test_other_registries():
    """
    Whether they answer over IPv6, nobody told.
    """
    assert isinstance(ask(decide, case(REDIS, six(HEALTHY))), Undecided)


def test_a_gateway_that_translates_leaves_it_open():
    """
    Whether names lead there by DNS64, the subnets do not tell.
    """
    facts = case(six(HEALTHY))
    both = (Route("::/0", "eigw-1"), Route("64:ff9b::/96", "nat-1"))

    assert isinstance(ask(decide, with_route(facts, "rtb-task", *both)), Undecided)
    hole = (both[0], replace(both[1], state="blackhole"))
    assert isinstance(ask(decide, with_route(facts, "rtb-task", *hole)), Confirmed)


@pytest.mark.parametrize(
    "closed",
    [
        {NetworkAcls: HEALTHY[NetworkAcls]},
        with_groups(),
        {Platform: Platform("FARGATE", "1.3.0")},
        {Platform: Platform("EC2")},
        {Service: Service()},
        {VpcEndpoints: endpoints("ecr.dkr")[VpcEndpoints]},
        with_route(HEALTHY | six(HEALTHY), "rtb-task"),
        image(URI.replace(".amazonaws.com", ".c2s.ic.gov")),
    ],
    ids=[
        "acl", "groups", "old", "host", "no-service", "endpoint", "no-route", "no-dual-host",
    ],
)  # fmt: skip
def test_no_plan_where_it_is_not_sure_to_work(closed):
    """
    Every way has to be open over IPv6 then, by none of the endpoints, and for whoever runs it.
    """
    assert ask(plan, case(*OPEN, closed)) is None


def test_no_plan_for_windows():
    """
    It has no tasks without IPv4.
    """
    found = definition(URI)
    raw = {**found.raw, "runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}}

    assert ask(plan, case(*OPEN, {TaskDefinition: replace(found, raw=raw)})) is None


def test_plan_makes_the_verdict_ruled_out():
    """
    All containers of the registry are changed, others are not; undo is the old revision.
    """
    found = definition(URI)
    more = [{"name": "side", "image": f"{URI}-side"}, {"name": "cache", "image": "redis:7"}]
    raw = {**found.raw, "containerDefinitions": [*found.raw["containerDefinitions"], *more]}
    side = [replace(found.containers[0], name=m["name"], image=m["image"]) for m in more]
    task = replace(found, containers=(*found.containers, *side), raw=raw)
    facts = case(*OPEN, {TaskDefinition: task})
    register, deploy = ask(plan, facts).steps
    images = {c["name"]: c["image"] for c in register.do.params["containerDefinitions"]}

    assert {"app": DUAL, "side": f"{DUAL}-side", "cache": "redis:7"} == images
    assert facts[Service].definition == deploy.undo.params["taskDefinition"]
    after = facts | {ImageReference: split(images["app"], "app")}
    assert isinstance(ask(decide, after), RuledOut)


def test_it_says_what_it_can_do():
    """
    The fix where there is one, else the host to name, as a command too.
    """
    fixable, other = ask(decide, case(*OPEN)), ask(decide, case(six(HEALTHY)))

    assert (True, False) == (fixable.proof["fixable"], other.proof["fixable"])
    assert well_worded(CAUSE, fixable)
    assert well_worded(CAUSE, other)
    _, register = ask(advise, case(*OPEN))
    assert DUAL in register.params["cliInputJson"]


def test_the_usual_host():
    """
    The proof names the host that would do.
    """
    verdict = ask(decide, case(six(HEALTHY)))

    assert isinstance(verdict, Confirmed)
    assert f"{ACCOUNT}.dkr-ecr.eu-west-1.on.aws" == verdict.proof["dual"]
    assert ["subnet-a", "subnet-b"] == verdict.proof["closed"]
