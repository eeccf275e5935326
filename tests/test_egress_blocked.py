"""Ways that something else than a missing route closes: named, and never taken for one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.aws.reference import split
from bot.catalogue import CAUSES
from bot.causes.network import (
    endpoint_missing,
    no_route_to_registry,
    public_ip_missing,
    s3_route_missing,
)
from bot.diagnosis import judge
from bot.evidence import ask
from bot.facts import (
    AclEntry,
    ImageReference,
    InternetGateways,
    NatGateways,
    NetworkAcl,
    NetworkAcls,
    PrefixLists,
    Route,
    RouteTables,
    Rule,
    SecurityGroup,
    SecurityGroups,
    Subnets,
    TaskDefinition,
    Vpc,
    VpcEndpoints,
)
from bot.model import Confirmed, RuledOut, Undecided, Unknown
from tests.cases.broken import BROKEN_CASES, HEALTHY_CASES
from tests.cases.building import case, endpoints
from tests.cases.healthy import HEALTHY, URI, network

MODULES = (public_ip_missing, no_route_to_registry, endpoint_missing, s3_route_missing)
FILTERS = (Vpc, SecurityGroups, NetworkAcls, PrefixLists)
NETWORK = [n for n in BROKEN_CASES if n.split("/")[0].replace("-", "_") in {
    m.__name__.rpartition(".")[2] for m in MODULES
}]  # fmt: skip
COMPLETE = case(endpoints("ecr.api", "ecr.dkr", "s3"))
NO_EGRESS = {SecurityGroups: SecurityGroups((SecurityGroup("sg-task", (), ()),))}
DENY = AclEntry(90, egress=True, allow=False, protocol="6", cidr="0.0.0.0/0")
MUTE = Vpc("vpc-1", ("10.0.0.0/16",), dns_support=False, dns_hostnames=True)


def verdicts(facts):
    return [judge(module.CAUSE, facts) for module in MODULES]


def confirmed(facts):
    return [m.CAUSE.id for m in MODULES if isinstance(judge(m.CAUSE, facts), Confirmed)]


def acl(*entries):
    found = HEALTHY[NetworkAcls].items[0]
    return {NetworkAcls: NetworkAcls((replace(found, entries=(*found.entries, *entries)),))}


def endpoint(index, **change):
    """The complete endpoints with one changed."""
    items = list(COMPLETE[VpcEndpoints].items)
    items[index] = replace(items[index], **change)
    return COMPLETE | {VpcEndpoints: VpcEndpoints(tuple(items))}


def groups(*ingress):
    """The groups of the case, where that of the endpoints lets *ingress* in."""
    task, _ = HEALTHY[SecurityGroups].items
    return {SecurityGroups: SecurityGroups((task, SecurityGroup("sg-endpoint", ingress, ())))}


@pytest.mark.parametrize(
    ("facts", "which", "cause"),
    [
        (case(NO_EGRESS), "sg-task", "task-security-group-closed"),
        (COMPLETE | NO_EGRESS, "sg-task", "task-security-group-closed"),
        (COMPLETE | groups(), "sg-endpoint", "endpoint-security-group-closed"),
        (case(acl(DENY)), "acl-1", "network-acl-blocks"),
        (case({Vpc: MUTE}), "vpc-1", "vpc-dns-off"),
        (endpoint(0, private_dns=False), "vpce-ecr-api", "endpoint-private-dns-off"),
        (endpoint(1, state="pendingAcceptance"), "vpce-ecr-dkr", "endpoint-unavailable"),
    ],
)  # fmt: skip
def test_what_else_closes_the_way_is_another_cause(facts, which, cause):
    """
    No cause of these four holds where a filter or a name is to blame, but exactly one other.
    """
    everything = [(c.id, judge(c, facts)) for c in CAUSES if c.group == "network"]
    ((found, verdict),) = [(i, v) for i, v in everything if isinstance(v, Confirmed)]

    assert (cause, [which]) == (found, verdict.proof["hops"])
    assert (["subnet-a", "subnet-b"], []) == (verdict.proof["closed"], verdict.proof["open"])
    assert {RuledOut} == {type(v) for v in verdicts(facts)}


@pytest.mark.parametrize("name", HEALTHY_CASES)
def test_an_open_way_has_no_cause(name):
    """
    What works has nothing to be blamed.
    """
    found = [judge(c, HEALTHY_CASES[name]) for c in CAUSES if c.group == "network"]

    assert not [v for v in found if isinstance(v, Confirmed)]


@pytest.mark.parametrize("fact", FILTERS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("name", NETWORK)
def test_a_missing_way_is_missing_whatever_filters(name, fact):
    """
    Without a route it does not matter what nobody could read about groups, ACLs and names.
    """
    facts = BROKEN_CASES[name]

    assert confirmed(facts) == confirmed(facts | {fact: Unknown(fact.__name__, "denied")})
    assert confirmed(facts) == confirmed(facts | NO_EGRESS) == confirmed(facts | acl(DENY))


@pytest.mark.parametrize("fact", FILTERS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("facts", [HEALTHY, COMPLETE], ids=["nat", "endpoints"])
def test_a_way_is_there_whatever_filters(facts, fact):
    """
    A filter that nobody could read leaves the route what it is, but the subnets unclear.
    """
    for verdict in verdicts(facts | {fact: Unknown(fact.__name__, "denied")}):
        assert isinstance(verdict, RuledOut)
        assert ["subnet-a", "subnet-b"] == verdict.proof["open"] + verdict.proof["unclear"]


@pytest.mark.parametrize("fact", [NatGateways, InternetGateways], ids=lambda f: f.__name__)
def test_gateways_that_could_not_be_read_leave_it_open(fact):
    """
    Behind a NAT gateway nothing is decided without both, and the grant is told; without a route
    to a gateway neither matters.
    """
    denied = Unknown(fact.__name__, "denied", "ec2:Describe")
    closed = case(network(public=False, default=None))

    assert [Undecided((denied,))] * 4 == verdicts(HEALTHY | {fact: denied})
    assert ["no-route-to-registry"] == confirmed(closed | {fact: denied})


def test_subnet_behind_a_filter_is_no_way_around():
    """
    A subnet whose ACL blocks is not offered as unaffected.
    """
    found = HEALTHY[NetworkAcls].items[0]
    first = NetworkAcl("acl-1", ("subnet-a", "subnet-nat"), found.entries)
    acls = NetworkAcls((first, NetworkAcl("acl-2", ("subnet-b",), (DENY,))))
    tables = HEALTHY[RouteTables].items
    split_up = (
        *(replace(t, subnets=("subnet-b",)) if t.id == "rtb-task" else t for t in tables),
        replace(tables[0], id="rtb-a", main=False, subnets=("subnet-a",)),
    )
    facts = HEALTHY | {NetworkAcls: acls, RouteTables: RouteTables(split_up)}
    proof = judge(no_route_to_registry.CAUSE, facts).proof

    assert (["subnet-a"], [], []) == (proof["closed"], proof["open"], proof["unclear"])


def test_host_that_may_speak_ipv6():
    """
    Where the registry may answer over IPv6, a way for that alone leaves it open.
    """
    facts = case(network(public=False, default=None))
    both = tuple(replace(s, ipv6=("2a05:1::/64",)) for s in facts[Subnets].items)
    tables = tuple(
        replace(t, routes=(*t.routes, Route("::/0", "eigw-1"))) for t in facts[RouteTables].items
    )
    facts |= {Subnets: Subnets(both), RouteTables: RouteTables(tables)}
    anything = SecurityGroup("sg-task", (), (Rule("-1", None, None, ("0.0.0.0/0", "::/0")),))
    facts |= {SecurityGroups: SecurityGroups((anything,))}
    facts |= acl(*(replace(e, cidr="::/0") for e in HEALTHY[NetworkAcls].items[0].entries))
    dual = split(URI.replace("dkr.ecr", "dkr-ecr").replace("amazonaws.com", "on.aws"), "app")

    assert ["no-route-to-registry"] == confirmed(facts)
    assert {Undecided} == {type(v) for v in verdicts(facts | {ImageReference: dual})}


def test_gateway_on_another_table_is_not_missing():
    """
    Beside endpoints that are missing, the layers' own is put on the table instead of made again.
    """
    facts = case(endpoints("ecr.api", "s3", tables=("rtb-main",)))
    calls = ask(endpoint_missing.advise, facts)

    assert ["com.amazonaws.eu-west-1.ecr.dkr"] == ask(endpoint_missing.decide, facts).proof[
        "missing"
    ]
    assert ["create_vpc_endpoint", "modify_vpc_endpoint"] == [c.operation for c in calls]


def test_ports_of_windows():
    """
    Windows answers on other ports than Linux, so that an ACL may let in the one alone.
    """
    out, _ = HEALTHY[NetworkAcls].items[0].entries
    low = AclEntry(80, False, True, "6", "0.0.0.0/0", 32768, 49151)
    high = AclEntry(81, False, True, "6", "0.0.0.0/0", 49152, 65535)
    https = AclEntry(82, False, True, "6", "0.0.0.0/0", 443, 443)
    narrow = NetworkAcl("acl-1", ("subnet-a", "subnet-b"), (out, high, https))
    wide = replace(narrow, id="acl-2", subnets=("subnet-nat",), entries=(out, low, high, https))
    facts = case({NetworkAcls: NetworkAcls((narrow, wide))}, network(public=True, default="igw-1"))
    facts |= {NetworkAcls: NetworkAcls((narrow, wide))}
    system = {"runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}}
    windows = replace(HEALTHY[TaskDefinition], raw=HEALTHY[TaskDefinition].raw | system)

    assert ["subnet-a", "subnet-b"] == verdicts(facts)[0].proof["unclear"]
    assert ["subnet-a", "subnet-b"] == verdicts(facts | {TaskDefinition: windows})[0].proof["open"]
