"""A small VPC to break in the tests of the network: subnet a pulls, beside subnet b."""

from __future__ import annotations

from dataclasses import replace

from bot.facts import (
    AclEntry,
    InternetGateways,
    NatGateway,
    NatGateways,
    NetworkAcl,
    NetworkAcls,
    PrefixLists,
    PullInterface,
    Route,
    RouteTable,
    RouteTables,
    Rule,
    SecurityGroup,
    SecurityGroups,
    Subnet,
    Subnets,
    Vpc,
    VpcEndpoint,
    VpcEndpoints,
)
from bot.network import Network, path

REGION = "eu-west-1"
SERVICE = f"com.amazonaws.{REGION}."
ANY = Rule("-1", None, None, ("0.0.0.0/0", "::/0"))
LOCAL = Route("10.0.0.0/16", "local")
OPEN_ACL = tuple(
    AclEntry(100, way, True, "-1", c) for way in (True, False) for c in ("0.0.0.0/0", "::/0")
)
FACTS = (
    "interface",
    "subnets",
    "vpc",
    "tables",
    "endpoints",
    "groups",
    "acls",
    "nats",
    "gateways",
    "prefixes",
)


def endpoint(name, **more):
    made = VpcEndpoint(
        f"vpce-{name}", SERVICE + name, "Interface", "available",
        private_dns=True, subnets=("subnet-b",), groups=("sg-end",),
    )  # fmt: skip
    return replace(made, **more)


# A private subnet a beside b, in which a NAT gateway and the endpoints stand.
NET = Network(
    interface=PullInterface(("subnet-a",), ("sg-task",), public_ip=False),
    subnets=Subnets((Subnet("subnet-a", "vpc-1", "a", "10.0.0.0/24", ("2a05:1::/64",)),)),
    vpc=Vpc("vpc-1", ("10.0.0.0/16",), dns_support=True, dns_hostnames=True),
    tables=RouteTables((RouteTable("rtb-1", True, (), (LOCAL,)),)),
    endpoints=VpcEndpoints(()),
    groups=SecurityGroups(
        (
            SecurityGroup("sg-task", (), (ANY,)),
            SecurityGroup("sg-end", (Rule("tcp", 443, 443, groups=("sg-task",)),), ()),
        )
    ),
    acls=NetworkAcls((NetworkAcl("acl-1", ("subnet-a", "subnet-b"), OPEN_ACL),)),
    nats=NatGateways((NatGateway("nat-1", "subnet-b", "available"),)),
    gateways=InternetGateways(("igw-1",)),
    prefixes=PrefixLists({"pl-1": SERVICE + "s3", "pl-2": SERVICE + "dynamodb"}),
)


def routed(*routes, more=(), **table):
    own = RouteTable("rtb-a", False, ("subnet-a",), (LOCAL, *routes))
    main = RouteTable("rtb-1", True, (), (LOCAL, Route("0.0.0.0/0", "igw-1")))
    return replace(NET, tables=RouteTables((replace(own, **table), main, *more)))


def with_endpoints(*items, net=NET):
    return replace(net, endpoints=VpcEndpoints(items))


def to(net, target, **more):
    return path(net, "subnet-a", target, region=REGION, **more)


def blocked(net, target, **more):
    found = to(net, target, **more)
    assert found.state == "closed"
    return found.blocked_by.kind, found.blocked_by.why["reason"]


PUBLIC = routed(Route("0.0.0.0/0", "igw-1"))
PRIVATE = routed(Route("0.0.0.0/0", "nat-1"))
WITH_IP = replace(PUBLIC, interface=replace(NET.interface, public_ip=True))


def short(found):
    return found.state, found.via
