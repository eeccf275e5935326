"""Apply a plan, finish one that was interrupted, take one back.

Every step is journaled before and after it, and guarded by the live value: it is done only
where that value is still the step's *before*, skipped where it is already *after*, and where it
is neither, somebody else was here, and we stop. So a job may run twice and a worker may be
killed at any moment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from bot.aws.client import Door
from bot.live import resolved, state
from bot.model import Call, Plan, Step

JSON = Any
SECONDS = 600  # that a fix may hold the lock on what it changes
Doors = Callable[[Step], Door]


class Journal(Protocol):
    """What was done of a fix, step by step."""

    def append(self, entry: Mapping[str, JSON]) -> None: ...
    def entries(self) -> list[dict[str, JSON]]: ...


class Stopped(Exception):  # noqa: N818 - an outcome
    """Somebody else changed what *step* (from 0) is about; *live* is what stands there now."""

    def __init__(self, step: int, live: JSON) -> None:
        super().__init__(f"step {step}")
        self.step = step
        self.live = live


@dataclass(slots=True)
class Outcome:
    """What was done: the answers of the steps by number, and each call with its request id."""

    answers: list[JSON] = field(default_factory=list)
    calls: list[dict[str, JSON]] = field(default_factory=list)


def resume(plan: Plan, door_of: Doors, journal: Journal) -> Outcome:
    """Apply *plan*, or what is left of it. Raises Stopped, and what the door raises."""
    known = _answers(journal.entries())
    outcome = Outcome([known.get(i) for i in range(len(plan.steps))])
    done = {e["step"] for e in journal.entries() if e["phase"] == "after"}
    for number, step in enumerate(plan.steps):
        if number in done:
            continue
        door = door_of(step)
        where, live = state(step, door, outcome.answers)
        if where == "neither":
            _note(journal, number, "stopped", live=live)
            raise Stopped(number, live)
        if where == "before":
            _note(journal, number, "before")
            outcome.answers[number] = _do(step.do, door, outcome)
        elif outcome.answers[number] is None:
            outcome.answers[number] = _seen(step, live)
        _note(journal, number, "after", answer=outcome.answers[number])
    return outcome


def undo(plan: Plan, door_of: Doors, journal: Journal) -> Outcome:
    """Take back what the journal says was done, newest first, where nobody changed it since."""
    entries = journal.entries()
    known = _answers(entries)
    outcome = Outcome([known.get(i) for i in range(len(plan.steps))])
    done = {e["step"] for e in entries if e["phase"] == "after"}
    taken_back = {e["step"] for e in entries if e["phase"] == "undo-after"}
    for number in sorted(done - taken_back, reverse=True):
        step = plan.steps[number]
        if step.undo is None:
            continue
        door = door_of(step)
        where, live = state(step, door, outcome.answers)
        if where == "neither":
            _note(journal, number, "stopped", live=live)
            raise Stopped(number, live)
        if where == "after":
            _note(journal, number, "undo-before")
            _do(step.undo, door, outcome)
        _note(journal, number, "undo-after")
    return outcome


def _do(call: Call, door: Door, outcome: Outcome) -> JSON:
    ready = Call(call.service, call.operation, resolved(call.params, outcome.answers))
    answer = door.call(ready)
    request = answer.get("ResponseMetadata", {}).get("RequestId")
    outcome.calls.append(
        {"service": call.service, "operation": call.operation, "request_id": request}
    )
    return _kept(call, answer)


def _kept(call: Call, answer: Mapping[str, JSON]) -> JSON:
    """Return what later steps and the undo may need of an answer, and no more."""
    if call.operation == "register_task_definition":
        return {
            "taskDefinition": {"taskDefinitionArn": answer["taskDefinition"]["taskDefinitionArn"]}
        }
    return {}


def _seen(step: Step, live: JSON) -> JSON:
    """Return the answer of a step that was done just before a crash, from the live value."""
    if step.kind == "task-definition-revision":
        arn = f"{step.resource}:{live['revision'].rsplit(':', 1)[1]}"
        return {"taskDefinition": {"taskDefinitionArn": arn}}
    return {}


def _note(journal: Journal, step: int, phase: str, **more: JSON) -> None:
    journal.append({"step": step, "phase": phase, "at": datetime.now(UTC).isoformat(), **more})


def _answers(entries: Sequence[Mapping[str, JSON]]) -> dict[int, JSON]:
    return {e["step"]: e.get("answer") for e in entries if e["phase"] == "after"}
