"""Which services fail to pull, told from what ECS recorded of them, and grouped by cause. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from bot.catalogue import CAUSES
from bot.facts import Service, Subject
from bot.report import Report
from bot.symptom import EMPTY, Symptom, parse

RECENT = 20  # tasks and events of one service, newest first
STEADY = "has reached a steady state"
OURS = frozenset(family for cause in CAUSES for family in cause.families)


@dataclass(frozen=True, slots=True)
class Ended:
    """A stopped task: the service that it belonged to, if any, and what ECS said of it."""

    arn: str
    definition: str
    group: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Failing:
    """A service, or a task of no service, whose pull failed, and what was said of it."""

    subject: Subject
    symptom: Symptom


@dataclass(frozen=True, slots=True)
class Unread:
    """A place that could not be read; *cluster* is None where it is the whole Region."""

    account: str
    region: str
    cluster: str | None
    because: str
    grant: str | None


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found about one that fails; *problem* names why it could not be diagnosed."""

    failing: Failing
    report: Report | None = None
    problem: str | None = None
    context: Mapping[str, Any] = field(default_factory=dict)

    @property
    def cause(self) -> str | None:
        """The cause that is fought first; None where none is confirmed."""
        first = next(iter(self.report.confirmed), None) if self.report else None
        return first.id if first else None


@dataclass(frozen=True, slots=True)
class Scan:
    """What a look at every service gave; *places* counts the accounts' Regions that were asked."""

    judged: tuple[Judged, ...] = ()
    unread: tuple[Unread, ...] = ()
    checked: int = 0
    places: int = 0
    calls: int = 0
    elapsed_ms: int = 0

    @property
    def causes(self) -> Mapping[str, tuple[Judged, ...]]:
        """Return those that fail by their cause, the most frequent cause first."""
        found: dict[str, list[Judged]] = {}
        for one in self.judged:
            if one.cause:
                found.setdefault(one.cause, []).append(one)
        ordered = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
        return {cause: tuple(ones) for cause, ones in ordered}

    @property
    def unexplained(self) -> tuple[Judged, ...]:
        return tuple(j for j in self.judged if j.cause is None)

    @property
    def dark(self) -> bool:
        """Whether no place at all could be read."""
        gone = {(u.account, u.region) for u in self.unread if u.cluster is None}
        return self.places > 0 and len(gone) >= self.places


def failing(
    place: tuple[str, str, str], services: Iterable[Service], ended: Sequence[Ended]
) -> list[Failing]:
    """Return what fails to pull in a cluster: *place* is account, Region and cluster.

    *ended* has the newest first. A service that runs well again is left out.
    """
    known = {s.name: s for s in services if s.name}
    groups: dict[str, list[Ended]] = {}
    for task in ended:
        groups.setdefault(task.group or task.arn, []).append(task)
    found = []
    for name in dict.fromkeys([*known, *(_service(g) for g in groups)]):
        said = _of_service(known.get(name), groups.get(f"service:{name}", ())) if name else EMPTY
        if name and said is not EMPTY:
            found.append(Failing(Subject(*place, service=name), said))
    for group, tasks in groups.items():
        newest = tasks[0]
        said = EMPTY if _service(group) else first_failure(newest.texts)
        if said is not EMPTY:
            found.append(Failing(Subject(*place, task=newest.arn), said))
    return found


def first_failure(texts: Iterable[str]) -> Symptom:
    """Return the first of *texts* that some cause explains; EMPTY where none does."""
    return next((s for s in map(_read, texts) if s.recognised or s.family in OURS), EMPTY)


def _of_service(service: Service | None, tasks: Sequence[Ended]) -> Symptom:
    """Return what is said of a service's failure; EMPTY where it does not fail."""
    if service is not None and _steady(service):
        tasks = [t for t in tasks if _newer(t.definition, service.definition)]  # rolled back
        return first_failure("\n".join(t.texts) for t in tasks[:RECENT])
    told = first_failure("\n".join(t.texts) for t in tasks[:RECENT])
    if told is not EMPTY or service is None:
        return told
    return first_failure([*(d.reason or "" for d in service.deployments), *_since_steady(service)])


def _steady(service: Service) -> bool:
    """Tell whether the service runs all that it should, and nothing is being rolled out."""
    settled = all(d.rollout_state in ("COMPLETED", None) for d in service.deployments)
    return service.running >= service.desired and len(service.deployments) <= 1 and settled


def _since_steady(service: Service) -> list[str]:
    """Return the newest events, no older than the last time that all was well."""
    events = list(service.events[:RECENT])
    well = next((i for i, e in enumerate(events) if STEADY in e), len(events))
    return events[:well]


def _newer(definition: str, than: str | None) -> bool:
    """Tell whether one revision came after another of its family."""
    (family, _, number), (other, _, current) = (d.rpartition(":") for d in (definition, than or ""))
    return family == other and number.isdigit() and current.isdigit() and int(number) > int(current)


def _service(group: str) -> str | None:
    return group.removeprefix("service:") if group.startswith("service:") else None


@lru_cache(1024)
def _read(text: str) -> Symptom:
    return parse(text)
