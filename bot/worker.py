"""What the worker does with each job."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any, Protocol

from bot.config import ChannelDefault
from bot.conversation import Asked, Conversation, Speaker
from bot.entering import Entering
from bot.jobs import ENDING, Enqueue, QueueAway
from bot.model import CannotTell
from bot.picturing import Picturing
from bot.question import Question
from bot.redact import redact
from bot.render import blocks, thread, views, words
from bot.render.reasons import UNDO
from bot.service import BY_ID, Service, StoreAway
from bot.surveying import Surveying
from bot.symptom import LIMIT
from bot.version import VERSION

log = logging.getLogger(__name__)

COUNTING = 2.0  # seconds in which repeats of a failure are counted together
TURN, TURNS = 5.0, 125  # seconds between tries to apply a fix that must wait, and how many


class HomeSpeaker(Speaker, Protocol):
    """A speaker that can publish the App Home tab and read shared files too."""

    def home(self, user: str, view: dict[str, Any]) -> None: ...
    def read(self, url: str) -> str:
        """Return the beginning of a shared text file; empty where it may not be read."""


class Worker:
    """Runs jobs: each name is a method here, in :class:`Conversation` or in :class:`Entering`."""

    def __init__(self, service: Service, say: HomeSpeaker, enqueue: Enqueue) -> None:
        self.service = service
        self.say = say
        self.enqueue = enqueue
        self.talk = Conversation(service, say, self._count_later, self._picture_later)
        self.pictures = Picturing(service, say)
        self.survey = Surveying(service, say, self.talk)
        self.fixes = Entering(service, say, self.talk, self._watch_later, self._announce)

    def run(self, name: str, payload: dict[str, Any]) -> None:
        """Run one job; what no store means is told to the person who asked."""
        try:
            getattr(self, name)(**payload)
        except (StoreAway, QueueAway) as away:
            if name in ENDING and isinstance(away, StoreAway):
                raise  # to be tried again
            log.warning("store away", extra={"job": name})
            self._tell(payload, "store_away" if isinstance(away, StoreAway) else "queue_away")

    def give_up(self, payload: dict[str, Any], reference: str) -> None:
        """Tell that a job broke, also in the message that still promises an answer."""
        if "fix" in payload and "channel" not in payload:
            self.fixes.broke(payload["fix"], reference)
            return
        asked = payload.get("asked") or {}
        channel, source = asked.get("channel", ""), asked.get("source")
        kept = self.service.store.thread(channel, source) if source else None
        if kept and not kept["report"]:
            said = thread.problem("internal", kept["language"], {"reference": reference})
            self.say.update(channel, kept["answer"], said)
        else:
            self._tell(payload, "internal", reference=reference)

    def answer(
        self, asked: dict[str, Any], text: str = "", question: dict[str, Any] | None = None
    ) -> None:
        who = Asked(**asked)
        if who.message and not text:  # a subject picked for a message that was answered before
            kept = self.service.store.thread(who.channel, who.message)
            text = kept["question"]["text"] if kept else ""
            who = replace(who, thread=kept["thread"] if kept else None)
        if question:
            said = Question(text=text, channel=who.channel, **question)
        else:
            said = self.service.question(text, who.channel)
        self.talk.answer(who, said)

    def check_again(self, channel: str, user: str, message: str) -> None:
        self.talk.check_again(channel, message, user)

    def read_files(self, asked: dict[str, Any], text: str, urls: list[str]) -> None:
        """Answer where a shared text file carries a pull error; its preview was too short to tell."""
        parts = [text, *(self.say.read(url) for url in urls)]
        whole = redact("\n".join(p for p in parts if p)[: LIMIT + 1])
        if asked["aloud"] or self.service.explain(whole).recognised:
            self.answer(asked, whole)

    def greet(self, channel: str, user: str, thread: str, message: str) -> None:
        """Answer a mention without words: what its thread is about again, else how to ask."""
        kept = self.service.store.thread(channel, thread)
        if kept and kept["question"]["text"]:
            asked = {"channel": channel, "user": user, "thread": thread, "source": message}
            self.answer(asked, kept["question"]["text"])
            return
        language = self.talk.language(user, channel)
        under = None if thread == message else thread
        self.say.whisper(channel, user, _help(language), under)

    def history(self, channel: str, user: str, url: str) -> None:
        language = self.talk.language(user, channel)
        seen = self.service.accounts.seen_in(channel)
        lines = [views.history_line(e) for e in self.service.recent(seen, 10)]
        text = "\n".join(lines) or words.message("history_empty", language)
        title = words.message("history_title", language)
        said = blocks.message(title, [blocks.section(f"*{title}*\n{text}")])
        self.say.whisper(channel, user, said, None, url)

    def scan(self, asked: dict[str, Any]) -> None:
        self.survey.scan(Asked(**asked))

    def home(self, user: str) -> None:
        service = self.service
        language = self.talk.language(user, "")
        open_to_all = [a for a in service.accounts.items if a.channels is None]
        waiting = [
            (f, BY_ID[f.cause])
            for f in service.waiting()
            if (account := service.accounts.find(f.subject.account))
            and {user, *self.say.groups(user, account.approvers)} & set(account.approvers)
        ]
        view = views.home(
            service.recent(open_to_all, 20), waiting, language,
            version=VERSION, accounts=len(open_to_all), store_ready=service.store.healthy,
        )  # fmt: skip
        self.say.home(user, view)

    def show_fix(self, channel: str, user: str, message: str, cause: str) -> None:
        self.fixes.show(channel, message, cause, user)

    def choose_fix(self, channel: str, user: str, fix: str, choice: str) -> None:
        self.fixes.choose(fix, choice, user, channel)

    def approve_fix(self, channel: str, user: str, fix: str, shown: str) -> None:
        if self.fixes.approve(fix, shown, user, channel):
            self._carry_out("apply_fix", fix)

    def apply_fix(self, fix: str, turn: int = 0) -> None:
        if not self.fixes.apply(fix, patient=turn < TURNS):
            self.enqueue("apply_fix", delay=TURN, fix=fix, turn=turn + 1)

    def settle_login(self, fix: str, turn: int = 0) -> None:
        """See to it that an approval with a login has come to an end, whatever died meanwhile."""
        if not self.fixes.settle(fix, patient=turn < TURNS):
            self.enqueue("settle_login", delay=TURN, fix=fix, turn=turn + 1)

    def break_glass(self, channel: str, user: str, fix: str, shown: str, reason: str) -> None:
        if shown == UNDO:
            if self.fixes.request_undo(fix, user, channel, reason):
                self._carry_out("take_back_fix", fix)
        elif self.fixes.approve(fix, shown, user, channel, reason):
            self._carry_out("apply_fix", fix)

    def decline_fix(self, channel: str, user: str, fix: str, reason: str) -> None:
        self.fixes.decline(fix, reason, user, channel)

    def dismiss_fix(self, channel: str, user: str, fix: str) -> None:
        self.fixes.dismiss(fix, user, channel)

    def take_home(self, channel: str, user: str, fix: str) -> None:
        self.fixes.take_home(fix, user, channel)

    def undo_fix(self, channel: str, user: str, fix: str) -> None:
        if self.fixes.request_undo(fix, user, channel):
            self._carry_out("take_back_fix", fix)

    def take_back_fix(self, fix: str, turn: int = 0) -> None:
        if not self.fixes.undo(fix, patient=turn < TURNS):
            self.enqueue("take_back_fix", delay=TURN, fix=fix, turn=turn + 1)

    def watch_fix(self, fix: str, attempt: int) -> None:
        self.fixes.watch(fix, attempt)

    def count(self, channel: str, first: str) -> None:
        self.talk.count(channel, first)

    def picture(self, channel: str, message: str) -> None:
        self.pictures.show(channel, message)

    def audit(self, event: str, fix: str, who: str) -> None:
        self.fixes.audit(event, fix, who)

    def _count_later(self, channel: str, first: str) -> None:
        self.enqueue("count", delay=COUNTING, channel=channel, first=first)

    def _picture_later(self, channel: str, message: str) -> None:
        try:
            self.enqueue("picture", channel=channel, message=message)
        except QueueAway:  # the words are there all the same
            log.warning("no picture", extra={"message_ts": message})

    def _announce(self, event: str, fix: str, who: str) -> None:
        try:
            self.enqueue("audit", event=event, fix=fix, who=who)
        except QueueAway:  # the audit stream has it all the same
            log.warning("not announced", extra={"event": event, "fix": fix})

    def _carry_out(self, job: str, fix: str) -> None:
        """Queue what was decided; what the queue does not take is ended here, and never done later."""
        try:
            self.enqueue(job, fix=fix)
        except QueueAway:
            self.fixes.ended(fix, undo=job == "take_back_fix")
            raise

    def _watch_later(self, fix: str, attempt: int, delay: float) -> None:
        self.enqueue("watch_fix", delay=delay, fix=fix, attempt=attempt)

    def _tell(self, payload: dict[str, Any], problem: str, **context: str) -> None:
        asked = payload.get("asked") or payload
        channel, user = asked.get("channel"), asked.get("user")
        if not (channel and user):
            return
        default = self.service.accounts.channels.get(channel, ChannelDefault()).language
        said = thread.problem(problem, words.language_of(default), context)
        try:
            under = None if asked.get("unanswered") else asked.get("thread")
            self.say.whisper(channel, user, said, under, asked.get("url"))
        except (CannotTell, OSError):
            log.exception("could not tell what went wrong")


def _help(language: str) -> blocks.Message:
    text = words.message("help", language)
    return blocks.message(text, [blocks.section(text)])
