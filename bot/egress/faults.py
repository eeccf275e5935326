"""What happens to a start in each subnet: the one way that it lacks, and the hops that are closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from bot.egress.endpoints import serves, usable, wanted
from bot.egress.hops import Closure, closures
from bot.egress.paths import BESIDE, broken, doubt, path_to, reasons, wanting
from bot.egress.situation import REMEMBERED, Situation
from bot.facts import ImageReference, RouteTable, RouteTables, Subnet
from bot.model import Unknown
from bot.network import Hop, Path, targets
from bot.network.routing import effective

Fault = Literal[
    "none", "unknown", "no-public-ip", "no-route", "no-endpoint", "no-s3", "far", "wrong-family", "main-table",
    "nat-gateway-broken", "internet-gateway-missing",
]  # fmt: skip

GATEWAYS = ("nat-gateway-broken", "internet-gateway-missing")
# What the login and the manifest come before.
LATE = ("s3-layers", "logs")


@dataclass(frozen=True, slots=True)
class Exit:
    """What happens to a start in one subnet. *missing* are the endpoints that would help.

    *hop* is where the way that it lacks ends; *closed* are the hops that close ways it has, *sure*
    that all are open. *ways* are the paths to all targets, *doubts* what leaves some of them open.
    """

    subnet: str
    table: str
    fault: Fault
    target: str | None = None
    missing: tuple[str, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    hop: Hop | None = None
    closed: tuple[Closure, ...] = ()
    sure: bool = False
    ways: tuple[Path, ...] = ()
    doubts: Mapping[str, Unknown] | None = None


@lru_cache(maxsize=REMEMBERED)
def exits(at: Situation) -> tuple[Exit, ...]:
    """Return what happens to a start in every subnet that may pull."""
    reached = targets(at.image, at.platform, at.definition, at.subject.region)
    return tuple(_exit(at, subnet, reached) for subnet in at.subnets.items)


@lru_cache(maxsize=REMEMBERED)
def spare(at: Situation) -> tuple[Exit, ...]:
    """Return what would happen to another try, in the subnets that this one did not get."""
    reached = targets(at.image, at.platform, at.definition, at.subject.region)
    return tuple(_exit(at, subnet, reached) for subnet in at.subnets.others)


def struck(at: Situation, has: Callable[[Exit], bool]) -> list[Exit]:
    """Return the ways that have a fault, those of another try too; none where this one has it not."""
    found = [w for w in exits(at) if has(w)]
    return [*found, *filter(has, spare(at))] if found else []


def faulty(at: Situation, fault: Fault) -> list[Exit]:
    """Return the ways that have *fault*; where a gateway is at fault, those over that same one."""
    first = next((w for w in exits(at) if w.fault == fault), None)
    return struck(at, lambda w: w.fault == fault and _gateway(w) == _gateway(first))


def better(at: Situation, subnet: str) -> str | None:
    """Return a route table that leads a subnet out for sure which nobody gave one."""
    return next((table for table, way in _instead(at, subnet) if way.sure), None)


def _instead(at: Situation, subnet: str) -> list[tuple[str, Exit]]:
    """Return the ways out of a subnet on the main table, had it another one, as far as these were read.

    There are none where a table was given to it: whoever did that meant it.
    """
    table = effective(subnet, at.tables.items)
    if table is None or not table.main or subnet in table.subnets:
        return []
    found = next(s for s in at.subnets.all if s.id == subnet)
    reached = targets(at.image, at.platform, at.definition, at.subject.region)
    others = [t for t in at.tables.items if t is not table]
    ways = [(t.id, _exit(_given(at, t, subnet), found, reached)) for t in others]
    return [(name, way) for name, way in ways if way.sure or _unread(at, way)]


def _unread(at: Situation, way: Exit) -> bool:
    """Tell whether *way* may be open, where something of the network could not be read."""
    net = at.network
    read = (net.vpc, net.groups, net.acls, net.nats, net.gateways, net.prefixes)
    closed = way.closed or any(h.state == "closed" for p in way.ways for h in p.hops)
    hopeful = way.fault in ("none", "unknown") and not closed
    return hopeful and any(isinstance(f, Unknown) for f in read)


def _given(at: Situation, table: RouteTable, subnet: str) -> Situation:
    """Return *at* with *subnet* associated with *table*."""
    own = replace(table, subnets=(*table.subnets, subnet))
    tables = RouteTables(tuple(own if t is table else t for t in at.tables.items))
    return replace(at, tables=tables, network=replace(at.network, tables=tables))


def _gateway(way: Exit | None) -> tuple[object, object] | None:
    """Return the gateway that a way ends at, and why; None where it is the lack of one."""
    if way is None or way.hop is None or way.fault not in GATEWAYS:
        return None
    named = way.hop.why.get("target") or (None if way.hop.kind == "route" else way.hop.id)
    return named, way.hop.why.get("reason")


def outward(at: Situation, host: str) -> tuple[Exit, ...]:
    """Return what happens on the way to *host* on the internet, in every subnet that may pull."""
    beyond = replace(at, image=ImageReference(host, at.image.container, "other", host, ""))
    return tuple(_exit(beyond, subnet, ("registry",)) for subnet in at.subnets.items)


def _exit(at: Situation, subnet: Subnet, reached: tuple[str, ...]) -> Exit:
    table = effective(subnet.id, at.tables.items)
    paths = tuple(path_to(at, subnet, target) for target in reached)
    doubts = {p.target: u for p in paths if (u := doubt(at, subnet, p))}
    lacking = {p.target: p for p in paths if wanting(p) and p.target not in doubts}
    judged = (p for p in paths if p.target not in doubts and p.target not in lacking)
    way = Exit(
        subnet.id,
        table.id if table else "",
        "none",
        closed=tuple(c for p in judged for c in closures(p)),
        sure=all(p.state == "open" for p in paths),
        ways=tuple(p for p in paths if p.target not in lacking),
        doubts=doubts,
    )
    if lacking:
        return _faulty(at, way, lacking)
    if doubts:
        return replace(way, fault="unknown", unknown=tuple(doubts.values()))
    return way


def _faulty(at: Situation, way: Exit, lacking: Mapping[str, Path]) -> Exit:
    """Return the fault of a subnet that has no way to the targets of *lacking*."""
    first = next(iter(lacking.values()))
    gateway = next((h.id for h in first.hops if h.kind == "internet-gateway"), None)
    way = replace(way, fault=_bare(at, first), target=gateway, hop=broken(first))
    early = [t for t in lacking if t not in LATE]
    if not at.near and lacking.keys() - BESIDE:
        relies = way.fault == "no-route" and _relies_on_endpoints(at)
        return replace(way, fault="far") if relies else way
    if early and way.fault in ("nat-gateway-broken", "internet-gateway-missing"):
        return way
    if way.fault == "no-route" and _instead(at, way.subnet):
        return replace(way, fault="main-table")
    missing = tuple(wanted(at, t) for t in lacking)
    if other := next((p for p in lacking.values() if "endpoint-family" in reasons(p)), None):
        return replace(way, fault="wrong-family", missing=missing, hop=broken(other))
    if not early and "s3-layers" in lacking:
        return replace(way, fault="no-s3", missing=(wanted(at, "s3-layers"),))
    if not early or any(e.type == "Interface" for e in usable(at.endpoints)):
        way = replace(way, fault="no-endpoint")
    return replace(way, missing=missing)


def _bare(at: Situation, found: Path) -> Fault:
    """Return what the way out itself lacks, whatever endpoints there are."""
    if "no-public-ip" in reasons(found):
        return "no-public-ip"
    hop = broken(found)
    through = str(hop.why.get("target", "")) if hop else ""
    if hop and (hop.kind == "nat" or through.startswith("nat-")):
        return "nat-gateway-broken"
    if hop and (hop.kind == "internet-gateway" or through.startswith("igw-")):
        return "internet-gateway-missing"
    served = any(e.type == "Interface" for e in usable(at.endpoints))
    bare = hop is not None and hop.why.get("reason") == "no-route"
    meant = bare and at.interface.public_ip and not served
    return "internet-gateway-missing" if meant else "no-route"


def _relies_on_endpoints(at: Situation) -> bool:
    """Tell whether images of this Region would come by endpoints, and those of another do not."""
    image, home = at.image, at.subject.region
    served = any(serves(e, home, "ecr.dkr") for e in usable(at.endpoints))
    return image.registry == "ecr" and image.region != home and served
