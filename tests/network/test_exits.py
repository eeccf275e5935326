"""The way out of the VPC."""

from __future__ import annotations

from dataclasses import replace

from bot.facts import (
    AclEntry,
    InternetGateways,
    NatGateways,
    NetworkAcl,
    NetworkAcls,
    Route,
    RouteTable,
    RouteTables,
)
from tests.network.subnet import (
    LOCAL,
    NET,
    OPEN_ACL,
    PRIVATE,
    PUBLIC,
    WITH_IP,
    blocked,
    routed,
    short,
    to,
)


def test_public_subnet_needs_a_public_address():
    """
    The internet gateway serves only interfaces with a public address.
    """
    assert ("open", "internet") == short(to(WITH_IP, "dockerhub"))
    assert ("interface", "no-public-ip") == blocked(PUBLIC, "dockerhub")
    unsure = replace(PUBLIC, interface=replace(NET.interface, public_ip=None))
    assert "unknown" == to(unsure, "dockerhub").state


def test_detached_gateway_and_black_hole():
    """
    A route into nothing is no route.
    """
    gone = replace(WITH_IP, gateways=InternetGateways(()))
    hole = routed(Route("0.0.0.0/0", "igw-1", "blackhole"))

    assert ("internet-gateway", "detached") == blocked(gone, "dockerhub")
    assert ("route", "blackhole") == blocked(hole, "dockerhub")


def test_nat_gateway_and_all_that_it_needs():
    """
    A NAT gateway works when it is available, public, and routes on to the internet.
    """
    stuck = RouteTable("rtb-b", False, ("subnet-b",), (LOCAL,))

    def nat(**more):
        return replace(PRIVATE, nats=NatGateways((replace(PRIVATE.nats.items[0], **more),)))

    assert ("open", "nat") == short(to(PRIVATE, "dockerhub"))
    assert ("nat", "nat-unavailable") == blocked(nat(state="failed"), "dockerhub")
    assert ("nat", "nat-private") == blocked(nat(public=False), "dockerhub")
    lost = routed(Route("0.0.0.0/0", "nat-1"), more=(stuck,))
    assert ("nat", "nat-without-route") == blocked(lost, "dockerhub")
    assert "unknown" == to(nat(state="pending"), "dockerhub").state
    assert "unknown" == to(nat(id="nat-2"), "dockerhub").state


def test_own_table_hides_the_main_one():
    """
    A subnet with a table of its own does not use the main table, and says which it used.
    """
    main = replace(WITH_IP, tables=RouteTables(WITH_IP.tables.items[1:]))

    assert ("route", "no-route") == blocked(routed(), "dockerhub")
    assert to(main, "dockerhub").hops[-2].why["main"] is True
    unread = replace(NET, tables=RouteTables((RouteTable("rtb-x", False, ("subnet-x",), ()),)))
    assert "unknown" == to(unread, "dockerhub").state


def test_acl_numbers_decide_in_order():
    """
    The lowest number that matches decides, for the way out and for the answers.
    """

    def with_entries(*entries):
        acl = NetworkAcl("acl-1", ("subnet-a", "subnet-b"), (*OPEN_ACL, *entries))
        return replace(PRIVATE, acls=NetworkAcls((acl,)))

    deny_out = AclEntry(90, True, False, "6", "0.0.0.0/0", 443, 443)
    deny_in = AclEntry(90, False, False, "6", "0.0.0.0/0", 1024, 65535)

    assert ("network-acl", "acl-blocks") == blocked(with_entries(deny_out), "dockerhub")
    assert ("network-acl", "acl-blocks") == blocked(with_entries(deny_in), "dockerhub")
    late = replace(deny_out, number=110)
    assert "open" == to(with_entries(late, replace(deny_in, number=32766)), "dockerhub").state
    assert "open" == to(with_entries(replace(deny_out, protocol="17")), "dockerhub").state
    assert "open" == to(with_entries(replace(deny_out, cidr="::/0")), "dockerhub").state
