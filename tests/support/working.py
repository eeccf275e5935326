"""A worker process whose jobs only say that they ran: ``python -m tests.support.working URL``.

A job named ``show_fix`` holds its thread until the process is killed, when it runs first.
"""

from __future__ import annotations

import os
import sys
import threading
from dataclasses import dataclass
from typing import Any

from redis import Redis

from bot import queue
from bot.jobs import Queue
from tests.support.sealing import SEAL

RAN = "ran"


@dataclass
class Saying:
    """Tells Redis which job ran where."""

    url: str

    def run(self, name: str, payload: dict[str, Any]) -> None:
        with Redis.from_url(self.url) as client:
            times = client.rpush(RAN, f"{name}:{payload.get('n', '')}:{os.getpid()}")
        if payload.get("hold") and times == 1:
            threading.Event().wait(60)
        if payload.get("fails"):
            raise RuntimeError("as it was told to")

    def give_up(self, payload: dict[str, Any], reference: str) -> None:
        """Tell nobody: nobody asked."""


def start(url: str) -> tuple[Queue, queue.Running]:
    """Return a queue, and the worker of this process that runs its jobs."""
    jobs = Queue(queue.broker(url), SEAL, Saying(url))
    return jobs, queue.start_worker(jobs.broker, threads=2)


if __name__ == "__main__":
    start(sys.argv[1])
    print("started", flush=True)  # noqa: T201 - the test waits for it
    threading.Event().wait(60)
