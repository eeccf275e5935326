"""The one fault of each subnet, and what it makes of a cause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from bot.egress.endpoints import creating, gateway_of, service, usable
from bot.egress.paths import BESIDE, doubt, path_to, reasons, wanting
from bot.egress.situation import Situation
from bot.facts import ImageReference, Subnet
from bot.model import Call, Confirmed, RuledOut, Undecided, Unknown, Verdict
from bot.network import SERVICES, Path, targets
from bot.network.routing import effective

Fault = Literal["none", "unknown", "no-public-ip", "no-route", "no-endpoint", "no-s3"]

# What the login and the manifest come before.
LATE = ("s3-layers", "logs")


@dataclass(frozen=True, slots=True)
class Exit:
    """What happens to a start in one subnet. *missing* are the endpoints that would help.

    *blocked* is the path that something else than these faults closes; *sure* that all are open.
    """

    subnet: str
    table: str
    fault: Fault
    target: str | None = None
    missing: tuple[str, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    blocked: Path | None = None
    sure: bool = False


@lru_cache(maxsize=8)
def exits(at: Situation) -> tuple[Exit, ...]:
    """Return what happens to a start in every subnet that may pull."""
    wanted = targets(at.image, at.platform, at.definition, at.subject.region)
    return tuple(_exit(at, subnet, wanted) for subnet in at.subnets.items)


def outward(at: Situation, host: str) -> tuple[Exit, ...]:
    """Return what happens on the way to *host* on the internet, in every subnet that may pull."""
    beyond = replace(at, image=ImageReference(host, at.image.container, "other", host, ""))
    return tuple(_exit(beyond, subnet, ("registry",)) for subnet in at.subnets.items)


def _exit(at: Situation, subnet: Subnet, wanted: tuple[str, ...]) -> Exit:
    table = effective(subnet.id, at.tables.items)
    paths = [path_to(at, subnet, target) for target in wanted]
    doubts = {p.target: u for p in paths if (u := doubt(at, subnet, p))}
    lacking = {p.target: p for p in paths if wanting(p) and p.target not in doubts}
    sure = all(p.state == "open" for p in paths)
    way = Exit(subnet.id, table.id if table else "", "none", sure=sure)
    if lacking:
        return _faulty(at, way, lacking)
    if doubts:
        return replace(way, fault="unknown", unknown=tuple(doubts.values()))
    return replace(way, blocked=next((p for p in paths if p.state == "closed"), None))


def _faulty(at: Situation, way: Exit, lacking: Mapping[str, Path]) -> Exit:
    """Return the fault of a subnet that has no way to the targets of *lacking*."""
    first = next(iter(lacking.values()))
    gateway = next((h.id for h in first.hops if h.kind == "internet-gateway"), None)
    bare: Fault = "no-public-ip" if "no-public-ip" in reasons(first) else "no-route"
    way = replace(way, fault=bare, target=gateway)
    if not at.near and lacking.keys() - BESIDE:
        return way
    early = [t for t in lacking if t not in LATE]
    home = at.subject.region
    if not early and "s3-layers" in lacking:
        return replace(way, fault="no-s3", missing=(service(home, "s3"),))
    if not early or any(e.type == "Interface" for e in usable(at.endpoints)):
        way = replace(way, fault="no-endpoint")
    return replace(way, missing=tuple(service(home, SERVICES[t]) for t in lacking))


def verdict(fault: Fault, at: Situation, **proof: object) -> Verdict:
    """Confirm *fault* where a subnet has it, and name the subnets that do and do not.

    Where none has, what else closes a way is named, because no cause here will.
    """
    ways = exits(at)
    closed = [w for w in ways if w.fault == fault]
    missing = dict.fromkeys(m for w in closed for m in w.missing)
    if gateway := gateway_of(at.endpoints, at.subject.region):
        missing.pop(gateway.service, None)  # it is there, if not on the right table
    unsure = [w for w in ways if w.fault == "unknown"]
    rest = [w for w in ways if w.fault == "none" and not w.blocked]
    seen = {
        **proof,
        "closed": [w.subnet for w in closed],
        "open": [w.subnet for w in rest if w.sure],
        "unclear": [w.subnet for w in ways if w in unsure or (w in rest and not w.sure)],
        "tables": sorted({w.table for w in closed}),
        "missing": list(missing),
    }
    if closed:
        return Confirmed(seen)
    if not ways:
        return Undecided((Unknown("Subnets", "no subnet is known"),))
    if unsure:
        return Undecided(tuple(dict.fromkeys(u for w in unsure for u in w.unknown)))
    return RuledOut({**_blocked(ways), **seen})


def _blocked(ways: Iterable[Exit]) -> dict[str, object]:
    """Return the first hop that closes a way for another reason than these faults."""
    found = next((w.blocked for w in ways if w.blocked), None)
    hop = found.blocked_by if found else None
    if found is None or hop is None:
        return {}
    return {
        "blocked_by": hop.id,
        "hop": hop.kind,
        "reason": hop.why["reason"],
        "target": found.target,
        "source": found.source,
    }


def advice(fault: Fault, at: Situation) -> tuple[Call, ...]:
    """Return the calls that give the subnets with *fault* the endpoints they lack."""
    closed = [w for w in exits(at) if w.fault == fault]
    names = dict.fromkeys(m for w in closed for m in w.missing)
    where = [s for s in at.subnets.items if s.id in {w.subnet for w in closed}]
    tables = sorted({w.table for w in closed})
    gateway = gateway_of(at.endpoints, at.subject.region)
    return creating(names, where, tables, at.interface, gateway)
