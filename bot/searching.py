"""Search the accounts for the service that a question is about: by its name, and by what it recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from bot.aws import listing
from bot.aws.accounts import Visit
from bot.aws.client import Door
from bot.config import Accounts
from bot.facts import Subject
from bot.model import CannotTell
from bot.question import Impossible, Question, same_failure
from bot.subjects import account_of, told, usual
from bot.symptom import Symptom, parse
from bot.wrapping import unwrap

MATCHES = 100
How = Literal["named", "standing", "alike", "same"]
Place = tuple[str, str]  # account and Region
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found:
    """What a question may be about; *how* says what a subject was taken for.

    It was named, has the name that was asked for, or recorded the same failure: in other words
    or in the very same. *unread* are the places that could not be looked into.
    """

    subjects: tuple[Subject, ...] = ()
    how: How = "named"
    unread: tuple[Place, ...] = ()

    @property
    def only(self) -> Subject | None:
        """Return the one subject that it can be.

        A recorded failure is evidence. A name is not: where a place was not looked into,
        another service may have it too.
        """
        sure = self.how != "standing" or not self.unread
        return self.subjects[0] if sure and len(self.subjects) == 1 else None


@dataclass(frozen=True, slots=True)
class Search:
    """One search, through all that the channel of the question may see."""

    accounts: Accounts
    visit: Visit
    pool: Executor

    def found(self, question: Question, symptom: Symptom) -> Found:
        """Return what *question* may be about; raises Impossible where what it names is not found."""
        if not self.accounts.seen_in(question.channel):
            raise Impossible("no_accounts")
        asked = question
        if not question.names_something:
            asked = told(question, symptom, self.accounts)
        there = self.standing(asked) if asked.service else Found()
        if there.only:
            return there
        said = self.matching(question, symptom) if question.text else Found()
        both = tuple(s for s in said.subjects if s in there.subjects)
        if both:
            return replace(said, subjects=both)
        if question.names_something or there.subjects:
            raise self._not_found(asked, there)
        return said

    def standing(self, question: Question) -> Found:
        """Return where there is a service of this name, the channel's usual place before others."""

        def of_that_name(door: Door, cluster: str) -> Iterator[Subject]:
            if listing.standing(door, cluster, [question.service or ""]):
                yield Subject(door.account, door.region, cluster, question.service)

        hits, unread = self._everywhere(question, of_that_name)
        usually = tuple(s for s in hits if self._usual(s, question))
        if len(usually) == 1:
            return Found(usually, "standing")
        return Found(tuple(hits[:MATCHES]), "standing", unread)

    def matching(self, question: Question, symptom: Symptom) -> Found:
        """Return the services whose stopped tasks say the same as the text, one subject for each.

        Where exactly one recorded the very words of the text, it is that one.
        """
        pasted = unwrap(question.text).flat

        def failed_so(door: Door, cluster: str) -> Iterator[tuple[Subject, bool]]:
            for task in listing.tasks(door, cluster, ["STOPPED"]):
                read = [(unwrap(text).flat, parse(text)) for text in task.texts]
                same = any(s.family == symptom.family and flat in pasted for flat, s in read)
                if same or any(same_failure(symptom, s) for _, s in read):
                    yield _subject(door, cluster, task), same

        hits, unread = self._everywhere(question, failed_so)
        same = tuple(dict.fromkeys(s for s, very_words in hits if very_words))
        if len(same) == 1:
            return Found(same, "same", unread)
        return Found(tuple(dict.fromkeys(s for s, _ in hits))[:MATCHES], "alike", unread)

    def _everywhere(
        self, question: Question, look: Callable[[Door, str], Iterable[T]]
    ) -> tuple[list[T], tuple[Place, ...]]:
        """Return what *look* sees in each cluster, and the places that could not be read.

        Looks into the named or default account, else into every account that the channel may see.
        """
        one = account_of(question, self.accounts)
        places = [
            (account.id, region)
            for account in ([one] if one else self.accounts.seen_in(question.channel))
            for region in account.regions
            if question.region in (None, region)
        ]

        def seen(place: Place) -> list[T] | None:
            try:
                door = self.visit.read(*place)
                names = [question.cluster] if question.cluster else listing.clusters(door)
                return [hit for name in names for hit in look(door, name)]
            except CannotTell:
                return None

        looked = dict(zip(places, self.pool.map(seen, places), strict=True))
        unread = tuple(place for place, hits in looked.items() if hits is None)
        return [hit for hits in looked.values() for hit in hits or ()], unread

    def _usual(self, found: Subject, question: Question) -> bool:
        """Tell whether *found* is where the channel's questions are usually about."""
        default = usual(question, self.accounts)
        account = self.accounts.find(default.account) if default.account else None
        place = (account.id if account else None, default.region, default.cluster)
        return place == (found.account, found.region, found.cluster)

    def _not_found(self, question: Question, there: Found) -> Impossible:
        what = "/".join(filter(None, (question.cluster, question.service or question.task)))
        context = {
            "default": usual(question, self.accounts).account,
            "what": what or question.task_definition,
            "places": [f"{self._alias(s.account)} {s.region}" for s in there.subjects[:10]],
            "unread": [f"{self._alias(account)} {region}" for account, region in there.unread[:10]],
        }
        nowhere = question.service and not there.subjects and not there.unread
        return Impossible("service_nowhere" if nowhere else "account_missing", **context)

    def _alias(self, account: str) -> str:
        found = self.accounts.find(account)
        return found.alias if found else account


def _subject(door: Door, cluster: str, task: listing.Started) -> Subject:
    group = task.group or ""
    service = group.removeprefix("service:") if group.startswith("service:") else None
    return Subject(door.account, door.region, cluster, service, None if service else task.arn)
