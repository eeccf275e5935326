"""The ways of one start, from one subnet, as a picture shows them. Pure.

They are the paths that the causes judged: the same hops, the same doubts, and the hop that closes
a way is the one that the causes speak of.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.egress.faults import exits, spare
from bot.egress.paths import BESIDE, WANTING, doubt, path_to
from bot.egress.situation import Situation, situated
from bot.facts import Subnet
from bot.model import JSON
from bot.network import Hop, targets
from bot.network.addresses import State, together
from bot.network.view import Kind

# The faults that an endpoint would repair, whatever else could.
OF_ENDPOINTS = {"no-endpoint", "no-s3"}
# Causes that packets alone do not tell, and the kind of hop that each closes.
STOPS: Mapping[str, Kind] = {
    "endpoint-policy-denies": "endpoint",
    "s3-endpoint-policy-denies": "endpoint",
    "subnet-addresses-exhausted": "subnet",
    "custom-dns-server": "dns",
}


@dataclass(frozen=True, slots=True)
class Way:
    """The way to one target; *closing* is the place of the hop that the causes speak of."""

    target: str
    hops: tuple[Hop, ...]
    closing: int | None = None

    @property
    def state(self) -> State:
        return "closed" if self.closing is not None else together(h.state for h in self.hops)


@dataclass(frozen=True, slots=True)
class Journey:
    """All ways from one subnet. *host* is that of the image; *owner* tells who pulls.

    *alike* are the other subnets that are closed at the same hops, *working* those where nothing is.
    """

    source: str
    owner: str
    host: str
    ways: tuple[Way, ...]
    alike: tuple[str, ...] = ()
    working: tuple[str, ...] = ()

    @property
    def closed(self) -> tuple[Hop, ...]:
        """The hops that close a way."""
        return tuple(w.hops[w.closing] for w in self.ways if w.closing is not None)


@situated
def journeys(at: Situation) -> tuple[Journey, ...]:
    """Return the ways from every subnet that may pull."""
    faults = {e.subnet: e.fault for e in (*exits(at), *spare(at))}
    wanted = targets(at.image, at.platform, at.definition, at.subject.region)
    found = [
        Journey(
            subnet.id,
            at.interface.owner,
            at.image.host,
            tuple(_way(at, subnet, target, faults.get(subnet.id, "none")) for target in wanted),
        )
        for subnet in at.subnets.all
    ]
    pulled = {s.id for s in at.subnets.items}
    return tuple(_among(j, found) for j in found if j.ways and j.source in pulled)


def chosen(found: Sequence[Journey], proofs: Mapping[str, JSON]) -> Journey | None:
    """Return the journey to show: closed, and of a subnet that is named in *proofs*, by cause."""
    named = _strings(proofs)
    ranked = sorted(
        found,
        key=lambda j: (
            not j.closed,
            all(w.state == "open" for w in j.ways),
            named.index(j.source) if j.source in named else len(named),
        ),
    )
    first = next(iter(ranked), None)
    return first if first is None or first.closed else _refused(first, proofs)


def _refused(journey: Journey, proofs: Mapping[str, JSON]) -> Journey:
    """Return *journey* closed where a proof says so, although packets pass there."""
    for cause, proof in proofs.items():
        kind, names = STOPS.get(cause), _strings(proof)
        stopped = [kind and _stopped(w, names, kind, cause) for w in journey.ways]
        last = next((i for i in reversed(range(len(stopped))) if stopped[i]), None)
        if last is not None:
            ways = (
                found or (_passed(way) if i < last else _left(way))
                for i, (way, found) in enumerate(zip(journey.ways, stopped, strict=True))
            )
            free = tuple(proof["open"]) if kind == "subnet" else ()
            return replace(journey, ways=tuple(ways), working=free)
    return journey


def _stopped(way: Way, names: Collection[str], kind: Kind, cause: str) -> Way | None:
    """Return *way* closed at the hop of this *kind* that is among *names*; all before it was passed."""
    if kind == "dns":
        hop = Hop("dns", next(iter(names), None), "closed", {"reason": cause})
        return Way(way.target, (*way.hops[:1], hop, *way.hops[1:]), 1)
    at = next((i for i, h in enumerate(way.hops) if h.kind == kind and h.id in names), None)
    if at is None:
        return None
    hop = replace(way.hops[at], state="closed", why={"reason": cause})
    if kind == "subnet":
        return Way(way.target, (hop, *way.hops[at + 1 :]), 0)
    passed = tuple(_open(h) for i, h in enumerate(way.hops) if i != at)
    return Way(
        way.target, (*passed, hop), len(passed)
    )  # a policy is asked when packets are through


def _passed(way: Way) -> Way:
    """Return *way* open: what comes after it on a start was refused by an answer, so it came so far."""
    return replace(way, hops=tuple(map(_open, way.hops)), closing=None)


def _left(way: Way) -> Way:
    """Return *way* with what was not looked at told apart from what could not be read."""
    hops = (
        replace(h, why={**h.why, "reason": "not-asked"}) if h.state == "unknown" else h
        for h in way.hops
    )
    return replace(way, hops=tuple(hops))


def _open(hop: Hop) -> Hop:
    return replace(hop, state="open", why={}) if hop.state == "unknown" else hop


def _way(at: Situation, subnet: Subnet, target: str, fault: str) -> Way:
    found = path_to(at, subnet, target)
    hops = found.hops
    if doubt(at, subnet, found) is not None:  # then nothing of it is said to be closed
        hops = tuple(replace(h, state="unknown") if h.state == "closed" else h for h in hops)
    if at.image.region not in (None, at.subject.region) and target not in BESIDE:
        hops = tuple(_abroad(h, str(at.image.region)) for h in hops)
    return Way(target, hops, _closing(hops, fault))


def _abroad(hop: Hop, region: str) -> Hop:
    """Return *hop* with the Region of an endpoint that is not there: one for home may be."""
    if hop.id or hop.kind != "endpoint" or not hop.why.get("service"):
        return hop
    return replace(hop, why={**hop.why, "service": f"{region}.{hop.why['service']}"})


def _closing(hops: Sequence[Hop], fault: str) -> int | None:
    """Return the place of the hop that closes the way, where several do: that of the *fault*.

    A private subnet has no route out and needs none, where all that it lacks is an endpoint.
    """
    closed = [i for i, h in enumerate(hops) if h.state == "closed"]
    if fault not in ("none", "unknown"):
        closed = [i for i in closed if hops[i].why.get("reason") in WANTING] or closed
    if fault in OF_ENDPOINTS:
        closed = [i for i in closed if hops[i].why.get("reason") == "endpoint-missing"] or closed
    return next(iter(closed), None)


def _among(journey: Journey, found: Sequence[Journey]) -> Journey:
    others = [j for j in found if j.source != journey.source]
    alike = [j.source for j in others if _signature(j) == _signature(journey)]
    working = [j.source for j in others if all(w.state == "open" for w in j.ways)]
    return (
        replace(journey, alike=tuple(alike), working=tuple(working)) if journey.closed else journey
    )


def _signature(journey: Journey) -> list[tuple[str, str, object]]:
    """Return what closes the ways, whatever its id is in this subnet."""
    closing = [(w.target, w.hops[w.closing]) for w in journey.ways if w.closing is not None]
    return [(target, hop.kind, hop.why.get("reason")) for target, hop in closing]


def _strings(value: JSON) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [s for inner in value.values() for s in _strings(inner)]
    return (
        [s for inner in value for s in _strings(inner)] if isinstance(value, list | tuple) else []
    )


def journey_from_json(data: Mapping[str, JSON] | None) -> Journey | None:
    """Return the journey whose ``asdict`` *data* is."""
    if data is None:
        return None
    ways = (
        Way(w["target"], tuple(Hop(**h) for h in w["hops"]), w["closing"]) for w in data["ways"]
    )
    rest = {name: tuple(data[name]) for name in ("alike", "working")}
    return Journey(data["source"], data["owner"], data["host"], tuple(ways), **rest)
