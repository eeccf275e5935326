"""What the bot says and when: each method is one job, and may run twice.

It speaks through a :class:`bot.speaking.Speaker`, so that it knows nothing of Slack's client.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.catalogue import CAUSES
from bot.config import ChannelDefault
from bot.diagnosis import suspects
from bot.facts import Subject
from bot.model import CannotTell
from bot.question import Impossible, Question, fingerprint
from bot.render import blocks, picture, thread, words
from bot.render.blocks import Message
from bot.report import (
    Report,
    report_from_json,
    report_to_json,
    symptom_from_json,
    symptom_to_json,
)
from bot.service import Service
from bot.speaking import Asked, NotInChannel, Speaker
from bot.symptom import Symptom

log = logging.getLogger(__name__)

STORM = timedelta(minutes=10)
CountLater = Callable[[str, str], None]  # channel, the message that a storm began with
PictureLater = Callable[[str, str], None]  # channel, the message that the picture belongs to


class Conversation:
    """The jobs that answer questions. Fixes are in :mod:`bot.repairing`."""

    def __init__(
        self, service: Service, say: Speaker, count_later: CountLater, picture_later: PictureLater
    ) -> None:
        self.service = service
        self.say = say
        self.count_later = count_later
        self.picture_later = picture_later

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
            asked, where = self._open(self._resumed(asked), question, symptom, language)
        except NotInChannel:
            self._whisper(asked, thread.problem("not_in_channel", language, {}))
            return
        except Impossible as reason:
            self._whisper(asked, thread.problem(reason.name, language, reason.context))
            return
        self._keep(asked, question, symptom, language, where, subject, None)
        self._investigate(asked, question, symptom, language, where, subject, fresh=fresh)

    def count(self, channel: str, first: str) -> None:
        """Show in the answer to *first* how often its failure was repeated since."""
        storm, kept = self._storm(channel, first), self.service.store.thread(channel, first)
        if kept is None or storm <= kept["repeats"]:
            return
        asked = Asked(kept["user"], channel, kept["thread"], source=first)
        self.service.store.put_thread(channel, first, {**kept, "repeats": storm})
        language, where = kept["language"], kept["answer"]
        if kept["report"]:
            report = report_from_json(kept["report"], CAUSES)
            self._show(asked, language, where, report, kept.get("became", ""))
        elif kept["said"]:
            self._say(asked, language, where, kept["said"])

    def mark(self, channel: str, message: str, became: str) -> None:
        """Show in an answer what has become of its fault; empty: it is there as before."""
        kept = self.service.store.thread(channel, message)
        if kept is None or not kept["report"]:
            return
        for name in filter(None, (message, kept["source"])):
            self.service.store.put_thread(channel, name, {**kept, "became": became})
        asked = Asked(kept["user"], channel, kept["thread"], source=kept["source"])
        report = report_from_json(kept["report"], CAUSES)
        self._show(asked, kept["language"], message, report, became)

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
        asked = Asked(user, channel, kept["thread"], message, source=kept["source"])
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

    def _resumed(self, asked: Asked) -> Asked:
        """Return *asked* with the answer that this very message has already got."""
        kept = asked.source and self.service.store.thread(asked.channel, asked.source)
        if asked.message or not kept:
            return asked
        return replace(asked, message=kept["answer"], thread=kept["thread"])

    def _open(
        self, asked: Asked, question: Question, symptom: Symptom, language: str
    ) -> tuple[Asked, str]:
        """Post the first verdict; returns the thread that it is in and what will be updated."""
        if asked.message:
            return asked, asked.message
        root = asked.thread
        if root is None:
            shown = "/".join(filter(None, (question.cluster, question.service or question.task)))
            root = self.say.post(asked.channel, thread.asked(asked.user, shown or None, language))
        doing = words.message("searching", language)
        first = thread.first(symptom, suspects(symptom, CAUSES), language, doing)
        return replace(asked, thread=root), self.say.post(asked.channel, first, root)

    def _investigate(
        self, asked: Asked, question: Question, symptom: Symptom, language: str, where: str,
        subject: Subject | None, *, fresh: bool,
    ) -> None:  # fmt: skip
        try:
            found = subject or self.service.locate(question)
            if isinstance(found, Subject):
                report = self.service.diagnose(found, symptom, channel=asked.channel, fresh=fresh)
                self._keep(asked, question, symptom, language, where, found, report)
                self._show(asked, language, where, report)
                if picture.wanted(report):
                    self.picture_later(asked.channel, where)
                return
            pointed = suspects(symptom, CAUSES)
            key = f"{asked.channel}:{where}"
            said = thread.text_only(symptom, pointed, language, key=key, matches=len(found))
        except Impossible as reason:
            said = thread.problem(reason.name, language, reason.context)
        except CannotTell as reason:
            said = thread.problem("aws_away", language, {"because": reason.because})
        self._keep(asked, question, symptom, language, where, subject, None, said)
        self._say(asked, language, where, said)

    def _say(self, asked: Asked, language: str, where: str, said: Message) -> None:
        """Put *said* in the place of our message, with the number of repeats where there are any."""
        repeats = self._storm(asked.channel, asked.source) if asked.source else 1
        if repeats > 1:
            counted = blocks.context([words.message("repeats", language, count=repeats)])
            at = next((i for i, b in enumerate(said["blocks"]) if b["type"] == "actions"), None)
            body = said["blocks"]
            at = len(body) if at is None else at
            said = {**said, "blocks": [*body[:at], *counted, *body[at:]]}
        self.say.update(asked.channel, where, said)

    def _storm(self, channel: str, first: str) -> int:
        kept = self.service.store.thread(channel, f"storm:{first}")
        return self.service.store.repeats(channel, kept["failure"]) if kept else 1

    def _show(
        self, asked: Asked, language: str, where: str, report: Report, became: str = ""
    ) -> None:
        account = self.service.accounts.find(report.subject.account)
        said = thread.report(
            report,
            language,
            key=f"{asked.channel}:{where}",
            account=account,
            now=self.service.clock(),
            became=became,
        )
        self._say(asked, language, where, said)

    def _keep(
        self, asked: Asked, question: Question, symptom: Symptom, language: str, where: str,
        subject: Subject | None, report: Report | None, said: Message | None = None,
    ) -> None:  # fmt: skip
        """Remember what this message is about, for its buttons and for what it answers."""
        kept: dict[str, Any] = {
            "question": {n: getattr(question, n) for n in Question.__dataclass_fields__},
            "symptom": symptom_to_json(symptom),
            "subject": subject and {n: getattr(subject, n) for n in Subject.__dataclass_fields__},
            "report": report and report_to_json(report),
            "language": language,
            "thread": asked.thread or where,
            "user": asked.user,
            "source": asked.source,
            "answer": where,
            "said": said,
            "repeats": self._storm(asked.channel, asked.source) if asked.source else 1,
        }
        for name in filter(None, (where, asked.source)):
            self.service.store.put_thread(asked.channel, name, kept)
        if report and subject:
            self.service.note(report, thread.headline(report, language, "terminal"))

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
        store, source = self.service.store, asked.source or ""
        count, first = store.storm(asked.channel, key, source, STORM)
        if count == 1 or first == source:
            return False
        # Not the count itself: of jobs side by side the last to write need not be the last counted.
        store.put_thread(
            asked.channel, f"storm:{first}", {"question": {"text": ""}, "failure": key}
        )
        self.count_later(asked.channel, first)
        return True

    def _doing(self, subject: Subject, language: str) -> str:
        shown = "/".join(filter(None, (subject.cluster, subject.service or subject.task)))
        return words.message("reading", language, subject=shown, account=subject.account)

    def _whisper(self, asked: Asked, message: Message) -> None:
        under = None if asked.unanswered else asked.thread
        self.say.whisper(asked.channel, asked.user, message, under, asked.url)


__all__ = ["Asked", "Conversation", "CountLater", "NotInChannel", "Speaker"]
