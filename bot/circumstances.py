"""What the conditions of a policy see of a pull: over which endpoint it comes, and from where. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.facts import (
    Circumstances,
    ImageReference,
    NatGateways,
    Platform,
    RouteTables,
    Seen,
    Subject,
    Subnets,
    Vpc,
    VpcEndpoint,
    VpcEndpoints,
)
from bot.model import Unknown
from bot.network.routing import effective
from bot.network.view import GONE

BY_ENDPOINT = ("aws:SourceVpce", "aws:SourceVpc", "aws:VpcSourceIp")
# Where routes lead that no private name can bring to an endpoint of another VPC.
SEEN_THROUGH = ("local", "igw-", "eigw-", "nat-", "vpce-")
NOWHERE = Seen()
AMAZON = {"AmazonProvidedDNS"}


def seen_by_ecr(
    subject: Subject,
    image: ImageReference,
    platform: Platform | Unknown,
    subnets: Subnets | Unknown,
    tables: RouteTables | Unknown,
    endpoints: VpcEndpoints | Unknown,
    nats: NatGateways | Unknown,
    vpc: Vpc | Unknown,
) -> Circumstances:
    """Return what is known of the login, and of the requests for the image.

    AWS's pages differ on whose interface the login of a Fargate task leaves by, so that stays open.
    """
    near = image.region == subject.region
    both = {"aws:SecureTransport": "true", **_region(image.region)}
    around = _Around(subject.region, subnets, tables, endpoints, nats, vpc)
    # Other hosts have names and endpoints of their own.
    usual = near and ".dkr.ecr." in image.host
    own = isinstance(platform, Platform) and platform.launch_type != "FARGATE"
    login = around.seen("ecr.api") if usual and own else NOWHERE
    read = around.seen("ecr.dkr") if usual else NOWHERE
    return Circumstances(_with(both if near else {}, login), _with(both, read))


@dataclass(frozen=True, slots=True)
class _Around:
    """The network that a pull comes from."""

    region: str
    subnets: Subnets | Unknown
    tables: RouteTables | Unknown
    endpoints: VpcEndpoints | Unknown
    nats: NatGateways | Unknown
    vpc: Vpc | Unknown

    def seen(self, service: str) -> Seen:
        """Return what ECR sees of a request to its *service*: through an endpoint, or over the internet."""
        endpoints, subnets, vpc = self.endpoints, self.subnets, self.vpc
        if isinstance(endpoints, Unknown) or isinstance(subnets, Unknown):
            return NOWHERE
        if isinstance(vpc, Vpc) and not (vpc.dns_support and set(vpc.dns_servers) <= AMAZON):
            return NOWHERE  # names lead where we do not see
        found = _endpoints(endpoints, self.region, service)
        if not found and _open(subnets, self.tables):
            return Seen(_address(subnets, self.tables, self.nats), frozenset(BY_ENDPOINT))
        inside = {i.vpc for i in subnets.items}
        if len(found) != 1 or not found[0].private_dns or len(inside) != 1:
            return NOWHERE
        known = {"aws:SourceVpce": found[0].id, "aws:SourceVpc": inside.pop()}
        return Seen(known, frozenset({"aws:SourceIp"}))


def _region(region: str | None) -> Mapping[str, str]:
    return {"aws:RequestedRegion": region} if region else {}


def _with(known: Mapping[str, str], found: Seen) -> Seen:
    return Seen({**known, **found.known}, found.absent)


def _endpoints(endpoints: VpcEndpoints, region: str, service: str) -> list[VpcEndpoint]:
    there = (e for e in endpoints.items if e.state.lower() not in GONE)
    return [e for e in there if e.service.endswith(f".{region}.{service}")]


def _address(
    subnets: Subnets, tables: RouteTables | Unknown, nats: NatGateways | Unknown
) -> dict[str, str]:
    """Return the public address that packets leave with, where one NAT gateway has only one."""
    if isinstance(tables, Unknown) or isinstance(nats, Unknown):
        return {}
    used = [effective(s.id, tables.items) for s in subnets.items]
    ways = {r.target for t in used if t for r in t.routes if r.destination == "0.0.0.0/0"}
    ipv6 = any(s.ipv6 for s in subnets.items)
    found = {a for n in nats.items if n.id in ways for a in n.addresses}
    one = len(ways) == 1 and next(iter(ways)).startswith("nat-") and len(found) == 1
    return {"aws:SourceIp": found.pop()} if one and not ipv6 else {}


def _open(subnets: Subnets, tables: RouteTables | Unknown) -> bool:
    """Tell whether all routes of *subnets* lead where we see: into the VPC, or to the internet."""
    if isinstance(tables, Unknown) or not subnets.items:
        return False
    used = [effective(s.id, tables.items) for s in subnets.items]
    routes = [r for t in used if t for r in t.routes]
    return None not in used and all(
        r.target.startswith(SEEN_THROUGH) for r in routes if r.state != "blackhole"
    )
