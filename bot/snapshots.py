"""Remember stopped tasks longer than AWS does, so that yesterday's failure can be explained.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-errors.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from bot.facts import ContainerState, StoppedTask, Subject
from bot.redact import redact
from bot.store import Store


def remembering(store: Store) -> Callable[[Subject, StoppedTask], StoppedTask]:
    """Return what keeps a stopped task that AWS still knows, and gives back one it has forgotten."""

    def remember(subject: Subject, found: StoppedTask) -> StoppedTask:
        if found.arn is not None:
            store.put_snapshot(subject, found.arn, to_json(found))
            return found
        kept = store.snapshot(subject)
        return replace(from_json(kept), remembered=True) if kept else found

    return remember


def to_json(task: StoppedTask) -> dict[str, Any]:
    """Return *task* as JSON, its texts redacted; :func:`from_json` is its inverse."""
    data = asdict(task)
    data["reason"] = redact(task.reason)
    data["containers"] = [
        {**asdict(c), "reason": redact(c.reason) if c.reason else None} for c in task.containers
    ]
    for name in ("created_at", "stopped_at"):
        data[name] = data[name].isoformat() if data[name] else None
    return data


def from_json(data: Mapping[str, Any]) -> StoppedTask:
    """Return the task that :func:`to_json` was given."""
    known = {k: v for k, v in data.items() if k in StoppedTask.__dataclass_fields__}
    for name in ("created_at", "stopped_at"):
        known[name] = datetime.fromisoformat(known[name]) if known.get(name) else None
    known["containers"] = tuple(ContainerState(**c) for c in data["containers"])
    return StoppedTask(**known)
