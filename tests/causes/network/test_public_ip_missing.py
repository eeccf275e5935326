from dataclasses import replace

from bot.causes.network.public_ip_missing import decide, plan
from bot.evidence import ask
from bot.facts import (
    InternetGateways,
    Platform,
    PullInterface,
    Route,
    RouteTable,
    RouteTables,
    Rule,
    SecurityGroup,
    SecurityGroups,
    Service,
)
from bot.model import Confirmed, RuledOut, Undecided, Unknown
from tests.cases.building import case, endpoints, host
from tests.cases.healthy import HEALTHY, network

BROKEN = case(network(public=False, default="igw-1"))
FARGATE, TASK = Platform("FARGATE"), BROKEN[PullInterface]


def test_a_way_out_needs_no_public_address():
    """
    With an address, a NAT gateway, or all endpoints, nothing is missing.
    """
    assert isinstance(ask(decide, case(network(public=True, default="igw-1"))), RuledOut)
    assert isinstance(ask(decide, HEALTHY), RuledOut)
    assert isinstance(ask(decide, case(endpoints("ecr.api", "ecr.dkr", "s3"))), RuledOut)


def test_no_way_out_is_another_cause():
    """
    Without a route to an internet gateway, an address would not help.
    """
    assert isinstance(ask(decide, case(network(public=False, default=None))), RuledOut)


def test_gateway_that_we_do_not_see():
    """
    In a shared VPC the gateway belongs to somebody else.
    """
    shared = BROKEN | {InternetGateways: InternetGateways(())}

    assert isinstance(ask(decide, shared), Undecided)


def test_address_that_nobody_told():
    """
    A standalone task took its network configuration with it.
    """
    unsure = BROKEN | {PullInterface: replace(TASK, public_ip=None)}

    assert isinstance(ask(decide, unsure), Undecided)


def test_subnets_that_work_are_told_apart():
    """
    One closed subnet is enough; the other one is named as unaffected.
    """
    local = Route("10.0.0.0/16", "local")
    mixed = RouteTables(
        (
            RouteTable("rtb-a", False, ("subnet-a",), (local, Route("0.0.0.0/0", "igw-1"))),
            RouteTable("rtb-b", False, ("subnet-b",), (local, Route("0.0.0.0/0", "nat-1"))),
            RouteTable("rtb-nat", False, ("subnet-nat",), (local, Route("0.0.0.0/0", "igw-1"))),
        )
    )
    verdict = ask(decide, BROKEN | {RouteTables: mixed})

    assert isinstance(verdict, Confirmed)
    assert (["subnet-a"], ["subnet-b"]) == (verdict.proof["closed"], verdict.proof["open"])


def test_open_inbound_rules_are_told_before_anything_is_exposed():
    """
    The proof lists groups open to the whole internet, and says when it could not look.
    """
    open_group = SecurityGroup("sg-task", (Rule("tcp", 22, 22, ("0.0.0.0/0",)),), ())
    opened = BROKEN | {SecurityGroups: SecurityGroups((open_group,))}
    unread = BROKEN | {SecurityGroups: Unknown("SecurityGroups", "denied")}

    assert [] == ask(decide, BROKEN).proof["exposed"]
    assert ["sg-task"] == ask(decide, opened).proof["exposed"]
    assert None is ask(decide, unread).proof["exposed"]


def test_only_a_service_on_fargate_can_be_given_an_address():
    """
    A container instance, a standalone task and an unread service are left to a person.
    """
    instance = case(host(network(public=False, default="igw-1")))
    unread = BROKEN | {Service: Unknown("Service", "denied")}

    assert None is ask(plan, instance)
    assert None is plan(Service(), FARGATE, TASK)
    assert not ask(decide, instance).proof["fixable"]
    assert not ask(decide, unread).proof["fixable"]


def test_plan_makes_the_verdict_ruled_out():
    """
    The service keeps subnets and groups, gets an address, and can lose it again.
    """
    made = ask(plan, BROKEN)
    step = made.steps[0]
    after = step.after["awsvpcConfiguration"]
    given = BROKEN | {PullInterface: replace(TASK, public_ip=after["assignPublicIp"] == "ENABLED")}

    assert made == ask(plan, BROKEN)
    assert "medium" == made.risk
    assert ["subnet-a", "subnet-b"] == after["subnets"]
    assert {"networkConfiguration": step.before}.items() <= step.undo.params.items()
    assert isinstance(ask(decide, given), RuledOut)
