"""The entries that a network ACL lacks: which rule blocks, and the number that goes before it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from bot.egress.hops import Closure
from bot.egress.situation import Situation
from bot.facts import AclEntry, NetworkAcl
from bot.model import Unknown
from bot.network.addresses import INTERNET, Region, Span, region
from bot.network.filtering import HTTPS, passes
from bot.network.view import NAT_PORTS

LAST = 32767  # the rule with the asterisk
ANYWHERE = "0.0.0.0/0"
FIRST, STEP = 100, 10


@dataclass(frozen=True, slots=True)
class Leg:
    """One direction of a connection as an ACL sees it: who is at the other end, at which ports."""

    way: Literal["in", "out"]
    cidr: str
    ports: Span

    @property
    def egress(self) -> bool:
        return self.way == "out"


@dataclass(frozen=True, slots=True)
class Opening:
    """An entry that would let *leg* through *acl*: its *number*, and the one that stops it now."""

    acl: str
    leg: Leg
    number: int
    blocker: int


def openings(at: Situation, closures: Iterable[Closure]) -> tuple[Opening, ...]:
    """Return the entries that let the ways of *closures* through, each once."""
    acls = at.network.acls
    known = () if isinstance(acls, Unknown) else acls.items
    found: dict[tuple[str, Leg], Opening] = {}
    taken: dict[tuple[str, bool], set[int]] = {}
    for closure in closures:
        acl = next((a for a in known if a.id == closure.hop.id), None)
        for leg in _legs(at, closure) if acl else ():
            if acl is None or (acl.id, leg) in found or _lets(acl, leg):
                continue
            used = taken.setdefault((acl.id, leg.egress), _numbers(acl, egress=leg.egress))
            blocker = _blocker(acl, leg)
            number = _free(used, blocker)
            used.add(number)
            found[acl.id, leg] = Opening(acl.id, leg, number, blocker)
    return tuple(found.values())


def _legs(at: Situation, closure: Closure) -> Iterator[Leg]:
    """Yield what the ACL of the closed hop must let through for the way to work."""
    subnets = {s.id: s.cidr for s in at.subnets.all}
    here, ports = subnets.get(closure.subnet, ""), at.network.ports
    vpc = at.network.vpc
    inside = (here,) if isinstance(vpc, Unknown) else vpc.cidrs
    if closure.hop.why["subnet"] == closure.subnet:
        for cidr in inside if closure.via == "endpoint" else (ANYWHERE,):
            yield Leg("out", cidr, HTTPS)
            yield Leg("in", cidr, ports)
        return
    yield Leg("in", here, HTTPS)
    yield Leg("out", here, ports)
    if closure.via == "nat":
        yield Leg("out", ANYWHERE, HTTPS)
        yield Leg("in", ANYWHERE, NAT_PORTS)


def _lets(acl: NetworkAcl, leg: Leg) -> bool:
    peer = _peer(leg)
    return passes(acl.entries, egress=leg.egress, peer=peer, ports=leg.ports) == "open"


def _peer(leg: Leg) -> Region:
    return INTERNET[4] if leg.cidr == ANYWHERE else region(4, [leg.cidr])


def _numbers(acl: NetworkAcl, *, egress: bool) -> set[int]:
    return {e.number for e in acl.entries if e.egress == egress}


def _blocker(acl: NetworkAcl, leg: Leg) -> int:
    """Return the number of the first entry that stops some of *leg*."""
    denies = (e for e in acl.entries if e.egress == leg.egress and not e.allow)
    for entry in sorted(denies, key=lambda e: e.number):
        if _matches(entry, leg):
            return entry.number
    return LAST


def _matches(entry: AclEntry, leg: Leg) -> bool:
    """Tell whether *entry*, were it the only one and an Allow, would let some of *leg* through."""
    alone = replace(entry, allow=True)
    return passes([alone], egress=leg.egress, peer=_peer(leg), ports=leg.ports) != "closed"


def _free(used: set[int], blocker: int) -> int:
    """Return a number that nobody has, before *blocker*; after the others where that is the last."""
    if blocker < LAST:
        return next((n for n in range(blocker - 1, 0, -1) if n not in used), blocker - 1)
    return next(n for n in range(FIRST, LAST, STEP) if n not in used)
