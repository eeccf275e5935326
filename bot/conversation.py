"""What the bot says and when: each method is one job, and may run twice.

It speaks through a :class:`Speaker`, so that it knows nothing of Slack's client.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from bot.catalogue import CAUSES
from bot.config import ChannelDefault
from bot.diagnosis import suspects
from bot.facts import Subject
from bot.model import CannotTell
from bot.question import Impossible, Question, fingerprint
from bot.render import thread, words
from bot.render.blocks import Message
from bot.report import Report, report_to_json, symptom_from_json, symptom_to_json
from bot.service import Service
from bot.symptom import Symptom

log = logging.getLogger(__name__)

STORM = timedelta(minutes=10)


class NotInChannel(Exception):  # noqa: N818 - Slack's answer
    """The bot cannot speak in this channel."""


class Speaker(Protocol):
    """How the bot speaks in the workspace."""

    def post(self, channel: str, message: Message, thread: str | None = None) -> str:
        """Post and return the message's timestamp; raises NotInChannel."""

    def update(self, channel: str, ts: str, message: Message) -> None: ...
    def whisper(
        self,
        channel: str,
        user: str,
        message: Message,
        thread: str | None = None,
        url: str | None = None,
    ) -> None:
        """Tell one person alone; *url* is the response_url where there is one."""

    def locale(self, user: str) -> str | None: ...
    def groups(self, user: str, of: Collection[str]) -> set[str]:
        """Return which of the user groups *of* the user is in."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Where a question came from, and where its answer goes.

    *thread* is what to answer under (None: the bot opens a thread of its own), *message* an
    answer of ours to update in place, *url* the response_url, *aloud* False where the bot
    speaks only when it has understood (pasted texts in channels).
    """

    user: str
    channel: str
    thread: str | None = None
    message: str | None = None
    url: str | None = None
    aloud: bool = True
    by_bot: bool = False


