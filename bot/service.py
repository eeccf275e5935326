"""What the bot does, without saying how it is asked or where it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any

from bot.applying import BY_ID
from bot.catalogue import CAUSES
from bot.config import Account
from bot.diagnosis import suspects
from bot.facts import Subject
from bot.fixes import Fixes
from bot.model import CannotTell, Confirmed
from bot.question import Impossible, Question, fingerprint, from_words
from bot.records import Applied
from bot.report import Report, from_cache, report_from_json, report_to_json
from bot.searching import Found, Search
from bot.store import StoreAway
from bot.subjects import named
from bot.symptom import EMPTY, Symptom, parse
from bot.watching import Watched

__all__ = ["BY_ID", "Applied", "Service", "StoreAway", "Watched"]

TTL = 300  # seconds that a report is fresh enough to show again
RECENT = 50  # diagnoses that are looked through for the last ones
FLIGHT = 60  # seconds that a diagnosis may take before somebody else does it


class Service(Fixes):
    """The use cases: questions here, fixes in :class:`Fixes`. One for each process."""

    def explain(self, text: str) -> Symptom:
        """Return what the text alone says."""
        return parse(text)

    def question(self, words: str, channel: str | None) -> Question:
        """Return what a person means who types *words*."""
        return from_words(words, channel)

    def named(self, question: Question) -> Subject | None:
        """Return the subject where the question says enough, without asking AWS."""
        return named(question, self.accounts)

    def answerable(self, question: Question, symptom: Symptom) -> bool:
        """Tell whether a service can be found for *question*: by its name, or by a failure of ours."""
        return question.names_something or bool(suspects(symptom, CAUSES)) or symptom.recognised

    def locate(self, question: Question) -> Found:
        """Return what *question* is about, or all that it may be: then it is a question back.

        Raises Impossible where what was named is not there or may not be seen.
        """
        if subject := named(question, self.accounts):
            return Found((subject,))
        symptom = parse(question.text)
        if not self.answerable(question, symptom):
            raise Impossible("nothing_named")
        return Search(self.accounts, self.doors.visit(), self.pool).found(question, symptom)

    def diagnose(
        self, subject: Subject, symptom: Symptom = EMPTY, *, channel: str | None = None,
        fresh: bool = False,
    ) -> Report:  # fmt: skip
        """Return the diagnosis of *subject* for *channel*; from the cache where it is fresh enough.

        Equal questions that come together share one answer, where those who ask may see the same
        accounts. Raises Impossible.
        """
        seen = [a.id for a in self.seen_by(channel, subject).items]
        began, key = monotonic(), fingerprint(subject, symptom, seen)
        if not fresh and (kept := self._cached(key)):
            return kept
        with self.store.flight(key, FLIGHT) as flight:
            if flight.result is not None:
                return report_from_json(flight.result, CAUSES)
            found = self.look(subject, symptom, channel=channel, shared=not fresh).report(began)
            data = report_to_json(found)
            self.store.put_report(key, data, ttl=TTL)
            flight.land(data)
        return found

    def note(self, report: Report, headline: str) -> None:
        """Remember a diagnosis in one line, with the accounts that its finding names."""
        subject, first = report.subject, next(iter(report.confirmed), None)
        verdict = first.finding.verdict if first else None
        said = headline + (str(verdict.proof) if isinstance(verdict, Confirmed) else "")
        self.store.note_diagnosis(subject.account, {
            "headline": headline, "at": report.checked_at.timestamp(),
            "where": "/".join(filter(None, (subject.cluster, subject.service or subject.task))),
            "cause": first.id if first else None,
            "names": [a.id for a in self.accounts.items if a.id in said],
        })  # fmt: skip

    def recent(self, seen: Sequence[Account], count: int) -> list[Mapping[str, Any]]:
        """Return the last diagnoses of the accounts *seen*, less those that name any other one."""
        ids = {a.id for a in seen}
        found = self.store.recent(ids, RECENT)
        return [e for e in found if ids.issuperset(e.get("names", ()))][:count]

    def warm(self, account: Account) -> None:
        """Make ready what the first question about *account* would wait for."""
        for region in account.regions:
            try:
                self.doors.warm(account.id, region)
            except CannotTell:
                return  # told to whoever asks

    def _cached(self, key: str) -> Report | None:
        kept = self.store.report(key)
        return from_cache(report_from_json(kept[0], CAUSES)) if kept else None
