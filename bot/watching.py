"""What a service does after a fix: wait, run, or fail again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.aws import listing
from bot.aws.client import Door
from bot.fix import Fix


@dataclass(frozen=True, slots=True)
class Watched:
    """Still waiting, a task runs, or the next error (*text*) came; *task* is its id."""

    state: Literal["waiting", "running", "failed"]
    task: str = ""
    text: str = ""


def since(fix: Fix, revision: str | None, door: Door) -> Watched:
    """Return what the newest task tells that was started since *fix* began to be applied.

    *revision* is the task definition that the fix made, where it made one: tasks of another
    one tell nothing about it.
    """
    said = fix.outcome.get("applied_at")
    applied_at = datetime.fromisoformat(said) if said else fix.decided_at
    subject = fix.subject
    if subject.service is None or subject.cluster is None or applied_at is None:
        return Watched("waiting")
    tasks = listing.tasks(door, subject.cluster, ["RUNNING", "STOPPED"], subject.service)
    for task in tasks:
        if task.created_at <= applied_at or revision not in (None, task.definition):
            continue
        if task.status == "RUNNING":
            return Watched("running", listing.name(task.arn))
        if task.status == "STOPPED" and task.stop_code == "TaskFailedToStart":
            return Watched("failed", listing.name(task.arn), "\n".join(task.texts))
    return Watched("waiting")
