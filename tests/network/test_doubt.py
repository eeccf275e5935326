"""What must not be called closed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.facts import (
    Route,
    Rule,
    SecurityGroup,
    SecurityGroups,
)
from bot.model import Unknown
from bot.network import Network, paths
from tests.network.subnet import (
    FACTS,
    NET,
    PRIVATE,
    REGION,
    blocked,
    endpoint,
    routed,
    to,
    with_endpoints,
)


@pytest.mark.parametrize("fact", FACTS)
@pytest.mark.parametrize("target", ["ecr-dkr", "s3-layers", "dockerhub"])
def test_what_was_not_read_is_never_closed(fact, target):
    """
    Each fact that is missing leaves a working way open or unknown, and names itself.
    """
    net = with_endpoints(
        endpoint("ecr.dkr"), endpoint("s3", type="Gateway", route_tables=("rtb-a",)), net=PRIVATE
    )

    found = to(replace(net, **{fact: Unknown(fact, "denied")}), target)

    assert "open" == to(net, target).state
    assert found.state in ("open", "unknown")


def test_nothing_read_is_all_unknown():
    """
    With no fact at all there is a path, and it claims nothing.
    """
    blind = Network(**{f: Unknown(f, "denied") for f in FACTS})

    assert {"unknown"} == {to(blind, t).state for t in ("ecr-api", "s3-layers", "dockerhub")}
    assert () == paths(blind, ("ecr-api",), region=REGION)


@pytest.mark.parametrize("target", ["tgw-1", "vgw-1", "pcx-1", "eni-1", "vpce-fw", ""])
def test_far_sides_are_not_judged(target):
    """
    Behind a transit gateway, a peering or a firewall, nobody here can see.
    """
    assert "unknown" == to(routed(Route("0.0.0.0/0", target)), "dockerhub").state


def test_endpoints_may_be_shared_from_behind_a_transit_gateway():
    """
    Without a way out, a route to a hub may still lead to its endpoints.
    """
    hub = routed(Route("10.9.0.0/16", "tgw-1"))

    assert "unknown" == to(hub, "ecr-api").state
    assert ("route", "no-route") == blocked(hub, "dockerhub")


def test_custom_dns_servers_are_not_judged():
    """
    Whether another DNS server forwards names of the endpoint, we cannot see; Amazon's own can.
    """
    net = with_endpoints(endpoint("ecr.dkr"))

    def asking(*servers):
        return to(replace(net, vpc=replace(NET.vpc, dns_servers=servers)), "ecr-dkr").state

    assert "unknown" == asking("10.0.0.53")
    assert "open" == asking("10.0.0.2")
    assert "open" == asking("169.254.169.253")


def test_rule_for_part_of_the_addresses_is_not_judged():
    """
    A rule for half of the internet, or a list of somebody's own, may or may not do.
    """

    def egress(**rule):
        groups = SecurityGroups((SecurityGroup("sg-task", (), (Rule("tcp", 443, 443, **rule),)),))
        return to(replace(PRIVATE, groups=groups), "dockerhub").state

    assert "unknown" == egress(cidrs=("52.0.0.0/8",))
    assert "unknown" == egress(prefix_lists=("pl-own",))
    assert "closed" == egress(prefix_lists=("pl-2",))
    assert "closed" == egress(cidrs=("::/0",))
    assert "closed" == egress(cidrs=("10.0.0.0/8",))
    assert "open" == egress(cidrs=("0.0.0.0/1", "128.0.0.0/1"))
