"""The way to VPC endpoints."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.facts import (
    Rule,
    SecurityGroup,
    SecurityGroups,
)
from bot.network import path
from tests.network.subnet import (
    NET,
    PRIVATE,
    blocked,
    endpoint,
    routed,
    short,
    to,
    with_endpoints,
)


def test_no_way_out_and_no_endpoint():
    """
    A private subnet without endpoints lacks a route, and then the endpoint.
    """
    found = to(NET, "ecr-api")

    assert "none" == found.via
    assert ["no-route", "endpoint-missing"] == [
        h.why["reason"] for h in found.hops if h.state == "closed"
    ]


def test_private_dns_takes_in_subnets_that_have_nat():
    """
    Names lead all of the VPC to the endpoint, so its closed group breaks what NAT would carry.
    """
    shut = SecurityGroup("sg-end", (Rule("tcp", 443, 443, groups=("sg-x",)),), ())
    groups = SecurityGroups((NET.groups.items[0], shut))
    net = with_endpoints(endpoint("ecr.dkr"), net=replace(PRIVATE, groups=groups))

    assert ("endpoint-security-group", "no-ingress") == blocked(net, "ecr-dkr")
    assert ("open", "nat") == short(to(net, "ecr-api"))


@pytest.mark.parametrize(
    ("change", "vpc", "reason"),
    [
        ({"private_dns": False}, {}, ("dns", "private-dns-off")),
        ({}, {"dns_hostnames": False}, ("dns", "vpc-dns-off")),
        ({"state": "pendingAcceptance"}, {}, ("endpoint", "endpoint-unavailable")),
        ({"subnets": ()}, {}, ("endpoint", "endpoint-unavailable")),
    ],
)
def test_endpoint_that_names_do_not_lead_to(change, vpc, reason):
    """
    An endpoint out of use is to blame only where there is no way out instead.
    """

    def of(net):
        used = replace(net, vpc=replace(net.vpc, **vpc))
        return with_endpoints(endpoint("ecr.dkr", **change), net=used)

    assert reason == blocked(of(NET), "ecr-dkr")
    assert ("open", "nat") == short(to(of(PRIVATE), "ecr-dkr"))


def test_dns_that_is_off_stops_every_name():
    """
    Without Amazon's DNS, and without another, no name is found at all.
    """
    mute = replace(PRIVATE, vpc=replace(NET.vpc, dns_support=False))

    assert ("dns", "vpc-dns-off") == blocked(mute, "dockerhub")
    own = replace(mute, vpc=replace(mute.vpc, dns_servers=("10.0.0.53",)))
    assert "open" == to(own, "dockerhub").state


def test_group_of_the_task_must_reach_the_endpoint():
    """
    Egress to the endpoint's group, or to the addresses it has, is enough.
    """

    def egress(**rule):
        mine = SecurityGroup("sg-task", (), (Rule("tcp", 443, 443, **rule),))
        groups = SecurityGroups((mine, NET.groups.items[1]))
        return to(
            with_endpoints(endpoint("ecr.dkr"), net=replace(NET, groups=groups)), "ecr-dkr"
        ).state

    assert "open" == egress(groups=("sg-end",))
    assert "open" == egress(cidrs=("10.0.0.0/16",))
    assert "closed" == egress(groups=("sg-x",))
    assert "closed" == egress(cidrs=("52.0.0.0/8",))


def test_layers_need_the_gateway_on_the_table_in_use():
    """
    A gateway endpoint serves the tables it is on; on the main table alone it does not help.
    """
    gateway = endpoint("s3", type="Gateway", private_dns=False, subnets=(), groups=())
    on = with_endpoints(replace(gateway, route_tables=("rtb-a",)), net=routed())
    off = with_endpoints(replace(gateway, route_tables=("rtb-1",)), net=routed())
    around = with_endpoints(replace(gateway, route_tables=("rtb-1",)), net=PRIVATE)

    assert ("open", "gateway-endpoint") == short(to(on, "s3-layers"))
    assert ("route", "not-on-table") == blocked(off, "s3-layers")
    assert ("open", "nat") == short(to(around, "s3-layers"))


def test_endpoint_of_another_region_does_not_serve():
    """
    An image in another Region does not come through this Region's endpoints.
    """
    net = with_endpoints(endpoint("ecr.dkr"))

    assert "closed" == path(net, "subnet-a", "ecr-dkr", region="us-east-1").state


def test_endpoint_that_failed_serves_nobody():
    """
    A failed endpoint is as good as none.
    """
    failed = with_endpoints(endpoint("ecr.dkr", state="failed"))

    assert "endpoint-missing" in [h.why.get("reason") for h in to(failed, "ecr-dkr").hops]


def test_fips_endpoint_serves_hosts_of_that_name():
    """
    Which of its hosts a start asks, nobody told; with a way out, either does.
    """
    fips = endpoint("ecr-fips.dkr")

    assert "unknown" == to(with_endpoints(fips), "ecr-dkr").state
    assert ("open", "nat") == short(to(with_endpoints(fips, net=PRIVATE), "ecr-dkr"))
    assert "open" == to(with_endpoints(fips, endpoint("ecr.dkr")), "ecr-dkr").state


def test_interface_endpoint_for_layers_beside_a_gateway():
    """
    Whether names lead to the one or past the other, nobody told; with a way out it is no matter.
    """
    gateway = endpoint("s3", type="Gateway", route_tables=("rtb-1",))
    both = (gateway, endpoint("s3", id="vpce-9"))

    assert "unknown" == to(with_endpoints(*both, net=routed()), "s3-layers").state
    assert "open" == to(with_endpoints(*both, net=PRIVATE), "s3-layers").state
