"""Answers that are fresh enough to give again, and stopped tasks that AWS forgets."""

from __future__ import annotations

import json
import time
from datetime import datetime

from bot.facts import Subject
from bot.store.base import DAY, JSON, Base, clean, dumps, saving

SNAPSHOT_SECONDS = 30 * DAY
REMEMBERED = 20  # stopped tasks of one service
FORGET_SECONDS = DAY  # longer than any answer lives


class Answers(Base):
    """The cache: all of it fails open."""

    @saving(default=None)
    def put_report(self, fingerprint: str, report: JSON, *, ttl: int) -> None:
        """Keep an answer for *ttl* seconds."""
        kept = {"at": time.time(), "report": clean(report)}
        self.set_json(self.key("report", fingerprint), kept, ttl)

    @saving(default=None)
    def report(self, fingerprint: str) -> tuple[JSON, float] | None:
        """Return an answer and its age in seconds, None where none is fresh enough."""
        kept = self.get_json(self.key("report", fingerprint))
        if kept is None:
            return None
        report = kept["report"]
        forgotten = self.redis.get(self.key("forgotten", report["subject"]["account"]))
        looked = datetime.fromisoformat(report["checked_at"]).timestamp()
        if forgotten and looked <= float(forgotten):
            return None
        return report, max(0.0, time.time() - kept["at"])

    @saving(default=None)
    def forget_reports(self, account: str) -> None:
        """Forget every answer about *account*, because it has changed.

        What is being looked at right now is forgotten too, although it lands later.
        """
        self.redis.set(self.key("forgotten", account), repr(time.time()), ex=FORGET_SECONDS)

    @saving(default=None)
    def state_of(self, account: str) -> str | None:
        """Return a name of how *account* is: another after each change of ours, None if unknown."""
        found = self.redis.get(self.key("forgotten", account))
        return "" if found is None else str(found)

    @saving(default=None)
    def put_snapshot(self, subject: Subject, arn: str, task: JSON) -> None:
        """Keep a stopped task for 30 days, found again by its ARN, its id or its service."""
        place = (subject.account, subject.region)
        task_id = arn.rpartition("/")[2]
        stopped = task.get("stopped_at")
        score = datetime.fromisoformat(stopped).timestamp() if stopped else time.time()
        service = subject.service or (task.get("group") or "").partition("service:")[2]
        with self.redis.pipeline() as pipe:
            pipe.set(self.key("task", *place, task_id), dumps(clean(task)), ex=SNAPSHOT_SECONDS)
            if service:
                index = self.key("tasks", *place, subject.cluster or "", service)
                pipe.zadd(index, {task_id: score})
                pipe.zremrangebyrank(index, 0, -REMEMBERED - 1)
                pipe.expire(index, SNAPSHOT_SECONDS)
            pipe.execute()

    @saving(default=None)
    def snapshot(self, subject: Subject) -> JSON | None:
        """Return the newest stopped task that is remembered of *subject*.

        A task of another revision than the one asked about says nothing of it.
        """
        place = (subject.account, subject.region)
        ids = [subject.task.rpartition("/")[2]] if subject.task else []
        if subject.service and not ids:
            index = self.key("tasks", *place, subject.cluster or "", subject.service)
            ids = self.redis.zrevrange(index, 0, -1)
        if not ids:
            return None
        found = self.redis.mget([self.key("task", *place, i) for i in ids])
        kept = (json.loads(text) for text in found if text)
        return next((t for t in kept if _of(t, subject.task_definition)), None)


def _of(task: JSON, definition: str | None) -> bool:
    """Tell whether *task* ran *definition*: an ARN, ``family:revision``, ``family``, or any."""
    if not definition:
        return True
    ran = str(task.get("definition") or "").rpartition("/")[2]
    asked = definition.rpartition("/")[2]
    return asked in (ran, ran.rpartition(":")[0])
