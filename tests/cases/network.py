"""Recorded services that are broken by the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.facts import (
    AclEntry,
    ImageCopy,
    InternetGateways,
    NatGateway,
    NatGateways,
    NetworkAcl,
    NetworkAcls,
    Platform,
    PullInterface,
    Route,
    RouteTable,
    RouteTables,
    Rule,
    SecurityGroups,
    Service,
    Subnets,
    Vpc,
    VpcEndpoint,
    VpcEndpoints,
)
from bot.model import Unknown
from tests.cases.building import (
    REDIS,
    Facts,
    case,
    endpoints,
    host,
    image,
    mixed,
    with_acl,
    with_endpoint,
    with_groups,
    with_route,
)
from tests.cases.healthy import ACCOUNT, HEALTHY, OLD, URI, network

PRIVATE = endpoints("ecr.api", "ecr.dkr", "s3")
# What nobody asks for where no interface is known.
BY_INTERFACE = (
    Subnets, Vpc, RouteTables, VpcEndpoints, SecurityGroups, NetworkAcls, NatGateways,
    InternetGateways,
)  # fmt: skip
HTTPS = Rule("tcp", 443, 443, ("10.0.0.0/16",))
DENY = AclEntry(90, egress=True, allow=False, protocol="6", cidr="0.0.0.0/0")
ANSWERS = AclEntry(50, False, False, "6", "0.0.0.0/0", 1024, 65535)
HOLE = Route("0.0.0.0/0", "nat-1", "blackhole")
GATEWAY = Route("0.0.0.0/0", "igw-1", "blackhole")
VPC: Vpc = HEALTHY[Vpc]  # type: ignore[assignment]
FAR = URI.replace("eu-west-1", "us-east-1")
LOCAL = Route("10.0.0.0/16", "local")
NAT = NatGateway("nat-1", "subnet-nat", "available")
SIX = Rule("-1", None, None, ("::/0",))
OPEN_ACL: NetworkAcl = HEALTHY[NetworkAcls].items[0]  # type: ignore[attr-defined]
BOTH = tuple(replace(e, cidr="::/0") for e in OPEN_ACL.entries)
ACLS: Facts = {NetworkAcls: NetworkAcls((replace(OPEN_ACL, entries=BOTH),))}
COPIED: Facts = {ImageCopy: ImageCopy(OLD, "ACTIVE")}


def policy(*statements: Mapping[str, object]) -> dict[str, object]:
    """The policy of an endpoint."""
    return {"Version": "2012-10-17", "Statement": [dict(s) for s in statements]}


ALL = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
FOREIGN = {"StringNotEquals": {"aws:PrincipalOrgID": "o-ours"}}
READING = policy({**ALL, "Action": "ecr:Describe*"})
DENYING = policy(ALL, {**ALL, "Effect": "Deny", "Action": "ecr:BatchGetImage"})
OWN = policy({**ALL, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-ours"}}})
GUARDED = policy(ALL, {**ALL, "Effect": "Deny", "Condition": FOREIGN})


def ours(facts: Facts) -> Facts:
    """*facts* of a VPC that the task's own account made."""
    found = facts[Subnets].items  # type: ignore[attr-defined]
    return facts | {Subnets: Subnets(tuple(replace(s, owner=ACCOUNT) for s in found))}


def nat(**change: object) -> Facts:
    """A NAT gateway with something else."""
    return {NatGateways: NatGateways((replace(NAT, **change),))}  # type: ignore[arg-type]


def six(facts: Facts) -> Facts:
    """The subnets of *facts* without IPv4, and with a way out over IPv6."""
    found = facts[Subnets].items  # type: ignore[attr-defined]
    subnets = tuple(replace(s, cidr="", ipv6=("2a05:1::/64",)) for s in found)
    out = with_route(facts, "rtb-task", Route("::/0", "eigw-1"))
    return {Subnets: Subnets(subnets), RouteTables: out[RouteTables]}


def named(facts: Facts) -> Facts:
    """*facts* with the names that lead to each of the interface endpoints."""
    found = facts[VpcEndpoints].items  # type: ignore[attr-defined]
    return facts | {VpcEndpoints: VpcEndpoints(tuple(replace(e, names=_names(e)) for e in found))}


def _names(found: VpcEndpoint) -> tuple[str, ...]:
    if found.type != "Interface":
        return ()
    region, *service = found.service.removeprefix("com.amazonaws.").split(".")
    return (".".join((*reversed(service), region, "amazonaws.com")),)


def abroad() -> Facts:
    """The service on a machine outside of AWS: no VPC is on its way."""
    outside = Unknown("PullInterface", "the host is not in AWS")
    facts = host(HEALTHY)
    return facts | {
        Platform: Platform("EXTERNAL"),
        Service: replace(facts[Service], launch_type="EXTERNAL", awsvpc=None),  # type: ignore[type-var]
        **dict.fromkeys((PullInterface, *BY_INTERFACE), outside),
    }


