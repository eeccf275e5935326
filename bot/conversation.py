"""What the bot says and when: each method is one job, and may run twice.

It speaks through a :class:`bot.speaking.Speaker`, so that it knows nothing of Slack's client.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot import storms
from bot.catalogue import CAUSES
from bot.config import ChannelDefault
from bot.diagnosis import likely
from bot.facts import Subject
from bot.model import CannotTell
from bot.question import Impossible, Question
from bot.render import blocks, picture, thread, words
from bot.render.blocks import Message
from bot.report import Report, report_from_json
from bot.service import Service
from bot.speaking import Asked, NotInChannel, Speaker
from bot.symptom import Symptom
from bot.turns import Turn, turn_from

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
            if subject is None and not self._to_answer(asked, question, symptom):
                self._not_a_pull(asked, symptom, language)
                return
            if first := storms.repeated(self.service.store, asked, symptom):
                self.count_later(asked.channel, first)
                return
            turn = self._open(self._resumed(asked), question, symptom, language, subject)
        except NotInChannel:
            self._whisper(asked, thread.problem("not_in_channel", language, {}))
            return
        except Impossible as reason:
            self._whisper(asked, thread.problem(reason.name, language, reason.context))
            return
        self._keep(turn)
        self._investigate(turn, fresh=fresh)

    def count(self, channel: str, first: str) -> None:
        """Show in the answer to *first* how often its failure was repeated since."""
        store = self.service.store
        storm, kept = storms.size(store, channel, first), store.thread(channel, first)
        if kept is None or storm <= kept["repeats"]:
            return
        store.put_thread(channel, first, {**kept, "repeats": storm})
        turn = turn_from(kept, channel)
        if kept["report"]:
            self._show(turn, report_from_json(kept["report"], CAUSES), kept.get("became", ""))
        elif kept["said"]:
            self._say(turn, kept["said"])

    def mark(self, channel: str, message: str, became: str) -> None:
        """Show in an answer what has become of its fault; empty: it is there as before."""
        kept = self.service.store.thread(channel, message)
        if kept is None or not kept["report"]:
            return
        turn = turn_from(kept, channel)
        for name in turn.names:
            self.service.store.put_thread(channel, name, {**kept, "became": became})
        self._show(turn, report_from_json(kept["report"], CAUSES), became)

    def check_again(self, channel: str, message: str, user: str) -> None:
        """Look again, without the cache, and update the answer in place."""
        kept = self.service.store.thread(channel, message)
        if kept is None:
            said = thread.problem("forgotten", self.language(user, channel), {})
            self.say.whisper(channel, user, said)
            return
        self._investigate(turn_from(kept, channel, user), fresh=True)

    def diagnosed(
        self, channel: str, thread_ts: str, subject: Subject, text: str, language: str, user: str
    ) -> None:
        """Diagnose the next error of a watched service as a new message of the same thread."""
        symptom = self.service.explain(text)
        question = Question(text=text, channel=channel)
        doing = self._doing(question, subject, language)
        pointed = likely(symptom, CAUSES)
        posted = self.say.post(channel, thread.first(symptom, pointed, language, doing), thread_ts)
        asked = Asked(user, channel, thread_ts)
        self._investigate(Turn(asked, question, symptom, language, posted, subject), fresh=True)

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
        if found is None and question.cluster and not (question.text or question.names_something):
            raise Impossible("nothing_named")
        return found

    def _to_answer(self, asked: Asked, question: Question, symptom: Symptom) -> bool:
        """Tell whether to look for a service; of failures that come before a pull only when called."""
        aloud = asked.aloud and self.service.answerable(question, symptom)
        return symptom.recognised or aloud

    def _resumed(self, asked: Asked) -> Asked:
        """Return *asked* with the answer that this very message has already got."""
        kept = asked.source and self.service.store.thread(asked.channel, asked.source)
        if asked.message or not kept:
            return asked
        return replace(asked, message=kept["answer"], thread=kept["thread"])

    def _open(
        self, asked: Asked, question: Question, symptom: Symptom, language: str,
        subject: Subject | None,
    ) -> Turn:  # fmt: skip
        """Post the first verdict, unless there is an answer to be updated."""
        if not asked.message:
            root = asked.thread
            if root is None:
                said = thread.asked(asked.user, _shown(question) or None, language)
                root = self.say.post(asked.channel, said)
            doing = self._doing(question, subject, language)
            first = thread.first(symptom, likely(symptom, CAUSES), language, doing)
            asked = replace(asked, thread=root, message=self.say.post(asked.channel, first, root))
        return Turn(asked, question, symptom, language, asked.message or "", subject)

    def _investigate(self, turn: Turn, *, fresh: bool) -> None:
        """Put the finding into the place of the answer, or why there is none."""
        try:
            if (subject := turn.subject) is None:
                found = self.service.locate(turn.question)
                if (subject := found.only) is None:
                    self._settle(turn, self._which(turn, matches=len(found.subjects)))
                    return
                turn = replace(turn, subject=subject, how=found.how)
            channel = turn.asked.channel
            report = self.service.diagnose(subject, turn.symptom, channel=channel, fresh=fresh)
        except Impossible as reason:
            self._settle(turn, self._impossible(turn, reason))
        except CannotTell as reason:
            said = thread.problem("aws_away", turn.language, {"because": reason.because})
            self._settle(turn, said)
        else:
            self._keep(turn, report)
            self._show(turn, report)
            if picture.wanted(report):
                self.picture_later(channel, turn.where)

    def _which(self, turn: Turn, *, matches: int = 0, ask: str = "") -> Message:
        """Return what the text says, and the question which service it is about."""
        pointed = likely(turn.symptom, CAUSES)
        return thread.text_only(
            turn.symptom, pointed, turn.language, key=turn.key, matches=matches, ask=ask
        )

    def _impossible(self, turn: Turn, reason: Impossible) -> Message:
        if reason.name in thread.PICKABLE and turn.symptom.family:
            ask = thread.problem_text(reason.name, turn.language, reason.context)
            return self._which(turn, ask=ask)
        return thread.problem(reason.name, turn.language, reason.context, key=turn.key)

    def _settle(self, turn: Turn, said: Message) -> None:
        """Say in the place of the answer why there is no finding."""
        self._keep(turn, said=said)
        self._say(turn, said)

    def _say(self, turn: Turn, said: Message) -> None:
        """Put *said* in the place of our message, with the number of repeats where there are any."""
        channel = turn.asked.channel
        repeats = storms.size(self.service.store, channel, turn.asked.source)
        if repeats > 1:
            counted = blocks.context([words.message("repeats", turn.language, count=repeats)])
            body = said["blocks"]
            at = next((i for i, b in enumerate(body) if b["type"] == "actions"), len(body))
            said = {**said, "blocks": [*body[:at], *counted, *body[at:]]}
        self.say.update(channel, turn.where, said)

    def _show(self, turn: Turn, report: Report, became: str = "") -> None:
        account = self.service.accounts.find(report.subject.account)
        now = self.service.clock()
        self._say(turn, thread.report(
            report, turn.language, key=turn.key, account=account, now=now, how=turn.how,
            became=became,
        ))  # fmt: skip

    def _keep(self, turn: Turn, report: Report | None = None, said: Message | None = None) -> None:
        """Remember what this message is about, for its buttons and for what it answers."""
        store, channel = self.service.store, turn.asked.channel
        kept = turn.to_json(report, said, storms.size(store, channel, turn.asked.source))
        for name in turn.names:
            store.put_thread(channel, name, kept)
        if report and turn.subject:
            self.service.note(report, thread.headline(report, turn.language, "terminal"))

    def _not_a_pull(self, asked: Asked, symptom: Symptom, language: str) -> None:
        if not asked.aloud:
            return
        near = symptom.kind == "near-miss"
        self._whisper(
            asked, thread.near_miss(symptom, language) if near else thread.not_understood(language)
        )

    def _doing(self, question: Question, subject: Subject | None, language: str) -> str:
        """Return what is being done now."""
        if subject is None:
            what = _shown(question)
            return words.message("searching", language, what=what, text=bool(question.text))
        shown = "/".join(filter(None, (subject.cluster, subject.service or subject.task)))
        shown = shown or subject.task_definition or ""
        return words.message(
            "reading", language, subject=shown, account=subject.account, text=bool(question.text)
        )

    def _whisper(self, asked: Asked, message: Message) -> None:
        under = None if asked.unanswered else asked.thread
        self.say.whisper(asked.channel, asked.user, message, under, asked.url)


def _shown(question: Question) -> str:
    """Return the name that a question gives."""
    named = question.service or question.task or question.task_definition
    return "/".join(filter(None, (question.cluster, named)))


__all__ = ["Asked", "Conversation", "CountLater", "NotInChannel", "Speaker"]
