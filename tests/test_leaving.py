"""Leaving subnets without a way: only for others that are open for certain, and never on a guess."""

from dataclasses import replace

import pytest

from bot.catalogue import CAUSES
from bot.evidence import ask
from bot.facts import (
    NatGateways,
    NetworkAcls,
    PullInterface,
    Route,
    RouteTable,
    RouteTables,
    Service,
    Subnets,
)
from bot.model import Confirmed, RuledOut, Unknown
from tests.cases.building import case, host, with_groups
from tests.cases.healthy import HEALTHY, network
from tests.cases.network import CASES, LOCAL, beside

BY_ID = {c.id: c for c in CAUSES}
LEAVING = (
    "no-route-to-registry", "nat-gateway-broken", "internet-gateway-missing", "network-acl-blocks",
    "subnet-addresses-exhausted", "subnet-on-main-route-table",
)  # fmt: skip
CLOSED = CASES["no-route-to-registry/beside"]
AWSVPC = CLOSED[Service].awsvpc
NO_ROUTE = BY_ID["no-route-to-registry"]


@pytest.mark.parametrize("cause", LEAVING)
def test_where_no_other_subnet_is_open_there_is_no_plan(cause):
    """
    All that the service has is closed, or nothing is known of its others.
    """
    assert isinstance(ask(BY_ID[cause].decide, CASES[cause]), Confirmed)
    assert None is ask(BY_ID[cause].plan, CASES[cause])
    assert not ask(BY_ID[cause].decide, CASES[cause]).proof.get("fixable")


@pytest.mark.parametrize(
    "change",
    [
        {Service: replace(HEALTHY[Service], controller="CODE_DEPLOY")},
        {Service: Service()},
        {Service: Unknown("Service", "denied")},
        {Service: replace(HEALTHY[Service], awsvpc=None)},
        {Subnets: replace(CLOSED[Subnets], others=())},
        {Subnets: replace(CLOSED[Subnets], others=(replace(CLOSED[Subnets].others[0], free=0),))},
        {Subnets: replace(CLOSED[Subnets], others=(replace(CLOSED[Subnets].others[0], free=None),))},
        {Service: replace(CLOSED[Service], desired=201)},
        {Service: replace(CLOSED[Service], awsvpc=replace(AWSVPC, groups=("sg-other",)))},
        {Service: replace(CLOSED[Service], awsvpc=replace(AWSVPC, public_ip=True))},
        {Service: replace(CLOSED[Service], awsvpc=replace(AWSVPC, subnets=(*AWSVPC.subnets, "subnet-z")))},
        {NatGateways: NatGateways(())},
        {NatGateways: Unknown("NatGateways", "denied")},
        with_groups(task=()),
    ],
    ids=(
        "codedeploy", "standalone", "unread", "no-network", "not-described", "full", "uncounted",
        "too-small", "other-groups", "other-address", "third-not-described", "no-nat", "nat-unread",
        "group-shut",
    ),
)  # fmt: skip
def test_what_is_not_sure_moves_nothing(change):
    """
    Another deployer, no service, a subnet that is full, closed, unread, or of which nobody can tell.
    """
    assert None is ask(NO_ROUTE.plan, case(CLOSED, change))


def with_third(*routes):
    """The service with a third subnet, of which *routes* lead out."""
    third = replace(CLOSED[Subnets].others[0], id="subnet-c", cidr="10.0.3.0/24", zone="eu-west-1c")
    tables = (
        *CLOSED[RouteTables].items,
        RouteTable("rtb-c", False, ("subnet-c",), (LOCAL, *routes)),
    )
    (acl,) = CLOSED[NetworkAcls].items
    inside = replace(AWSVPC, subnets=("subnet-a", "subnet-b", "subnet-c"))
    return case(
        CLOSED,
        {
            PullInterface: replace(CLOSED[PullInterface], others=("subnet-b", "subnet-c")),
            Subnets: replace(CLOSED[Subnets], others=(*CLOSED[Subnets].others, third)),
            RouteTables: RouteTables(tables),
            NetworkAcls: NetworkAcls((replace(acl, subnets=(*acl.subnets, "subnet-c")),)),
            Service: replace(CLOSED[Service], awsvpc=inside),
        },
    )


def test_a_subnet_that_nobody_can_judge_is_not_left():
    """
    What lies behind a transit gateway may well be the way.
    """
    assert None is ask(NO_ROUTE.plan, with_third(Route("0.0.0.0/0", "tgw-1")))
    for routes, stays in (
        ((), ["subnet-b"]),
        ((Route("0.0.0.0/0", "nat-2"),), ["subnet-b", "subnet-c"]),
    ):
        plan = ask(NO_ROUTE.plan, with_third(*routes))
        assert stays == plan.steps[0].after["awsvpcConfiguration"]["subnets"]