def full(facts: Facts) -> Facts:
    """The subnets of *facts* without a free address, while a task is waiting for one."""
    found = facts[Subnets].items  # type: ignore[attr-defined]
    waiting = replace(HEALTHY[Service], running=1)  # type: ignore[type-var]
    subnets = Subnets(tuple(replace(s, free=0) for s in found))
    return {Subnets: subnets, Service: waiting}


def beside(facts: Facts) -> Facts:
    """*facts* of a start in subnet-a alone; the service's other subnet has a way out of its own."""
    first, second = facts[Subnets].items  # type: ignore[attr-defined]
    found = facts[RouteTables].items  # type: ignore[attr-defined]
    own = RouteTable("rtb-beside", False, ("subnet-b",), (LOCAL, Route("0.0.0.0/0", "nat-2")))
    nats = facts.get(NatGateways, HEALTHY[NatGateways]).items  # type: ignore[attr-defined]
    interface, owner = facts[PullInterface], HEALTHY[Service]
    alike = replace(owner.awsvpc, public_ip=interface.public_ip)  # type: ignore[attr-defined]
    return facts | {
        PullInterface: replace(interface, subnets=("subnet-a",), others=("subnet-b",)),  # type: ignore[type-var]
        Service: replace(owner, awsvpc=alike),  # type: ignore[type-var]
        Subnets: Subnets((first,), others=(replace(second, free=200),)),
        RouteTables: RouteTables(
            (
                own,
                *(
                    replace(t, subnets=tuple(s for s in t.subnets if s != "subnet-b"))
                    for t in found
                ),
            )
        ),
        NatGateways: NatGateways((*nats, replace(NAT, id="nat-2"))),
    }


def unassociated(facts: Facts) -> Facts:
    """*facts* of subnets that nobody gave a route table, beside one that leads out."""
    own = {s.id for s in facts[Subnets].items}  # type: ignore[attr-defined]
    kept = [
        replace(t, main=False, subnets=tuple(s for s in t.subnets if s not in own))
        for t in facts[RouteTables].items  # type: ignore[attr-defined]
    ]
    nats = facts.get(NatGateways, HEALTHY[NatGateways]).items  # type: ignore[attr-defined]
    good = RouteTable("rtb-good", False, ("subnet-z",), (LOCAL, Route("0.0.0.0/0", "nat-3")))
    return facts | {
        RouteTables: RouteTables((RouteTable("rtb-main", True, (), (LOCAL,)), good, *kept)),
        NatGateways: NatGateways((*nats, replace(NAT, id="nat-3"))),
    }


def crowded() -> Facts:
    """The subnet of the start without a free address, the other one with some."""
    facts = full(HEALTHY)
    first, second = facts[Subnets].items  # type: ignore[attr-defined]
    pulling = replace(HEALTHY[PullInterface], subnets=("subnet-a",), others=("subnet-b",))  # type: ignore[type-var]
    return facts | {
        PullInterface: pulling, Subnets: Subnets((first,), others=(replace(second, free=200),))
    }  # fmt: skip


def one_acl() -> Facts:
    """An ACL of its own for the subnet of the start, which refuses HTTPS out."""
    found = HEALTHY[NetworkAcls].items[0]  # type: ignore[attr-defined]
    shut = NetworkAcl("acl-1", ("subnet-a",), (*found.entries, DENY))
    return {
        NetworkAcls: NetworkAcls(
            (shut, replace(found, id="acl-2", subnets=("subnet-b", "subnet-nat")))
        )
    }


