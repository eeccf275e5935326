"""What the faults of all subnets make of a cause, and what would give a subnet its way. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.egress.endpoints import creating, gateway_of, serves, usable
from bot.egress.faults import Exit, Fault, exits, faulty, spare, struck
from bot.egress.hops import KINDS, Closure, open_questions
from bot.egress.situation import Situation
from bot.model import (
    Call,
    Confirmed,
    Plan,
    Risk,
    RuledOut,
    Step,
    Undecided,
    Unknown,
    Verdict,
)
from bot.network import KNOWN_AS, SERVICES
from bot.steps import then_redeploy

JSON = Any
# These are faults of an endpoint that is there.
OF_ENDPOINTS = frozenset(
    {"endpoint-security-group-closed", "endpoint-private-dns-off", "endpoint-unavailable"}
)


def verdict(fault: Fault, at: Situation, **proof: object) -> Verdict:
    """Confirm *fault* where a subnet has it, and name the subnets that do and do not."""
    ways = exits(at)
    closed = faulty(at, fault)
    missing = dict.fromkeys(m for w in closed for m in w.missing)
    if gateway := gateway_of(at.endpoints, at.subject.region):
        missing.pop(gateway.service, None)  # it is there, if not on the right table
    unsure = [w for w in ways if w.fault == "unknown"]
    seen = {
        **proof,
        **_sides(at, closed),
        "tables": sorted({w.table for w in closed}),
        "missing": list(missing),
    }
    if closed:
        return Confirmed(seen)
    if not ways:
        return Undecided((Unknown("Subnets", "no subnet is known"),))
    if unsure:
        return Undecided(tuple(dict.fromkeys(u for w in unsure for u in w.unknown)))
    return RuledOut(seen)


def closed_by(fault: str, at: Situation) -> tuple[Closure, ...]:
    """Return every hop that *fault* closes, on the ways from all subnets."""
    ways = struck(at, lambda w: any(c.fault == fault for c in w.closed))
    return tuple(c for w in ways for c in w.closed if c.fault == fault)


def hop_verdict(fault: str, at: Situation, **proof: object) -> Verdict:
    """Confirm *fault* where it closes a hop of a way that is there, and say for which subnets."""
    ways = exits(at)
    closed = struck(at, lambda w: any(c.fault == fault for c in w.closed))
    found = closed_by(fault, at)
    seen = {
        **proof,
        **_sides(at, closed),
        "hops": list(dict.fromkeys(c.hop.id for c in found if c.hop.id)),
        "targets": list(dict.fromkeys(KNOWN_AS.get(c.target, c.target) for c in found)),
    }
    if found:
        return Confirmed(seen)
    if not ways:
        return Undecided((Unknown("Subnets", "no subnet is known"),))
    left = [u for w in ways for u in _open(fault, at, w)]
    return Undecided(tuple(dict.fromkeys(left))) if left else RuledOut(seen)


def _open(fault: str, at: Situation, way: Exit) -> Iterable[Unknown]:
    """Yield what must be known of *way* before *fault* is ruled out."""
    doubts = way.doubts or {}
    for path in way.ways:
        yield from open_questions(at, path, fault)
        passed = any(h.kind == KINDS[fault] for h in path.hops)
        if path.target in doubts and not passed and _possible(fault, at, path.target):
            yield doubts[path.target]


def _possible(fault: str, at: Situation, target: str) -> bool:
    """Tell whether *fault* may close a way to *target* at all, wherever it leads."""
    vpc = at.network.vpc
    if fault == "vpc-dns-off":
        return isinstance(vpc, Unknown) or not (vpc.dns_support and vpc.dns_hostnames)
    if fault not in OF_ENDPOINTS:
        return True
    region = at.image.region or at.subject.region
    names = {at.subject.region, region}
    return any(
        serves(e, r, SERVICES[target])
        for e in usable(at.endpoints)
        for r in names
        if target in SERVICES
    )


def _sides(at: Situation, closed: list[Exit]) -> dict[str, JSON]:
    """Return which subnets have the fault, which work, and which nobody could judge."""
    others = [w for w in (*exits(at), *spare(at)) if w not in closed]
    unclear = [w for w in others if w.fault in ("none", "unknown") and not w.closed and not w.sure]
    return {
        "closed": [w.subnet for w in closed],
        "open": [w.subnet for w in others if w.sure],
        "unclear": [w.subnet for w in unclear],
    }


def repair(at: Situation, risk: Risk, *steps: Step) -> Plan | None:
    """Return the plan of *steps* with a new deployment of the service that waits for them.

    There is none for a VPC that another account shares with ours: only that one changes it.
    """
    own = {"security-group-rule"}  # groups are those of whoever made them, the rest is the VPC's
    shared = any(s.owner not in (None, at.subject.account) for s in at.subnets.all)
    if not steps or (shared and not {s.kind for s in steps} <= own):
        return None
    return Plan(then_redeploy(*steps, service=at.ours) if at.ours else steps, risk)


def beside(at: Situation) -> list[str]:
    """Return the other subnets of the VPC that its route tables name."""
    ours = {s.id for s in at.subnets.all}
    return sorted({s for t in at.tables.items for s in t.subnets} - ours)


def tables_of(fault: Fault, at: Situation) -> list[str]:
    """Return the route tables in effect for the subnets with *fault*."""
    return sorted({w.table for w in faulty(at, fault) if w.table})


def advice(fault: Fault, at: Situation) -> tuple[Call, ...]:
    """Return the calls that give the subnets with *fault* the endpoints they lack."""
    closed = faulty(at, fault)
    names = dict.fromkeys(m for w in closed for m in w.missing)
    where = [s for s in at.subnets.all if s.id in {w.subnet for w in closed}]
    tables = sorted({w.table for w in closed})
    gateway = gateway_of(at.endpoints, at.subject.region)
    return creating(names, where, tables, at.interface, gateway)
