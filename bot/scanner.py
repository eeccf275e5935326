"""Look at every service of the accounts: list, pick those that fail to pull, diagnose these."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import TypeVar

from bot.aws import listing
from bot.aws.accounts import Visit
from bot.aws.client import Door
from bot.config import Account, Accounts
from bot.facts import Subject
from bot.model import CannotTell
from bot.question import Impossible
from bot.scanning import Ended, Failing, Judged, Scan, Unread, failing
from bot.service import Service

LOOKING = 8  # clusters side by side
DIAGNOSING = 4  # diagnoses side by side, each of them with many questions
MOST = 200  # diagnoses of one scan; what is beyond is named, and not diagnosed

T = TypeVar("T")
Place = tuple[str, str]  # account, Region


@dataclass(frozen=True, slots=True)
class Seen:
    """What one cluster gave."""

    failing: tuple[Failing, ...] = ()
    checked: int = 0
    unread: tuple[Unread, ...] = ()


def places(accounts: Accounts, names: Sequence[str], regions: Sequence[str]) -> list[Place]:
    """Return the accounts' Regions that are meant, all where none is named; raises Impossible."""
    for name in names:
        if accounts.find(name) is None:
            known = ", ".join(a.alias for a in accounts.items)
            raise Impossible("account_unknown", account=name, known=known)
    chosen = [a for a in accounts.items if not names or {a.id, a.alias} & set(names)]
    for region in regions:
        if not any(region in a.regions for a in chosen):
            there = list(dict.fromkeys(r for a in chosen for r in a.regions))
            aliases = ", ".join(a.alias for a in chosen)
            raise Impossible("region_unknown", account=aliases, region=region, regions=there)
    return of(chosen, regions)


def of(accounts: Iterable[Account], regions: Sequence[str] = ()) -> list[Place]:
    """Return the Regions of *accounts*, those of *regions* where some are named."""
    return [(a.id, r) for a in accounts for r in a.regions if not regions or r in regions]


def scan(service: Service, where: Sequence[Place], channel: str | None = None) -> Scan:
    """Return what fails to pull in these places, and why, for *channel*.

    A place that cannot be read is named.
    """
    began, visit = monotonic(), service.doors.visit()
    with ThreadPoolExecutor(LOOKING, "scan") as pool:
        clusters = list(pool.map(partial(_clusters, visit), where))
        found = [c for each in clusters if not isinstance(each, Unread) for c in each]
        seen = list(pool.map(partial(_cluster, visit), found))
    ones = [f for s in seen for f in s.failing]
    with ThreadPoolExecutor(DIAGNOSING, "scan") as pool:
        judged = list(pool.map(partial(_judged, service, channel), ones[:MOST]))
    judged += [Judged(f, problem="too_many", context={"most": MOST}) for f in ones[MOST:]]
    unread = [c for c in clusters if isinstance(c, Unread)]
    calls = visit.calls + sum(j.report.calls for j in judged if j.report)
    return Scan(
        tuple(judged), (*unread, *(u for s in seen for u in s.unread)),
        sum(s.checked for s in seen), len(where), calls, round((monotonic() - began) * 1000),
    )  # fmt: skip


def _clusters(visit: Visit, place: Place) -> list[tuple[str, str, str]] | Unread:
    try:
        return [(*place, name) for name in listing.clusters(visit.read(*place))]
    except CannotTell as reason:
        return Unread(*place, None, reason.because, reason.grant)


def _cluster(visit: Visit, place: tuple[str, str, str]) -> Seen:
    """Look at one cluster; tasks and services are read apart, because either tells something."""
    account, region, cluster = place
    unread: list[Unread] = []

    def tried(ask: Callable[[Door], list[T]]) -> list[T]:
        try:
            return ask(visit.read(account, region))
        except CannotTell as reason:
            unread.append(Unread(*place, reason.because, reason.grant))
            return []

    stopped = tried(lambda door: listing.tasks(door, cluster, ["STOPPED"]))
    ended = [Ended(t.arn, t.definition, t.group or "", t.texts) for t in stopped]
    services = tried(lambda d: listing.standing(d, cluster, listing.services(d, cluster)))
    found = failing(place, services, ended)
    names = {s.name for s in services} | {_name(f.subject) for f in found}
    return Seen(tuple(found), len(names), tuple(dict.fromkeys(unread)))


def _judged(service: Service, channel: str | None, one: Failing) -> Judged:
    try:
        return Judged(one, service.diagnose(one.subject, channel=channel))
    except Impossible as reason:
        return Judged(one, problem=reason.name, context=reason.context)
    except CannotTell as reason:
        return Judged(one, problem="aws_away", context={"because": reason.because})


def _name(subject: Subject) -> str | None:
    return subject.service or subject.task
