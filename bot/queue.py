"""The queue: dramatiq on Redis, set so that a killed worker's job starts again in 5 seconds.

Its defaults would leave a lone person's question waiting for 0.4 s, and a killed worker's job
for minutes. https://dramatiq.io/guide.html
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from dramatiq import Broker, Message, Worker
from dramatiq.brokers.redis import RedisBroker
from dramatiq.errors import ConnectionFailed
from dramatiq.middleware import (
    AgeLimit,
    Callbacks,
    Middleware,
    Pipelines,
    Retries,
    TimeLimit,
)
from redis.exceptions import RedisError

from bot.store.base import DAY, connect

DATABASE = 1  # after the store's: cleaning up after a dead worker runs KEYS
HEARTBEAT = 5_000  # milliseconds until a worker that is not heard of counts as dead
POLL = 50  # milliseconds at most between looks at an idle queue
THREADS = 8
STOPPING = 25_000  # milliseconds that running jobs get to end


@dataclass(slots=True)
class Counters(Middleware):  # type: ignore[misc]  # dramatiq is untyped
    """Counts what the queue does in this process, and what was given up in all of them."""

    on: RedisBroker | None = None
    enqueued: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)
    began: dict[str, float] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def after_enqueue(self, broker: Broker, message: Message[Any], delay: int | None) -> None:
        with self.lock:
            self.enqueued[message.actor_name] += 1

    def before_process_message(self, broker: Broker, message: Message[Any]) -> None:
        with self.lock:
            self.began[message.message_id] = time.monotonic()

    def after_process_message(
        self,
        broker: Broker,
        message: Message[Any],
        *,
        result: Any = None,
        exception: Any = None,
    ) -> None:
        with self.lock:
            began = self.began.pop(message.message_id, None)
            (self.failed if exception else self.done)[message.actor_name] += 1
            if began is not None:
                self.seconds[message.actor_name] += time.monotonic() - began  # type: ignore[assignment]  # seconds

    def after_skip_message(self, broker: Broker, message: Message[Any]) -> None:
        """Count a job that was too old to be worth doing."""
        with self.lock:
            self.began.pop(message.message_id, None)
            self.failed[message.actor_name] += 1

    def exposition(self) -> str:
        """Return the figures as Prometheus reads them."""
        lines = []
        with self.lock:
            for name, counts in (
                ("enqueued_total", self.enqueued), ("done_total", self.done),
                ("failed_total", self.failed), ("seconds_total", self.seconds),
            ):  # fmt: skip
                lines.append(f"# TYPE ecs_pull_jobs_{name} counter")
                lines += [
                    f'ecs_pull_jobs_{name}{{job="{j}"}} {c:g}' for j, c in sorted(counts.items())
                ]
        if self.on is not None and (dead := dead_letters(self.on)) is not None:
            lines += ["# TYPE ecs_pull_jobs_dead gauge"]
            lines += [f'ecs_pull_jobs_dead{{queue="{q}"}} {n}' for q, n in sorted(dead.items())]
        return "\n".join(lines) + "\n"


@dataclass(slots=True)
class Running:
    """A worker's threads in this process."""

    worker: Worker

    def stop(self) -> None:
        """Let running jobs end; what does not starts again elsewhere."""
        self.worker.stop(timeout=STOPPING)


class OurBroker(RedisBroker):  # type: ignore[misc]  # dramatiq is untyped
    """Says in dramatiq's words that Redis did not take a job: RedisBroker lets redis-py's out."""

    def enqueue(self, message: Message[Any], *, delay: int | None = None) -> Message[Any]:
        try:
            return super().enqueue(message, delay=delay)
        except RedisError as error:
            raise ConnectionFailed(type(error).__name__) from error


def broker(url: str) -> RedisBroker:
    """Return the broker on the Redis at *url*, in a database of its own; nothing connects yet."""
    counting = Counters()
    found = OurBroker(
        client=connect(url, text=False, database=DATABASE),
        heartbeat_timeout=HEARTBEAT,
        maintenance_chance=1_000_000,
        dead_message_ttl=7 * DAY * 1000,
        namespace="ecs-pull-jobs",
        middleware=[
            AgeLimit(), TimeLimit(), Callbacks(), Pipelines(), Retries(), counting,
        ],
    )  # fmt: skip
    counting.on = found
    return found


def start_worker(on: Broker, threads: int = THREADS) -> Running:
    """Start the worker's threads; without ``process_boot`` its time limits would never fire."""
    on.emit_after("process_boot")
    worker = Worker(on, worker_threads=threads, worker_timeout=POLL)
    worker.start()
    return Running(worker)


def counters(on: Broker) -> Counters:
    """Return the counters of *on* in this process."""
    found: Counters = next(m for m in on.middleware if isinstance(m, Counters))
    return found


def dead_letters(on: RedisBroker) -> dict[str, int] | None:
    """Return how many jobs of each queue were given up; None where Redis does not answer."""
    queues = sorted(on.get_declared_queues())
    try:
        return {q: int(on.client.zcard(f"{on.namespace}:{q}.XQ")) for q in queues}
    except RedisError:
        return None
