"""What the worker runs. Every job may run twice: what must happen once is guarded in the service.

Listeners only enqueue; a job is a name and a small JSON payload, never a secret.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import dramatiq
from dramatiq import Broker, Message
from dramatiq.errors import BrokerConnectionError as BrokerAway
from redis.exceptions import RedisError

from bot.config import ChannelDefault
from bot.conversation import Asked, Conversation, Speaker
from bot.model import CannotTell
from bot.question import Question
from bot.redact import redact
from bot.render import blocks, thread, views, words
from bot.repairing import Repairing
from bot.service import BY_ID, Service, StoreAway
from bot.surveying import Surveying
from bot.symptom import LIMIT
from bot.version import VERSION

log = logging.getLogger(__name__)

MINUTE = 60_000  # milliseconds
WORKED_ON = {"max_retries": 2, "min_backoff": 1_000, "max_backoff": 10_000}
DECIDED = {"max_retries": 0}  # a person decides whether to try again

INTERACTIVE, FOLLOW_UP, SCAN = "interactive", "follow-up", "scan"
JOBS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "answer": (INTERACTIVE, WORKED_ON),
    "check_again": (INTERACTIVE, WORKED_ON),
    "greet": (INTERACTIVE, WORKED_ON),
    "read_files": (INTERACTIVE, WORKED_ON),
    "history": (INTERACTIVE, WORKED_ON),
    "scan": (SCAN, WORKED_ON),
    "home": (INTERACTIVE, WORKED_ON),
    "show_fix": (INTERACTIVE, DECIDED),
    "choose_fix": (INTERACTIVE, DECIDED),
    "approve_fix": (INTERACTIVE, DECIDED),
    "apply_fix": (INTERACTIVE, DECIDED),
    "break_glass": (INTERACTIVE, DECIDED),
    "decline_fix": (INTERACTIVE, DECIDED),
    "dismiss_fix": (INTERACTIVE, DECIDED),
    "take_home": (INTERACTIVE, DECIDED),
    "undo_fix": (INTERACTIVE, DECIDED),
    "take_back_fix": (INTERACTIVE, DECIDED),
    "watch_fix": (FOLLOW_UP, WORKED_ON),
    "count": (FOLLOW_UP, WORKED_ON),
    "audit": (FOLLOW_UP, WORKED_ON),
}
SILENT = ("watch_fix", "count", "audit")  # nobody waits for these
COUNTING = 2.0  # seconds in which repeats of a failure are counted together
TURN, TURNS = 5.0, 125  # seconds between tries to apply a fix that must wait, and how many


class QueueAway(Exception):  # noqa: N818 - how the world is
    """The queue did not take a job; the person is told to try again."""


class Enqueue(Protocol):
    """Puts one job on the queue; raises QueueAway."""

    def __call__(self, job: str, /, *, delay: float = 0, **payload: Any) -> None: ...


class HomeSpeaker(Speaker, Protocol):
    """A speaker that can publish the App Home tab and read shared files too."""

    def home(self, user: str, view: dict[str, Any]) -> None: ...
    def read(self, url: str) -> str:
        """Return the beginning of a shared text file; empty where it may not be read."""


@dataclass(slots=True)
class Queue:
    """The jobs on a broker: declared in every process, bound to a :class:`Worker` where they run."""

    broker: Broker
    worker: Worker | None = None

    def __post_init__(self) -> None:
        for name, (queue, options) in JOBS.items():
            told = {} if name in SILENT else {"on_retry_exhausted": "give_up"}
            dramatiq.actor(
                self._run(name), actor_name=name, queue_name=queue, broker=self.broker,
                time_limit=5 * MINUTE, max_age=60 * MINUTE, **options, **told,
            )  # fmt: skip
        dramatiq.actor(
            self._give_up, actor_name="give_up", queue_name=FOLLOW_UP, broker=self.broker,
            max_retries=0,
        )  # fmt: skip

    def __call__(self, job: str, /, *, delay: float = 0, **payload: Any) -> None:
        """Put *job* on its queue, to start after *delay* seconds."""
        queue = JOBS[job][0]
        for typed in {"text", "reason"} & set(payload):  # before it reaches Redis, or a log line
            payload[typed] = redact(payload[typed])
        message: Message[None] = Message(
            queue_name=queue, actor_name=job, args=(), kwargs=payload, options={}
        )
        try:
            self.broker.enqueue(message, delay=int(delay * 1000) or None)
        except (BrokerAway, RedisError, OSError) as error:  # dramatiq lets those of Redis pass
            raise QueueAway(job) from error

    def _run(self, name: str) -> Callable[..., None]:
        def job(**payload: Any) -> None:
            if self.worker is None:
                raise RuntimeError("this process enqueues jobs and does not run them")
            self.worker.run(name, payload)

        return job

    def _give_up(self, message: dict[str, Any], tries: dict[str, int]) -> None:
        """Tell whoever waits for a job that it broke, each time that it was tried."""
        log.error("gave up", extra={"job": message["actor_name"], **tries})
        if self.worker is not None:
            self.worker.give_up(message["kwargs"], reference=message["message_id"][:8])


class Worker:
    """Runs jobs: each name is a method here, in :class:`Conversation` or in :class:`Repairing`."""

    def __init__(self, service: Service, say: HomeSpeaker, enqueue: Enqueue) -> None:
        self.service = service
        self.say = say
        self.enqueue = enqueue
        self.talk = Conversation(service, say, self._count_later)
        self.survey = Surveying(service, say, self.talk)
        self.fixes = Repairing(service, say, self.talk, self._watch_later, self._announce)

    def run(self, name: str, payload: dict[str, Any]) -> None:
        """Run one job; what no store means is told to the person who asked."""
        try:
            getattr(self, name)(**payload)
        except (StoreAway, QueueAway) as away:
            log.warning("store away", extra={"job": name})
            self._tell(payload, "store_away" if isinstance(away, StoreAway) else "queue_away")

    def give_up(self, payload: dict[str, Any], reference: str) -> None:
        """Tell that a job broke, also in the message that still promises an answer."""
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
        accounts = [a.id for a in self.service.accounts.seen_in(channel)]
        lines = [views.history_line(e) for e in self.service.store.recent(accounts, 10)]
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
            service.store.recent([a.id for a in open_to_all], 20), waiting, language,
            version=VERSION, accounts=len(open_to_all), store_ready=service.store.healthy,
        )  # fmt: skip
        self.say.home(user, view)

    def show_fix(self, channel: str, user: str, message: str, cause: str) -> None:
        self.fixes.show(channel, message, cause, user)

    def choose_fix(self, channel: str, user: str, fix: str, choice: str) -> None:
        self.fixes.choose(fix, choice, user, channel)

    def approve_fix(self, channel: str, user: str, fix: str, shown: str) -> None:
        if self.fixes.approve(fix, shown, user, channel):
            self.enqueue("apply_fix", fix=fix)

    def apply_fix(self, fix: str, turn: int = 0) -> None:
        if not self.fixes.apply(fix, patient=turn < TURNS):
            self.enqueue("apply_fix", delay=TURN, fix=fix, turn=turn + 1)

    def break_glass(self, channel: str, user: str, fix: str, shown: str, reason: str) -> None:
        if self.fixes.approve(fix, shown, user, channel, reason):
            self.enqueue("apply_fix", fix=fix)

    def decline_fix(self, channel: str, user: str, fix: str, reason: str) -> None:
        self.fixes.decline(fix, reason, user, channel)

    def dismiss_fix(self, channel: str, user: str, fix: str) -> None:
        self.fixes.dismiss(fix, user, channel)

    def take_home(self, channel: str, user: str, fix: str) -> None:
        self.fixes.take_home(fix, user, channel)

    def undo_fix(self, channel: str, user: str, fix: str) -> None:
        if self.fixes.request_undo(fix, user, channel):
            self.enqueue("take_back_fix", fix=fix)

    def take_back_fix(self, fix: str) -> None:
        self.fixes.undo(fix)

    def watch_fix(self, fix: str, attempt: int) -> None:
        self.fixes.watch(fix, attempt)

    def count(self, channel: str, first: str) -> None:
        self.talk.count(channel, first)

    def audit(self, event: str, fix: str, who: str) -> None:
        self.fixes.audit(event, fix, who)

    def _count_later(self, channel: str, first: str) -> None:
        self.enqueue("count", delay=COUNTING, channel=channel, first=first)

    def _announce(self, event: str, fix: str, who: str) -> None:
        try:
            self.enqueue("audit", event=event, fix=fix, who=who)
        except QueueAway:  # the audit stream has it all the same
            log.warning("not announced", extra={"event": event, "fix": fix})

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
