"""What the worker runs. Every job may run twice: what must happen once is guarded in the service.

Listeners only enqueue; a job is a name and a small JSON payload, never a secret. Who clicked is
part of it, so it is sealed: a job that nobody here enqueued is not run.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import dramatiq
from dramatiq import Broker, Message
from dramatiq.errors import BrokerConnectionError as BrokerAway
from redis.exceptions import RedisError

from bot.redact import redact
from bot.sealing import Broken, Seal
from bot.store import StoreAway

log = logging.getLogger(__name__)

MINUTE = 60_000  # milliseconds
WORKED_ON = {"max_retries": 2, "min_backoff": 1_000, "max_backoff": 10_000}
DECIDED = {"max_retries": 0}  # a person decides whether to try again
# However late it is: what a person decided must be ended, and told, by the job itself.
# Where the store is away meanwhile it is tried again: what was begun must not be left by halves.
OWED = {
    "max_age": None, "min_backoff": 1_000, "max_backoff": MINUTE,
    "retry_when": lambda tried, error: isinstance(error, StoreAway) and tried < PATIENT,
}  # fmt: skip
PATIENT = 12  # tries, which take some ten minutes

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
    "apply_fix": (INTERACTIVE, OWED),
    "settle_login": (INTERACTIVE, OWED),
    "break_glass": (INTERACTIVE, DECIDED),
    "decline_fix": (INTERACTIVE, DECIDED),
    "dismiss_fix": (INTERACTIVE, DECIDED),
    "take_home": (INTERACTIVE, DECIDED),
    "undo_fix": (INTERACTIVE, DECIDED),
    "take_back_fix": (INTERACTIVE, OWED),
    "watch_fix": (FOLLOW_UP, WORKED_ON),
    "count": (FOLLOW_UP, WORKED_ON),
    "picture": (FOLLOW_UP, WORKED_ON),
    "audit": (FOLLOW_UP, WORKED_ON),
}
ENDING = (
    "apply_fix",
    "settle_login",
    "take_back_fix",
)  # what a person decided, in the fix's own message
SILENT = ("watch_fix", "count", "picture", "audit")  # nobody waits for these


class QueueAway(Exception):  # noqa: N818 - how the world is
    """The queue did not take a job; the person is told to try again."""


class Enqueue(Protocol):
    """Puts one job on the queue; raises QueueAway."""

    def __call__(self, job: str, /, *, delay: float = 0, **payload: Any) -> None: ...


class Runner(Protocol):
    """Runs jobs by name: see :class:`bot.worker.Worker`."""

    def run(self, name: str, payload: dict[str, Any]) -> None: ...
    def give_up(self, payload: dict[str, Any], reference: str) -> None:
        """Tell whoever waits for a job that it broke for good."""


@dataclass(slots=True)
class Queue:
    """The jobs on a broker: declared in every process, bound to a worker where they run."""

    broker: Broker
    seal: Seal
    worker: Runner | None = None

    def __post_init__(self) -> None:
        for name, (queue, options) in JOBS.items():
            told = {} if name in SILENT else {"on_retry_exhausted": "give_up"}
            dramatiq.actor(
                self._run(name), actor_name=name, queue_name=queue, broker=self.broker,
                **{"time_limit": 5 * MINUTE, "max_age": 60 * MINUTE, **options, **told},
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
        sealed = {"sealed": self.seal.close(payload, _place(job))}
        message: Message[None] = Message(
            queue_name=queue, actor_name=job, args=(), kwargs=sealed, options={}
        )
        try:
            self.broker.enqueue(message, delay=int(delay * 1000) or None)
        except (BrokerAway, RedisError, OSError) as error:  # dramatiq lets those of Redis pass
            raise QueueAway(job) from error

    def _run(self, name: str) -> Callable[..., None]:
        def job(**sealed: Any) -> None:
            if self.worker is None:
                raise RuntimeError("this process enqueues jobs and does not run them")
            payload = self._payload(name, sealed)
            if payload is not None:
                self.worker.run(name, payload)

        return job

    def _give_up(self, message: dict[str, Any], tries: dict[str, int]) -> None:
        """Tell whoever waits for a job that it broke, each time that it was tried."""
        name = message["actor_name"]
        log.error("gave up", extra={"job": name, **tries})
        payload = self._payload(name, message["kwargs"])
        if self.worker is not None and payload is not None:
            self.worker.give_up(payload, reference=message["message_id"][:8])

    def _payload(self, name: str, sealed: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return what a job was given here; None for one that was enqueued by anybody else."""
        try:
            payload: dict[str, Any] = self.seal.open(str(sealed.get("sealed")), _place(name))
        except Broken:
            log.error("not our job", extra={"job": name})  # noqa: TRY400 - its stack says nothing
            return None
        return payload


def _place(name: str) -> str:
    return f"job:{name}"