class Conversation:
    """The jobs that answer questions. Fixes are in :mod:`bot.repairing`."""

    def __init__(self, service: Service, say: Speaker) -> None:
        self.service = service
        self.say = say

    def answer(self, asked: Asked, question: Question, *, fresh: bool = False) -> None:
        """Answer a question: the text's verdict at once, then the evidence, in one message."""
        language = self.language(asked.user, asked.channel)
        symptom = self.service.explain(question.text)
        try:
            subject = self._named(question)
            if subject is None and not symptom.recognised:
                self._not_a_pull(asked, symptom, language)
                return
            if self._repeats(asked, symptom):
                return
            where = self._open(asked, question, symptom, language)
        except NotInChannel:
            self._whisper(asked, thread.problem("not_in_channel", language, {}))
            return
        except Impossible as reason:
            self._whisper(asked, thread.problem(reason.name, language, reason.context))
            return
        self._investigate(asked, question, symptom, language, where, subject, fresh=fresh)

    def check_again(self, channel: str, message: str, user: str) -> None:
        """Look again, without the cache, and update the answer in place."""
        kept = self.service.store.thread(channel, message)
        language = kept["language"] if kept else self.language(user, channel)
        if kept is None:
            self.say.whisper(channel, user, thread.problem("forgotten", language, {}))
            return
        question = Question(**kept["question"])
        subject = Subject(**kept["subject"]) if kept["subject"] else None
        symptom = symptom_from_json(kept["symptom"])
        asked = Asked(user, channel, kept["thread"], message)
        self._investigate(asked, question, symptom, language, message, subject, fresh=True)

    def diagnosed(
        self, channel: str, thread_ts: str, subject: Subject, text: str, language: str, user: str
    ) -> None:
        """Diagnose the next error of a watched service as a new message of the same thread."""
        symptom = self.service.explain(text)
        doing = self._doing(subject, language)
        pointed = suspects(symptom, CAUSES)
        posted = self.say.post(channel, thread.first(symptom, pointed, language, doing), thread_ts)
        asked = Asked(user, channel, thread_ts)
        question = Question(text=text, channel=channel)
        self._investigate(asked, question, symptom, language, posted, subject, fresh=True)

    def language(self, user: str, channel: str) -> str:
        """Return the language of a person; of the channel where the person has none we speak."""
        fallback = self.service.accounts.channels.get(channel, ChannelDefault()).language
        kept = self.service.store.language(user)
        if kept is None:
            kept = words.language_of(self.say.locale(user), fallback)
            self.service.store.set_language(user, kept)
        return fallback or kept

    # --- inside --------------------------------------------------------------------------

    def _named(self, question: Question) -> Subject | None:
        """Return the subject where it takes no search to know it."""
        found = self.service.named(question)
        if found is None and question.cluster and not question.text:
            raise Impossible("nothing_named")
        return found

    def _open(self, asked: Asked, question: Question, symptom: Symptom, language: str) -> str:
        """Post the first verdict and return the message that will be updated."""
        if asked.message:
            return asked.message
        root = asked.thread
        if root is None:
            shown = "/".join(filter(None, (question.cluster, question.service or question.task)))
            root = self.say.post(asked.channel, thread.asked(asked.user, shown or None, language))
        doing = words.message("searching", language)
        first = thread.first(symptom, suspects(symptom, CAUSES), language, doing)
        return self.say.post(asked.channel, first, root)

    def _investigate(
        self, asked: Asked, question: Question, symptom: Symptom, language: str, where: str,
        subject: Subject | None, *, fresh: bool,
    ) -> None:  # fmt: skip
        try:
            found = subject or self.service.locate(question)
            if isinstance(found, Subject):
                report = self.service.diagnose(found, symptom, fresh=fresh)
                self._keep(asked, question, symptom, language, where, found, report)
                self._show(asked, language, where, report)
                return
            self._keep(asked, question, symptom, language, where, None, None)
            pointed = suspects(symptom, CAUSES)
            key = f"{asked.channel}:{where}"
            said = thread.text_only(symptom, pointed, language, key=key, matches=len(found))
        except Impossible as reason:
            self._keep(asked, question, symptom, language, where, subject, None)
            said = thread.problem(reason.name, language, reason.context)
        except CannotTell as reason:
            said = thread.problem("aws_away", language, {"because": reason.because})
        self.say.update(asked.channel, where, said)

    def _show(self, asked: Asked, language: str, where: str, report: Report) -> None:
        account = self.service.accounts.find(report.subject.account)
        said = thread.report(
            report,
            language,
            key=f"{asked.channel}:{where}",
            account=account,
            now=self.service.clock(),
        )
        self.say.update(asked.channel, where, said)

    def _keep(
        self, asked: Asked, question: Question, symptom: Symptom, language: str, where: str,
        subject: Subject | None, report: Report | None,
    ) -> None:  # fmt: skip
        """Remember what this message is about, for its buttons."""
        kept: dict[str, Any] = {
            "question": {n: getattr(question, n) for n in Question.__dataclass_fields__},
            "symptom": symptom_to_json(symptom),
            "subject": subject and {n: getattr(subject, n) for n in Subject.__dataclass_fields__},
            "report": report and report_to_json(report),
            "language": language,
            "thread": asked.thread or where,
            "user": asked.user,
        }
        self.service.store.put_thread(asked.channel, where, kept)
        if report and subject:
            self.service.store.note_diagnosis(
                subject.account,
                {
                    "headline": thread.headline(report, language, "terminal"),
                    "where": "/".join(
                        filter(None, (subject.cluster, subject.service or subject.task))
                    ),
                    "at": report.checked_at.timestamp(),
                    "cause": report.confirmed[0].id if report.confirmed else None,
                },
            )

    def _not_a_pull(self, asked: Asked, symptom: Symptom, language: str) -> None:
        if not asked.aloud:
            return
        near = symptom.kind == "near-miss"
        self._whisper(
            asked, thread.near_miss(symptom, language) if near else thread.not_understood(language)
        )

    def _repeats(self, asked: Asked, symptom: Symptom) -> bool:
        """Tell whether another bot repeats a failure that was answered here a moment ago."""
        if not asked.by_bot:
            return False
        key = fingerprint(Subject("", ""), symptom)
        count, first = self.service.store.storm(asked.channel, key, asked.thread or "", STORM)
        return count > 1 and first != asked.thread

    def _doing(self, subject: Subject, language: str) -> str:
        shown = "/".join(filter(None, (subject.cluster, subject.service or subject.task)))
        return words.message("reading", language, subject=shown, account=subject.account)

    def _whisper(self, asked: Asked, message: Message) -> None:
        self.say.whisper(asked.channel, asked.user, message, asked.thread, asked.url)


def asked_from_json(data: Mapping[str, Any]) -> Asked:
    return Asked(**data)
