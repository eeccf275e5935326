"""A store that remembers nothing: for one command on the command line, where no Redis is set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bot.facts import Subject
from bot.store.base import JSON, Flight
from bot.store.redis_store import Store


class Forgetful(Store):
    """Answers every question about the past with "nothing", and connects to nothing."""

    def __init__(self) -> None:
        self.healthy = True

    def ping(self) -> bool:
        return True

    def put_report(self, fingerprint: str, report: JSON, *, ttl: int) -> None:
        """Keep nothing."""

    def report(self, fingerprint: str) -> tuple[JSON, float] | None:  # noqa: ARG002 - nothing is kept
        return None

    @contextmanager
    def flight(self, fingerprint: str, seconds: int) -> Iterator[Flight]:  # noqa: ARG002 - nobody else asks
        yield Flight(None, lambda _: None)

    def put_snapshot(self, subject: Subject, arn: str, task: JSON) -> None:
        """Keep nothing."""

    def snapshot(self, subject: Subject) -> JSON | None:  # noqa: ARG002 - nothing is kept
        return None
