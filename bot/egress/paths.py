"""Whether a path lacks a way for certain, or what must be known first."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

from bot.egress.endpoints import serves, usable
from bot.egress.situation import Situation
from bot.facts import ImageReference, Route, RouteTables, Subnet
from bot.model import Unknown
from bot.network import Hop, Path, path
from bot.network.addresses import block
from bot.network.families import dual
from bot.network.routing import effective
from bot.partitions import login

# What a way is closed for want of. Filters and names that close one are not among them.
WANTING = {
    "blackhole",
    "detached",
    "endpoint-family",
    "endpoint-missing",
    "nat-private",
    "nat-unavailable",
    "nat-without-gateway",
    "nat-without-route",
    "no-public-ip",
    "no-route",
    "not-on-table",
}
# Gateways that only who made the VPC sees: a route to one that is not listed may well work.
OWNERS = {"detached", "nat-without-gateway"}
# The hops that must be known before nothing is wanting; an endpoint leaves no question.
DECISIVE = {"subnet", "interface", "route", "nat", "internet-gateway", "endpoint"}
GATEWAYS = {"internet-gateway", "nat"}
SEEN_THROUGH = ("local", "igw-", "eigw-", "nat-")
# Targets in the task's own Region, wherever the image is.
BESIDE = {"secretsmanager", "ssm", "logs"}


def path_to(at: Situation, subnet: Subnet, target: str) -> Path:
    """Return the way to *target*; a prefix list of somebody's own is taken for private networks."""
    found = _path(_resolved(at, target), subnet, target)
    if not any(h.why.get("reason") == "routes-differ" for h in found.hops):
        return found
    tables = tuple(
        replace(t, routes=tuple(r for r in t.routes if not _by_list(r))) for t in at.tables.items
    )
    aside = replace(at, network=replace(at.network, tables=RouteTables(tables)))
    other = _path(aside, subnet, target)
    return found if wanting(other) else other


def _resolved(at: Situation, target: str) -> Situation:
    """Return *at* as names lead there: a private address that ECS recorded is the endpoint's.

    Then a DNS server of the VPC's own does answer what Amazon's would.
    """
    vpc = at.network.vpc
    asked = at.said.target in (target, None) and at.said.address is not None
    if not asked or isinstance(vpc, Unknown) or not inside(at, at.said.address or ""):
        return at
    answered = replace(vpc, dns_servers=("AmazonProvidedDNS",))
    return replace(at, network=replace(at.network, vpc=answered))


def inside(at: Situation, address: str) -> bool:
    """Tell whether *address* is one of the VPC."""
    vpc = at.network.vpc
    blocks = () if isinstance(vpc, Unknown) else vpc.cidrs
    spans = (b.span for b in map(block, blocks) if b is not None and b.family == 4)
    number = block(address)
    return number is not None and any(low <= number.span[0] <= high for low, high in spans)


def _by_list(route: Route) -> bool:
    """Tell whether *route* is for a prefix list, and not that of a gateway endpoint."""
    return route.destination.startswith("pl-") and not route.target.startswith("vpce-")


def wanting(found: Path) -> bool:
    """Tell whether *found* is closed for want of a way."""
    return bool(reasons(found) & WANTING)


def reasons(found: Path) -> set[object]:
    """Return why *found* is closed."""
    return {h.why["reason"] for h in found.hops if h.state == "closed"}


def broken(found: Path) -> Hop | None:
    """Return where *found* ends for want of a way."""
    ends = (h for h in found.hops if h.state == "closed" and h.why["reason"] in WANTING)
    return next(ends, None)


def doubt(at: Situation, subnet: Subnet, found: Path) -> Unknown | None:
    """Return what must be known before it is certain whether *found* is wanting."""
    ours = subnet.owner == at.subject.account
    unclear = next((h for h in found.hops if _unclear(h, found, ours=ours)), None)
    if unclear is not None:
        return _unknown(at, subnet, unclear)
    if not wanting(found):
        return None
    inward = at.said.address if resolved_inside(at, found.target) else None
    if hidden := inward or _hidden(at, subnet):
        return Unknown("RouteTables", f"what lies behind {hidden} is not known")
    if subnet.ipv6 and _speaks_ipv6(at.image):
        other = _path(at, subnet, found.target, ipv6=True)
        if other.state != "closed":
            return Unknown("Subnets", f"whether {at.image.host} is reached by IPv6 is not known")
    far = at.image.region or ""
    served = (serves(e, far, "ecr.dkr") for e in usable(at.endpoints))
    if far != at.subject.region and found.target not in BESIDE and any(served):
        because = f"whether the endpoints for {far} serve the pull is not known"
        return Unknown("VpcEndpoints", because)
    return None


