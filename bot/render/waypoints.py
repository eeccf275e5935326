"""What the picture of the path shows and says: rows in words, a trunk, and where it parts. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Literal

from bot.egress.journey import Journey, Way
from bot.network import KNOWN_AS, Hop
from bot.render.words import say
from bot.report import Report

NAME = "picture"
Mark = Literal["open", "closed", "aside", "unknown", "unreached"]
# What every packet passes before its way parts, in order.
TRUNK = ("subnet", "interface", "dns", "security-group", "network-acl", "route")
# These targets go by the image's host.
OF_IMAGE = ("registry", "dockerhub", "ecr-public")


@dataclass(frozen=True, slots=True)
class Row:
    """One thing on the way: what it is, its id, how it stands, and why where that has to be said."""

    kind: str
    mark: Mark
    label: str
    id: str
    word: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """Where the way parts: hops of its own, and the targets that they lead to."""

    rows: tuple[Row, ...]
    targets: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """All that the picture shows. *closing* are the rows that the diagnosis speaks of."""

    start: Row
    trunk: tuple[Row, ...]
    lanes: tuple[Lane, ...]
    closing: tuple[Row, ...]
    alike: tuple[str, ...]
    working: tuple[str, ...]


def scene(report: Report, language: str) -> Scene | None:
    """Return what there is to show of *report*, None where nobody looked at the way."""
    journey = report.journey
    if journey is None:
        return None
    rows = [_rows(way, journey, language) for way in journey.ways]
    trunk = _trunk(rows)
    lanes: dict[tuple[Row, ...], list[Row]] = {}
    for way, own in zip(journey.ways, rows, strict=True):
        rest = tuple(r for r in own if r not in trunk)
        lanes.setdefault(rest, []).append(_target(way, journey, language))
    shown = [*trunk, *(r for rest in lanes for r in rest)]
    return Scene(
        _start(report, journey, language),
        tuple(trunk),
        tuple(Lane(rest, tuple(targets)) for rest, targets in lanes.items()),
        tuple(dict.fromkeys(r for r in shown if r.mark == "closed")),
        journey.alike,
        journey.working,
    )


def _rows(way: Way, journey: Journey, language: str) -> list[Row]:
    """Return the hops of *way* as rows; an open one that is nothing in particular is left out."""
    return [
        _row(hop, _mark(hop, i, way), journey, language)
        for i, hop in enumerate(way.hops)
        if hop.id or hop.state != "open"
    ]


def _mark(hop: Hop, place: int, way: Way) -> Mark:
    if hop.state != "closed" or place == way.closing:
        return hop.state
    # To an endpoint the way stays within the VPC: that the table has no other is no fault.
    inside = hop.kind == "route" and way.closing is not None and place < way.closing
    return "open" if inside else "aside"


def _trunk(ways: Sequence[Sequence[Row]]) -> list[Row]:
    """Return what all *ways* have in common before they part.

    Where a hop lets some packets pass and others not, it stands open in the trunk and closed in
    front of what cannot be reached through it.
    """
    heads = [list(takewhile(lambda r: r.kind in TRUNK, rows)) for rows in ways]
    found: list[Row] = []
    for kind in TRUNK:
        there = [r for head in heads for r in head if r.kind == kind]
        kinds = list(dict.fromkeys(there))
        passing = [r for r in kinds if r.mark == "open"]
        if len(kinds) == 1 and (passing or len(there) == len(ways)):
            found += kinds
        elif len(passing) == 1 and len({r.id for r in kinds}) == 1:
            found += passing
        elif len(there) == len(ways):
            break  # all pass one, each another
    return found


def _row(hop: Hop, mark: Mark, journey: Journey, language: str) -> Row:
    first = hop.id or _service(hop)
    groups = hop.why.get("groups") or ()
    shown = _say("id", language, first=first, more=max(len(groups) - 1, 0))
    label = _named("hop", hop.kind, language)
    note = "" if mark == "open" else _why(hop, mark, journey, language)
    return Row(hop.kind, mark, label, shown if first else "", _say(f"state_{mark}", language), note)


def _service(hop: Hop) -> str:
    """Return what an endpoint that is not there would be for."""
    return str(hop.why.get("service") or "") if hop.kind == "endpoint" else ""


def _why(hop: Hop, mark: Mark, journey: Journey, language: str) -> str:
    reason = str(hop.why.get("reason") or "")
    plain = {k: v for k, v in hop.why.items() if isinstance(v, str | bool)}
    names = dict.fromkeys(
        ("target", "service", "endpoint", "gateway", "subnet", "there", "support"), ""
    )
    owner = _named("hop", journey.owner, language).lower()
    values = {**names, **plain, "reason": reason, "owner": owner, "closes": mark == "closed"}
    told = _say(f"why_{_block(reason)}", language, **values)
    other = "why_other_unknown" if mark == "unknown" else "why_other_closed"
    return told or (_say(other, language, **values) if reason else "")


def _target(way: Way, journey: Journey, language: str) -> Row:
    mark: Mark = "unreached" if way.state == "closed" else way.state
    host = journey.host if way.target in OF_IMAGE else KNOWN_AS.get(way.target, way.target)
    label = _named("target", way.target, language)
    return Row("target", mark, label, host, _say(f"state_{mark}", language))


def _start(report: Report, journey: Journey, language: str) -> Row:
    at = report.subject
    task = (at.task or report.task or "").rpartition("/")[2]
    what = at.service or task or (at.task_definition or "").rpartition("/")[2]
    kind = "host" if journey.owner == "host" else "task"
    where = "/".join(filter(None, (at.cluster, what)))
    return Row(kind, "open", _named("hop", kind, language), where, _say("state_open", language))


def _named(what: str, name: str, language: str) -> str:
    """Return the word for a kind of hop or target, and one that has none by its name."""
    return _say(f"{what}_{_block(name)}", language) or _say(
        f"{what}_other", language, name=name.replace("-", " ")
    )


def _block(name: str) -> str:
    return name.replace("-", "_")


def _say(block: str, language: str, **values: Any) -> str:
    context: Mapping[str, Any] = values
    return say(NAME, block, language, context, "terminal")
