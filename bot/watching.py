"""What a service does after a fix: wait, run, fail again, or be held back by ECS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from bot.aws import listing
from bot.aws.client import Door, NotFound
from bot.fix import Fix
from bot.model import Call

# What ECS says in a service's events when it waits before its next try, and when it stops trying.
WAITS = ("unable to consistently start tasks", "unable to place a task")
GIVEN_UP = ("deployment failed", "rolling back to deployment")


@dataclass(frozen=True, slots=True)
class Watched:
    """Still waiting, a task runs, the next error came, or ECS holds the service back.

    *text* is the error, or what ECS says of it; *task* the task's id. *gave_up* tells that ECS
    will not try again by itself.
    """

    state: Literal["waiting", "running", "failed", "stalled"]
    task: str = ""
    text: str = ""
    gave_up: bool = False


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
    return held_back(_described(door, subject.cluster, subject.service), revision, applied_at)


def held_back(said: Mapping[str, Any], revision: str | None, since: datetime) -> Watched:
    """Return what ECS has said of a service *since* then: that it waits, gave up, or nothing."""
    for deployment in said.get("deployments", ()):
        at = deployment.get("updatedAt") or deployment.get("createdAt")
        ours = revision in (None, deployment.get("taskDefinition"))
        if ours and deployment.get("rolloutState") == "FAILED" and at and at > since:
            return Watched("stalled", text=deployment.get("rolloutStateReason", ""), gave_up=True)
    for event in said.get("events", ()):  # newest first
        message = event.get("message", "")
        if event["createdAt"] > since and any(mark in message for mark in (*GIVEN_UP, *WAITS)):
            gave_up = any(mark in message for mark in GIVEN_UP)
            return Watched("stalled", text=message, gave_up=gave_up)
    return Watched("waiting")


def _described(door: Door, cluster: str, service: str) -> Mapping[str, Any]:
    call = Call("ecs", "describe_services", {"cluster": cluster, "services": [service]})
    try:
        return next(iter(door.call(call)["services"]), {})
    except NotFound:
        return {}