def _unclear(hop: Hop, found: Path, *, ours: bool) -> bool:
    """Tell whether *hop* may turn out to be a way, or to be none; *ours* is the VPC."""
    if hop.state == "unknown":
        return hop.kind in DECISIVE and found.via != "endpoint"
    return hop.state == "closed" and not ours and hop.why["reason"] in OWNERS


def _path(at: Situation, subnet: Subnet, target: str, *, ipv6: bool | None = None) -> Path:
    home = at.subject.region
    region = home if target in BESIDE else at.image.region or home
    speaks = ipv6 if ipv6 or _speaks_ipv6(at.image) else False
    if not subnet.cidr and ".dkr-ecr" in at.image.host:
        speaks = True  # ECR's dual-stack host, where nothing but IPv6 can be meant
    # One name of ECR that led inside says nothing good of what endpoints tell of the others.
    led = any(resolved_inside(at, t) for t in ("ecr-api", "ecr-dkr"))
    host = None if led else asked_host(at, target, region)
    return path(at.network, subnet.id, target, region=region, ipv6=speaks, host=host)


def asked_host(at: Situation, target: str, region: str) -> str | None:
    """Return the name that a start asks for; None where that is not for sure.

    By which host a start logs in where FIPS or both families of addresses are wanted, only what
    ECS recorded tells.
    """
    image = at.image.host
    if target == "ecr-dkr":
        return image
    if target != "ecr-api":
        return None
    recorded = at.said.entities.endpoint_host if at.said.target == target else None
    if recorded and f".{region}." in recorded:
        return recorded
    special = "ecr-fips." in image or dual(image) or region.startswith("us-gov-")
    return None if special else login(region)


def resolved_inside(at: Situation, target: str) -> bool:
    """Tell whether the name of *target* led to a private address: to somebody's endpoint."""
    address = at.said.address
    if address is None or at.said.target != target:
        return False
    found = ip_address(address)
    return found.is_private and not found.is_loopback


def _unknown(at: Situation, subnet: Subnet, hop: Hop) -> Unknown:
    """Return what *hop* leaves open, or the fact that could not be read."""
    unread = (g for g in (at.network.nats, at.network.gateways) if isinstance(g, Unknown))
    if hop.kind in GATEWAYS:
        elsewhere = Unknown("RouteTables", f"where {hop.id} leads is not known")
        return next(unread, elsewhere)
    if hop.kind == "route" and hop.why["reason"] != "unread":
        behind = hop.why.get("target") or " ".join(hop.why.get("targets", ()))
        return Unknown("RouteTables", f"what lies behind {behind} is not known")
    return {
        "interface": Unknown("PullInterface", "whether there was a public IP address is not known"),
        "subnet": Unknown("Subnets", f"whether {at.image.host} is reached by IPv6 is not known"),
        "endpoint": Unknown("VpcEndpoints", f"whether names lead to {hop.id} is not known"),
    }.get(hop.kind, Unknown("RouteTables", f"the route table of {subnet.id} is not known"))


def _hidden(at: Situation, subnet: Subnet) -> str | None:
    """Return a target whose other side we cannot see, or an endpoint that is not listed.

    Endpoints may be shared from there, even where it is not the default route.
    """
    table = effective(subnet.id, at.tables.items)
    ours = {e.id for e in at.endpoints.items if e.type == "Gateway"}
    alive = [r.target for r in (table.routes if table else ()) if r.state != "blackhole"]
    return next((t for t in alive if not t.startswith(SEEN_THROUGH) and t not in ours), None)


def _speaks_ipv6(image: ImageReference) -> bool:
    """Tell whether the host may have an IPv6 address; the usual host of ECR has none."""
    return image.registry != "ecr" or ".dkr-ecr" in image.host
