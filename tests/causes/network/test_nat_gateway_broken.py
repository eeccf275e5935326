from dataclasses import replace

import pytest

from bot.causes.network.nat_gateway_broken import advise, decide
from bot.evidence import ask
from bot.facts import InternetGateways, NatGateway, NatGateways, Route, RouteTable, RouteTables
from bot.model import Confirmed, RuledOut, Undecided, Unknown
from tests.cases.building import REDIS, case, endpoints, with_route
from tests.cases.healthy import HEALTHY, network
from tests.cases.network import HOLE, LOCAL, NAT, PRIVATE, beside, nat, ours

GONE = case(with_route(HEALTHY, "rtb-task", HOLE))


def test_gateways_that_work_or_are_not_used():
    """
    A NAT gateway that works, a public address, endpoints, and no route at all.
    """
    for facts in (
        HEALTHY,
        case(network(public=True, default="igw-1")),
        case(PRIVATE),
        case(network(public=False, default=None)),
    ):
        assert isinstance(ask(decide, facts), RuledOut)


def test_a_broken_one_that_nobody_uses():
    """
    Endpoints carry the pull past it, and then it does not matter.
    """
    facts = with_route(case(PRIVATE), "rtb-task", HOLE, Route("pl-s3", "vpce-s3"))

    assert isinstance(ask(decide, facts), RuledOut)


def test_layers_alone_are_another_cause():
    """
    A VPC that has all endpoints of ECR lives by these; what it lacks is the one for S3.
    """
    facts = with_route(case(endpoints("ecr.api", "ecr.dkr")), "rtb-task", HOLE)

    assert isinstance(ask(decide, facts), RuledOut)


def test_what_is_not_known_stays_open():
    """
    A gateway that is being made, one that is not listed, and one that nobody could read.
    """
    denied = Unknown("NatGateways", "denied", "ec2:DescribeNatGateways")

    assert isinstance(ask(decide, case(nat(state="pending"))), Undecided)
    assert isinstance(ask(decide, case(nat(id="nat-9"))), Undecided)
    assert Undecided((denied,)) == ask(decide, case({NatGateways: denied}))


def test_a_gateway_that_only_the_owner_of_the_vpc_sees():
    """
    In a shared VPC its internet gateway is not listed; in one of our own it is not there.
    """
    unseen = {InternetGateways: InternetGateways(())}

    assert isinstance(ask(decide, case(unseen)), Undecided)
    assert "nat-without-gateway" == ask(decide, case(ours(HEALTHY), unseen)).proof["reason"]


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (GONE, "nat-gone"),
        (case(nat(state="failed")), "nat-unavailable"),
        (case(nat(state="deleted")), "nat-unavailable"),
        (case(nat(public=False)), "nat-private"),
        (case(with_route(HEALTHY, "rtb-public")), "nat-without-route"),
        (case(REDIS, nat(state="failed")), "nat-unavailable"),
    ],
)
def test_each_way_to_be_broken(facts, reason):
    """
    The proof names the gateway, the tables that lead there, and what is wrong with it.
    """
    verdict = ask(decide, facts)

    assert isinstance(verdict, Confirmed)
    assert ("nat-1", reason) == (verdict.proof["nat"], verdict.proof["reason"])
    assert (["rtb-task"], ["subnet-a", "subnet-b"]) == (
        verdict.proof["tables"],
        verdict.proof["closed"],
    )


def test_advice_leads_to_one_that_works():
    """
    Another gateway of the VPC takes over, if it has a way out itself.
    """
    other = replace(NAT, id="nat-2")
    stuck = NatGateway("nat-3", "subnet-b", "available")
    (call,) = ask(advise, GONE | {NatGateways: NatGateways((stuck, other))})

    assert ("replace_route", "nat-2", "rtb-task") == (
        call.operation,
        call.params["NatGatewayId"],
        call.params["RouteTableId"],
    )


def test_advice_makes_a_new_one():
    """
    Where no other works; the subnet and the address are for a person to choose.
    """
    calls = ask(advise, GONE | {NatGateways: NatGateways(())})

    assert ["create_nat_gateway", "replace_route"] == [c.operation for c in calls]
    assert "<public subnet id>" == calls[0].params["SubnetId"]


def test_advice_for_one_without_a_way_out():
    """
    Its own subnet is led to the gateway of the VPC.
    """
    (call,) = ask(advise, case(with_route(HEALTHY, "rtb-public")))

    assert {"RouteTableId": "rtb-public", "DestinationCidrBlock": "0.0.0.0/0",
            "GatewayId": "igw-1"} == call.params  # fmt: skip


def test_only_the_subnets_behind_it():
    """
    Subnets of another zone, with a gateway of their own, are not affected.
    """
    local = Route("10.0.0.0/16", "local")
    own = RouteTable("rtb-b", False, ("subnet-b",), (local, Route("0.0.0.0/0", "nat-2")))
    facts = case(
        {RouteTables: RouteTables((own, *GONE[RouteTables].items))},
        {NatGateways: NatGateways((replace(NAT, id="nat-2"),))},
    )
    proof = ask(decide, facts).proof

    assert (["subnet-a"], ["subnet-b"]) == (proof["closed"], proof["open"])


def test_each_gateway_is_told_of_its_own_subnets():
    """
    The service's other subnet goes by another gateway, which is gone as well: that is for later.
    """
    facts = beside(GONE)
    other = tuple(
        replace(t, routes=(LOCAL, replace(HOLE, target="nat-2"))) if t.id == "rtb-beside" else t
        for t in facts[RouteTables].items
    )
    proof = ask(decide, facts | {RouteTables: RouteTables(other)}).proof

    assert ("nat-1", ["subnet-a"], ["rtb-task"]) == (proof["nat"], proof["closed"], proof["tables"])
    assert [] == proof["open"]
