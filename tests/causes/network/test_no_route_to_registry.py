from dataclasses import replace

import pytest

from bot.causes.network.no_route_to_registry import advise, decide
from bot.evidence import ask
from bot.facts import NatGateways, Route, RouteTables, Subnets
from bot.model import Confirmed, RuledOut, Undecided
from tests.cases.building import REDIS, case, endpoints
from tests.cases.healthy import HEALTHY, network

BROKEN = case(network(public=False, default=None))


def routed(*routes):
    """The closed service whose subnets also have *routes*."""
    found = BROKEN[RouteTables].items
    tables = tuple(replace(t, routes=(*t.routes, *routes)) if t.subnets else t for t in found)
    return BROKEN | {RouteTables: RouteTables(tables)}


def test_a_way_out():
    """
    A NAT gateway that works, an address, or endpoints lead to the registry.
    """
    assert isinstance(ask(decide, HEALTHY), RuledOut)
    assert isinstance(ask(decide, case(network(public=True, default="igw-1"))), RuledOut)
    assert isinstance(ask(decide, case(endpoints("ecr.api", "ecr.dkr", "s3"))), RuledOut)


def test_incomplete_endpoints_are_other_causes():
    """
    Where endpoints were meant to lead to ECR, the one that is missing is the fault.
    """
    assert isinstance(ask(decide, case(endpoints("ecr.dkr", "s3"))), RuledOut)
    assert isinstance(ask(decide, case(endpoints("ecr.api", "ecr.dkr"))), RuledOut)


@pytest.mark.parametrize("target", ["tgw-1", "pcx-1", "vgw-1", "eni-1", "vpce-1", "cagw-1"])
@pytest.mark.parametrize("destination", ["0.0.0.0/0", "10.8.0.0/16"])
def test_what_lies_behind_is_not_guessed(target, destination):
    """
    Behind a transit gateway, a peering or a firewall there may be a way, or shared endpoints.
    """
    assert isinstance(ask(decide, routed(Route(destination, target))), Undecided)


def test_private_networks_do_not_close_a_way_out():
    """
    A peering beside a NAT gateway takes private traffic only; a route to public addresses may
    take that to the registry, too.
    """

    def beside(destination):
        aside = Route(destination, "tgw-1")
        found = HEALTHY[RouteTables].items
        tables = tuple(replace(t, routes=(*t.routes, aside)) for t in found)
        return HEALTHY | {RouteTables: RouteTables(tables)}

    assert isinstance(ask(decide, beside("10.8.0.0/16")), RuledOut)
    assert isinstance(ask(decide, beside("pl-corporate")), RuledOut)
    assert isinstance(ask(decide, beside("52.0.0.0/8")), Undecided)


def test_endpoint_that_we_do_not_see():
    """
    A route to an endpoint that is not listed tells of a VPC that shows only a part.
    """
    assert isinstance(ask(decide, routed(Route("pl-s3", "vpce-theirs"))), Undecided)


def test_subnet_that_is_gone():
    """
    Without a subnet there is nothing to judge.
    """
    assert isinstance(ask(decide, BROKEN | {Subnets: Subnets((), ("subnet-a",))}), Undecided)


def test_nat_gateway_that_nobody_can_see_through():
    """
    A NAT gateway that is starting, of another VPC, or private and routed elsewhere may work.
    """
    found = HEALTHY[NatGateways].items[0]
    for nats in ((), (replace(found, state="pending"),)):
        assert isinstance(ask(decide, HEALTHY | {NatGateways: NatGateways(nats)}), Undecided)
    private = HEALTHY | {NatGateways: NatGateways((replace(found, public=False),))}
    onwards = tuple(
        replace(t, routes=(Route("0.0.0.0/0", "tgw-1"),)) if t.id == "rtb-public" else t
        for t in HEALTHY[RouteTables].items
    )
    assert isinstance(ask(decide, private | {RouteTables: RouteTables(onwards)}), Undecided)


def test_no_default_route():
    """
    The proof names the registry, the route table and the endpoints that would lead there.
    """
    verdict = ask(decide, BROKEN)

    assert isinstance(verdict, Confirmed)
    assert ["rtb-task"] == verdict.proof["tables"]
    assert [
        "com.amazonaws.eu-west-1.ecr.api",
        "com.amazonaws.eu-west-1.ecr.dkr",
        "com.amazonaws.eu-west-1.s3",
    ] == verdict.proof["missing"]


def test_a_default_route_that_leads_nowhere():
    """
    A blackhole is no way out; over a gateway of the VPC's own it is another cause.
    """
    assert isinstance(ask(decide, routed(Route("0.0.0.0/0", "eni-1", "blackhole"))), Confirmed)
    for gateway in ("nat-1", "igw-1"):
        hole = routed(Route("0.0.0.0/0", gateway, "blackhole"))
        assert isinstance(ask(decide, hole), RuledOut)


def test_main_route_table():
    """
    A subnet without a table of its own follows the main one.
    """
    tables = RouteTables(tuple(t for t in HEALTHY[RouteTables].items if t.id != "rtb-task"))
    verdict = ask(decide, HEALTHY | {RouteTables: tables})

    assert ["rtb-main"] == verdict.proof["tables"]


def test_a_registry_on_the_internet_is_another_cause():
    """
    No endpoint leads to Docker Hub, so what helps is another thing.
    """
    hub = case(REDIS, endpoints("ecr.api", "ecr.dkr", "s3"))

    assert isinstance(ask(decide, hub), RuledOut)


def test_advice_creates_each_endpoint_once():
    """
    Interface endpoints take one subnet for each zone, the gateway the route tables.
    """
    calls = ask(advise, BROKEN)

    assert ["create_vpc_endpoint"] * 3 == [c.operation for c in calls]
    assert ["subnet-a", "subnet-b"] == calls[0].params["SubnetIds"]
    assert ["rtb-task"] == calls[2].params["RouteTableIds"]