HOST = URI.partition("/")[0]
LOST = f"dial tcp: lookup {HOST} on 10.0.0.53:53: no such host"
PULLING = "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to "
ASKING = f'{PULLING}resolve ref {URI}: failed to do request: Head "https://{HOST}/v2/shop": '
SILENT = "dial tcp 52.46.1.2:443: i/o timeout"
OWN_DNS = {Vpc: replace(VPC, dns_servers=("10.0.0.53",))}
CASES: dict[str, Facts] = {
    "public-ip-missing": case(network(public=False, default="igw-1")),
    "public-ip-missing/ec2": case(host(network(public=False, default="igw-1"))),
    "public-ip-missing/mixed": case(mixed()),
    "public-ip-missing/docker-hub": case(REDIS, network(public=False, default="igw-1")),
    "no-route-to-registry": case(network(public=False, default=None)),
    "no-route-to-registry/beside": case(beside(network(public=False, default=None))),
    "no-route-to-registry/ec2": case(host(network(public=False, default=None))),
    "subnet-on-main-route-table": case(unassociated(network(public=False, default=None))),
    "subnet-on-main-route-table/beside": case(
        unassociated(beside(network(public=False, default=None)))
    ),
    "endpoint-missing/api": case(endpoints("ecr.dkr", "s3")),
    "endpoint-missing/dkr": case(endpoints("ecr.api", "s3")),
    "endpoint-missing/both": case(endpoints("s3", "logs", "ssm")),
    "endpoint-family-mismatch": case(named(endpoints("ecr-fips.api", "ecr-fips.dkr", "s3"))),
    "endpoint-family-mismatch/login": case(named(endpoints("ecr-fips.api", "ecr.dkr", "s3"))),
    "s3-route-missing": case(endpoints("ecr.api", "ecr.dkr")),
    "s3-route-missing/table": case(endpoints("ecr.api", "ecr.dkr", "s3", tables=("rtb-main",))),
    "s3-route-missing/ec2": case(host(endpoints("ecr.api", "ecr.dkr"))),
    "endpoint-security-group-closed": case(PRIVATE, with_groups(endpoint=())),
    "endpoint-security-group-closed/ec2": case(host(PRIVATE), with_groups(endpoint=())),
    "task-security-group-closed": case(PRIVATE, with_groups(task=())),
    "task-security-group-closed/nat": case(with_groups(task=())),
    "task-security-group-closed/layers": case(PRIVATE, with_groups(task=(HTTPS,))),
    "task-security-group-closed/docker-hub": case(REDIS, with_groups(task=())),
    "endpoint-private-dns-off": case(with_endpoint(PRIVATE, "vpce-ecr-api", private_dns=False)),
    "vpc-dns-off": case(PRIVATE, {Vpc: replace(VPC, dns_hostnames=False)}),
    "vpc-dns-off/support": case({Vpc: replace(VPC, dns_support=False)}),
    "nat-gateway-broken": case(with_route(HEALTHY, "rtb-task", HOLE)),
    "nat-gateway-broken/beside": case(beside(with_route(HEALTHY, "rtb-task", HOLE))),
    "nat-gateway-broken/failed": case(nat(state="failed")),
    "nat-gateway-broken/private": case(nat(public=False)),
    "nat-gateway-broken/alone": case(with_route(HEALTHY, "rtb-public")),
    "internet-gateway-missing": case(
        with_route(network(public=True, default=None), "rtb-task", GATEWAY)
    ),
    "internet-gateway-missing/beside": case(beside(network(public=True, default=None))),
    "internet-gateway-missing/route": case(network(public=True, default=None)),
    "internet-gateway-missing/detached": case(
        ours(network(public=True, default="igw-1")), {InternetGateways: InternetGateways(())}
    ),
    "network-acl-blocks": case(with_acl(DENY)),
    "network-acl-blocks/beside": case(beside(HEALTHY), one_acl()),
    "network-acl-blocks/answers": case(network(public=True, default="igw-1"), with_acl(ANSWERS)),
    "network-acl-blocks/endpoints": case(PRIVATE, with_acl(DENY)),
    "cross-region-image-unreachable": case(image(FAR), PRIVATE),
    "cross-region-image-unreachable/copied": case(image(FAR), PRIVATE, COPIED),
    "ipv6-only-subnet": case(six(HEALTHY)),
    "ipv6-only-subnet/open": case(six(HEALTHY), with_groups(task=(SIX,)), ACLS),
    "endpoint-policy-denies": case(with_endpoint(PRIVATE, "vpce-ecr-dkr", policy=READING)),
    "endpoint-policy-denies/login": case(with_endpoint(PRIVATE, "vpce-ecr-api", policy=READING)),
    "endpoint-policy-denies/deny": case(with_endpoint(PRIVATE, "vpce-ecr-dkr", policy=DENYING)),
    "s3-endpoint-policy-denies": case(with_endpoint(PRIVATE, "vpce-s3", policy=OWN)),
    "s3-endpoint-policy-denies/deny": case(with_endpoint(PRIVATE, "vpce-s3", policy=GUARDED)),
    "custom-dns-server": case(OWN_DNS, text=ASKING + LOST),
    "custom-dns-server/past": case(PRIVATE, OWN_DNS, text=ASKING + SILENT),
    "external-host-egress-blocked": case(abroad(), text=ASKING + SILENT),
    "external-host-egress-blocked/name": case(abroad(), text=ASKING + LOST),
    "firewall-in-path": case(network(public=False, default="vpce-wall"), text=ASKING + SILENT),
    "firewall-in-path/hub": case(network(public=False, default="tgw-1"), text=ASKING + SILENT),
    "subnet-addresses-exhausted": case(full(HEALTHY)),
    "subnet-addresses-exhausted/beside": case(crowded()),
    "endpoint-unavailable": case(with_endpoint(PRIVATE, "vpce-ecr-dkr", state="pendingAcceptance")),
    "endpoint-unavailable/nowhere": case(with_endpoint(PRIVATE, "vpce-ecr-dkr", subnets=())),
}
