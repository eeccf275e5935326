"""Is there a way from a subnet to a registry: by hand, and against a slow second opinion."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.facts import (
    AclEntry,
    Container,
    ImageReference,
    InternetGateways,
    NatGateway,
    NatGateways,
    NetworkAcl,
    NetworkAcls,
    Platform,
    PrefixLists,
    PullInterface,
    Route,
    RouteTable,
    RouteTables,
    Rule,
    SecretReference,
    SecurityGroup,
    SecurityGroups,
    Subnet,
    Subnets,
    TaskDefinition,
    Vpc,
    VpcEndpoint,
    VpcEndpoints,
)
from bot.model import Unknown
from bot.network import Network, path, paths, targets
from tests.network import worlds

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


# --- what must not be called closed --------------------------------------------------------


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


# --- out of the VPC ------------------------------------------------------------------------


def test_public_subnet_needs_a_public_address():
    """
    The internet gateway serves only interfaces with a public address.
    """
    assert ("open", "internet") == _short(to(WITH_IP, "dockerhub"))
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

    assert ("open", "nat") == _short(to(PRIVATE, "dockerhub"))
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


# --- endpoints -----------------------------------------------------------------------------


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
    assert ("open", "nat") == _short(to(net, "ecr-api"))


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
    assert ("open", "nat") == _short(to(of(PRIVATE), "ecr-dkr"))


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

    assert ("open", "gateway-endpoint") == _short(to(on, "s3-layers"))
    assert ("route", "not-on-table") == blocked(off, "s3-layers")
    assert ("open", "nat") == _short(to(around, "s3-layers"))


def test_endpoint_of_another_region_does_not_serve():
    """
    An image in another Region does not come through this Region's endpoints.
    """
    net = with_endpoints(endpoint("ecr.dkr"))

    assert "closed" == path(net, "subnet-a", "ecr-dkr", region="us-east-1").state


# --- subnets -------------------------------------------------------------------------------


def test_subnet_that_is_gone():
    """
    A subnet that does not exist any more is where the way ends.
    """
    gone = replace(NET, subnets=Subnets((), ("subnet-a",)))

    assert ("subnet", "subnet-missing") == blocked(gone, "dockerhub")


def test_ipv6_only_subnet():
    """
    There, a host that answers over IPv4 alone is out of reach; another goes by IPv6 rules.
    """
    subnet = Subnet("subnet-a", "vpc-1", "a", "", ("2a05:1::/64",))
    only = replace(routed(Route("::/0", "eigw-1")), subnets=Subnets((subnet,)))

    assert ("subnet", "ipv6-only") == blocked(only, "ecr-dkr", ipv6=False)
    assert "unknown" == to(only, "ecr-dkr").state
    assert "open" == to(only, "ecr-dkr", ipv6=True).state
    v4_only = SecurityGroups((SecurityGroup("sg-task", (), (replace(ANY, cidrs=("0.0.0.0/0",)),)),))
    assert "closed" == to(replace(only, groups=v4_only), "ecr-dkr", ipv6=True).state


def test_second_family_may_do_where_the_first_does_not():
    """
    In a subnet of both families, a host of both is reached by either.
    """
    six = routed(Route("::/0", "eigw-1"))

    assert "open" == to(six, "dockerhub", ipv6=True).state
    assert "closed" == to(six, "dockerhub").state


# --- targets -------------------------------------------------------------------------------

ECR = ImageReference("x", "web", "ecr", "h", "web", account="123456789012", region=REGION)
TASK = TaskDefinition(
    "arn", "web", 1, None, None, "awsvpc",
    (
        Container("web", "x", log_driver="awslogs", secrets=(
            SecretReference("A", f"arn:aws:secretsmanager:{REGION}:123456789012:secret:a"),
            SecretReference("B", "/shop/b"),
        )),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("platform", "wanted"),
    [
        (Platform("EXTERNAL"), ()),
        (Platform("FARGATE", "1.3.0"), ("ecr-dkr", "s3-layers")),
        (Platform("FARGATE", "1.4.0"), ("secretsmanager", "ssm", "ecr-api", "ecr-dkr", "s3-layers", "logs")),
        (Platform("FARGATE", "LATEST"), ("secretsmanager", "ssm", "ecr-api", "ecr-dkr", "s3-layers", "logs")),
        (Platform("EC2"), ("secretsmanager", "ssm", "ecr-api", "ecr-dkr", "s3-layers", "logs")),
    ],
)  # fmt: skip
def test_targets_of_a_platform(platform, wanted):
    """
    Old Fargate needs less of the task's interface; the customer's own machines nothing of a VPC.
    """
    assert wanted == targets(ECR, platform, TASK)


def test_targets_of_windows_and_other_registries():
    """
    Windows on Fargate counts its versions from 1.0.0 and still takes the task's interface.
    """
    windows = replace(
        TASK, raw={"runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}}
    )
    hub = replace(ECR, registry="docker-hub")

    assert "ecr-api" in targets(ECR, Platform("FARGATE", "1.0.0"), windows)
    assert ("dockerhub",) == targets(hub, Platform("FARGATE", None))


# --- against the second opinion ------------------------------------------------------------

WANTED = ("ecr-api", "ecr-dkr", "s3-layers", "dockerhub")
WORLDS = 2400


def test_every_answer_agrees_with_trying_every_address():
    """
    Open: every connection works. Closed: none does. What works in part is unknown.
    """
    seen = {"open": 0, "closed": 0, "unknown": 0}
    for seed in range(WORLDS):
        chance = Random(seed)
        world, target = worlds.network(chance), chance.choice(WANTED)
        found, tried = (
            path(world, worlds.TASK, target, region=REGION),
            worlds.opinions(world, target),
        )
        seen[found.state] += 1
        differ = any(h.why.get("reason") == "routes-differ" for h in found.hops)

        assert found.state != "open" or tried == {True}, (seed, found)
        assert found.state != "closed" or tried == {False}, (seed, found)
        assert found.state != "unknown" or differ or tried != {True}, (seed, found)
    assert min(seen["open"], seen["closed"]) > WORLDS / 5
    assert seen["unknown"] < WORLDS / 6


@given(st.integers(0, 2**32), st.sets(st.sampled_from(FACTS)), st.sampled_from(WANTED))
@settings(max_examples=300, deadline=None)
def test_forgetting_facts_never_turns_an_answer(seed, forgotten, target):
    """
    With facts missing, an answer stays or becomes unknown.
    """
    world = worlds.network(Random(seed))
    whole = path(world, worlds.TASK, target, region=REGION).state

    less = worlds.without(world, Unknown("Fact", "denied"), forgotten)
    part = path(less, worlds.TASK, target, region=REGION).state

    assert part in (whole, "unknown")


@given(st.integers(0, 2**32), st.sampled_from(WANTED))
@settings(max_examples=100, deadline=None)
def test_order_of_facts_does_not_matter(seed, target):
    """
    Rules, routes and entries mean the same in any order.
    """
    chance = Random(seed)
    world = worlds.network(chance)

    def mixed(items):
        return tuple(chance.sample(items, len(items)))

    turned = replace(
        world,
        tables=RouteTables(mixed([replace(t, routes=mixed(t.routes)) for t in world.tables.items])),
        acls=NetworkAcls(tuple(replace(a, entries=mixed(a.entries)) for a in world.acls.items)),
        groups=SecurityGroups(
            mixed([replace(g, egress=mixed(g.egress)) for g in world.groups.items])
        ),
    )

    before, after = (path(w, worlds.TASK, target, region=REGION) for w in (world, turned))

    assert (before.state, before.via) == (after.state, after.via)


def _short(found):
    return found.state, found.via
