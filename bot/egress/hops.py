"""The closed hops of a way, each with the one fault that it is. Pure.

Where a way is wanting, filters are no matter yet: what they must let through depends on the way
that somebody gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.egress.situation import Situation
from bot.model import Unknown
from bot.network import Hop, Path
from bot.network.view import Kind, Via

# Why a hop is closed -> the cause that speaks of it.
FAULTS: Mapping[str, str] = {
    "no-egress": "task-security-group-closed",
    "no-ingress": "endpoint-security-group-closed",
    "acl-blocks": "network-acl-blocks",
    "vpc-dns-off": "vpc-dns-off",
    "private-dns-off": "endpoint-private-dns-off",
    "endpoint-unavailable": "endpoint-unavailable",
    "ipv6-only": "ipv6-only-subnet",
}
# The kind of hop that must be known before such a cause is ruled out.
KINDS: Mapping[str, Kind] = {
    "task-security-group-closed": "security-group",
    "endpoint-security-group-closed": "endpoint-security-group",
    "network-acl-blocks": "network-acl",
    "vpc-dns-off": "dns",
    "endpoint-private-dns-off": "dns",
    "endpoint-unavailable": "endpoint",
    "ipv6-only-subnet": "subnet",
}
# These are judged by what a packet passes; where the registry answered, nothing closes its way.
FILTERING = frozenset(
    {
        "task-security-group-closed",
        "endpoint-security-group-closed",
        "network-acl-blocks",
        "vpc-dns-off",
        "custom-dns-server",
    }
)
# These refuse what arrives: the registry answers, and no filter is closed.
REFUSING = frozenset({"endpoint-policy-denies", "s3-endpoint-policy-denies"})


@dataclass(frozen=True, slots=True)
class Closure:
    """A closed hop on the way from *subnet* to *target*, which packets take *via* something."""

    fault: str
    subnet: str
    target: str
    via: Via
    hop: Hop


def closures(found: Path) -> tuple[Closure, ...]:
    """Return the closed hops of *found*, which has a way, in their order."""
    closed = (h for h in found.hops if h.state == "closed")
    named = ((FAULTS.get(str(h.why["reason"])), h) for h in closed)
    return tuple(Closure(f, found.source, found.target, found.via, h) for f, h in named if f)


def open_questions(at: Situation, found: Path, fault: str) -> tuple[Unknown, ...]:
    """Return what leaves open whether *found* is closed by *fault*."""
    hops = (h for h in found.hops if h.kind == KINDS[fault] and h.state == "unknown")
    return tuple(dict.fromkeys(_unknown(at, h) for h in hops))


def _unknown(at: Situation, hop: Hop) -> Unknown:
    net = at.network
    unread = {
        "security-group": (net.groups,),
        "endpoint-security-group": (net.groups,),
        "network-acl": (net.acls,),
        "dns": (net.vpc,),
    }.get(hop.kind, ())
    if missing := next((f for f in unread if isinstance(f, Unknown)), None):
        return missing
    if hop.why.get("fact") == "PullInterface":
        return Unknown("PullInterface", "its security groups are not known")
    if hop.kind == "dns":
        return Unknown("Vpc", f"whether names lead to {hop.why.get('endpoint')} is not known")
    fact = "NetworkAcls" if hop.kind == "network-acl" else "SecurityGroups"
    if hop.kind in ("subnet", "endpoint"):
        return Unknown("Subnets", f"whether {at.image.host} is reached by IPv6 is not known")
    if hop.id is None:
        return Unknown(fact, "which of several addresses answers is not known")
    return Unknown(fact, f"what {hop.id} lets through depends on the address")