def test_addresses_alone_are_no_way_out():
    """
    Where subnet b has addresses and no route, the service stays where it is.
    """
    exhausted = BY_ID["subnet-addresses-exhausted"]
    lost = beside(network(public=False, default="nat-1"))
    tables = tuple(
        replace(t, routes=(LOCAL,)) if t.id == "rtb-beside" else t for t in lost[RouteTables].items
    )
    (first,), rest = lost[Subnets].items, lost[Subnets].others
    facts = case(
        lost,
        {
            RouteTables: RouteTables(tables),
            Subnets: Subnets((replace(first, free=0),), others=rest),
            Service: replace(lost[Service], running=0),
        },
    )

    assert isinstance(ask(exhausted.decide, facts), Confirmed)
    assert None is ask(exhausted.plan, facts)


@pytest.mark.parametrize("cause", LEAVING)
def test_a_plan_is_for_the_fault_that_is_there(cause):
    """
    Other faults that leave a subnet have no plan where this one is.
    """
    for other in set(LEAVING) - {cause}:
        assert None is ask(BY_ID[other].plan, CASES[f"{cause}/beside"])


def test_the_host_of_a_task_stays_where_it_is():
    """
    On container instances the host pulls: the subnets of the service are not on the way.
    """
    facts = case(host(beside(network(public=False, default=None))))

    assert None is ask(NO_ROUTE.plan, facts)


@pytest.mark.parametrize("cause", LEAVING)
def test_the_open_subnet_alone_is_kept_and_undo_puts_both_back(cause):
    """
    One step on the service; groups and the public address stay as they are.
    """
    facts = CASES[f"{cause}/beside"]
    verdict, plan = ask(BY_ID[cause].decide, facts), ask(BY_ID[cause].plan, facts)
    (step,) = plan.steps
    before, after = step.before["awsvpcConfiguration"], step.after["awsvpcConfiguration"]

    assert "medium" == plan.risk
    assert (["subnet-a", "subnet-b"], ["subnet-b"]) == (before["subnets"], after["subnets"])
    assert {k: v for k, v in before.items() if k != "subnets"} == {
        k: v for k, v in after.items() if k != "subnets"
    }
    assert before == step.undo.params["networkConfiguration"]["awsvpcConfiguration"]
    assert (["subnet-a"], ["subnet-b"]) == (verdict.proof["closed"], verdict.proof["open"])
    if cause != "subnet-addresses-exhausted":  # it is told without the ways being known
        assert (["subnet-b"], ["eu-west-1b"]) == (verdict.proof["stays"], verdict.proof["zones"])


@pytest.mark.parametrize("cause", LEAVING)
def test_the_plan_makes_the_verdict_ruled_out(cause):
    """
    Looked at from the subnet that is left, the cause is gone.
    """
    facts = CASES[f"{cause}/beside"]
    (second,) = facts[Subnets].others
    settled = {
        PullInterface: replace(facts[PullInterface], subnets=("subnet-b",), others=()),
        Subnets: Subnets((second,)),
    }

    assert isinstance(ask(BY_ID[cause].decide, facts), Confirmed)
    assert isinstance(ask(BY_ID[cause].decide, facts | settled), RuledOut)


def test_another_subnet_that_is_closed_confirms_nothing():
    """
    The failed start was in a subnet that works: what the next one may meet is no cause of it.
    """
    facts = beside(network(public=False, default=None))
    (first,), (second,) = facts[Subnets].items, facts[Subnets].others
    turned = case(
        facts,
        {
            PullInterface: replace(
                facts[PullInterface], subnets=("subnet-b",), others=("subnet-a",)
            ),
            Subnets: Subnets((second,), others=(first,)),
        },
    )

    for cause in LEAVING:
        assert isinstance(ask(BY_ID[cause].decide, turned), RuledOut), cause


def test_what_is_closed_for_the_next_start_too_is_mended_with_it():
    """
    A table of its own for each subnet: the advice names both, and no subnet is called open.
    """
    facts = beside(network(public=False, default=None))
    tables = tuple(replace(t, routes=t.routes[:1]) if t.id == "rtb-beside" else t
                   for t in facts[RouteTables].items)  # fmt: skip
    both = case(facts, {RouteTables: RouteTables(tables)})
    proof = ask(NO_ROUTE.decide, both).proof

    assert ["subnet-a", "subnet-b"] == proof["closed"]
    assert ["rtb-beside", "rtb-task"] == proof["tables"]
    assert [] == proof["open"]
    assert not proof["fixable"]
