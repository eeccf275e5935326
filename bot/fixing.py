"""Apply a plan, finish one that was interrupted, take one back.

Every step is journaled before and after it, and guarded by the live value: it is done only
where that value is still the step's *before*, skipped where it is already *after*, and where it
is neither, somebody else was here, and we stop. So a job may run twice and a worker may be
killed at any moment.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, Protocol

from bot.aws.client import Door, NotFound, Refused
from bot.live import Known, Live, at, live, mark, resolved
from bot.live_ecs import GONE
from bot.logins import Login, entered
from bot.model import Call, Plan, Step

JSON = Any
Phase = Literal["before", "after", "undo-before", "undo-after", "stopped"]
Doors = Callable[[Step], Door]
Wait = Callable[[float], None]

# The life of the lock on what a fix changes, renewed while it is held: shorter than the time
# after which the queue gives the job of a killed worker to another one.
SECONDS = 4
PAUSES = (0.5, 2.0)  # seconds before a call that found no answer is tried again


class Journal(Protocol):
    """What was done of a fix, step by step; an entry that cannot be kept raises."""

    def append(self, entry: Mapping[str, JSON]) -> None: ...
    def entries(self) -> list[dict[str, JSON]]: ...


class Stopped(Exception):  # noqa: N818 - an outcome
    """Somebody else changed what *step* (from 0) is about; *live* is what stands there now."""

    def __init__(self, step: int, live: JSON) -> None:
        super().__init__(f"step {step}")
        self.step = step
        self.live = live


class Unentered(Exception):  # noqa: N818 - an outcome
    """*step* (from 0) waits for a login that is not there: nothing of it was begun again."""

    def __init__(self, step: int) -> None:
        super().__init__(f"step {step}")
        self.step = step


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done: the answers of the steps by number, and each call with its request id."""

    answers: list[JSON]
    calls: list[dict[str, JSON]]


def resume(plan: Plan, door_of: Doors, journal: Journal, wait: Wait = time.sleep) -> Outcome:
    """Apply *plan*, or what is left of it. Raises Stopped, and what the door and journal raise.

    Raises Unentered where a step waits for what somebody typed, and was not made.
    """
    run = _Run(plan, door_of, journal, wait)
    run.carry_out(range(len(plan.steps)))
    return run.outcome("before", "after")


def enter(
    plan: Plan, door_of: Doors, journal: Journal, login: Login, wait: Wait = time.sleep
) -> Outcome:
    """Make the steps of *plan* that wait for *login*, and no other. Raises as :func:`resume`."""
    run = _Run(plan, door_of, journal, wait, login)
    run.carry_out(n for n, step in enumerate(plan.steps) if step.asks)
    return run.outcome("before", "after")


def undo(plan: Plan, door_of: Doors, journal: Journal, wait: Wait = time.sleep) -> Outcome:
    """Take back what the journal says was done, newest first, where nobody changed it since."""
    run = _Run(plan, door_of, journal, wait)
    for number in reversed(range(len(plan.steps))):
        if run.noted(number, "before") and not run.noted(number, "undo-after"):
            run.take_back(number)
    return run.outcome("undo-before", "undo-after")


@dataclass(slots=True)
class _Run:
    """One worker's work on a plan."""

    plan: Plan
    door_of: Doors
    journal: Journal
    wait: Wait
    login: Login | None = None
    entries: list[dict[str, JSON]] = field(init=False)

    def __post_init__(self) -> None:
        self.entries = self.journal.entries()

    def carry_out(self, numbers: Iterable[int]) -> None:
        """Do these steps, unless they are done; nothing is begun where any step would stop."""
        if not any(e["phase"] == "before" for e in self.entries):
            for number in range(len(self.plan.steps)):
                self.look(number)
        for number in numbers:
            if not self.noted(number, "after"):
                self.apply(number)

    def apply(self, number: int) -> None:
        """Do one step, unless it is done."""
        step = self.plan.steps[number]
        seen = self.look(number)
        if seen.state == "after":  # a worker was killed just after the call, or it stood so before
            heard = self._unanswered(number, step.do, "before")
            self.note(number, "after", answer=self._kept(number, seen.answer), **heard)
            return
        if step.asks and self.login is None:
            raise Unentered(number)
        if not self.noted(number, "before"):
            self.note(number, "before", live=seen.value, mark=mark(step, self._door(step)))
        answer, call = self._do(number, step.do, until="after")
        self.note(number, "after", answer=self._kept(number, answer), call=call)

    def take_back(self, number: int) -> None:
        """Undo one step, unless that is done."""
        step = self.plan.steps[number]
        if step.undo is None:
            return
        seen = self.look(number)
        if seen.state == "before":
            self.note(number, "undo-after", **self._unanswered(number, step.undo, "undo-before"))
            return
        self.note(number, "undo-before", live=seen.value)
        answers = self._answers()
        answers[number] = answers[number] or seen.answer
        _, call = self._do(number, step.undo, until="before", answers=answers)
        self.note(number, "undo-after", call=call)

    def look(self, number: int) -> Live:
        """Read the live value of one step; raises Stopped where somebody else changed it."""
        step, answers = self.plan.steps[number], self._answers()
        began = self.noted(number, "before")
        known = Known(
            resolved(step.after, answers), answers[number], began["mark"] if began else None
        )
        seen = live(step, self._door(step), known)
        if seen.state == "neither":
            self.note(number, "stopped", live=seen.value)
            raise Stopped(number, seen.value)
        return seen

    def noted(self, number: int, phase: Phase) -> dict[str, JSON] | None:
        """Return the last entry of one step and phase."""
        found = (e for e in reversed(self.entries) if (e["step"], e["phase"]) == (number, phase))
        return next(found, None)

    def note(self, number: int, phase: Phase, **more: JSON) -> None:
        entry = {"step": number, "phase": phase, "at": datetime.now(UTC).isoformat(), **more}
        self.journal.append(entry)
        self.entries.append(entry)

    def outcome(self, *phases: Phase) -> Outcome:
        calls = (e.get("call") for e in self.entries if e["phase"] in phases)
        return Outcome(self._answers(), [c for c in calls if c])

    def _do(
        self, number: int, call: Call, *, until: str, answers: list[JSON] | None = None
    ) -> tuple[JSON, dict[str, JSON]]:
        """Make *call*; where no answer came, see whether it was heard before trying again."""
        door = self._door(self.plan.steps[number])
        params = entered(resolved(call.params, answers or self._answers()), self.login)
        told = _told(number, call)
        for pause in (*PAUSES, None):
            try:
                answer = door.call(Call(call.service, call.operation, params))
            except NotFound as reason:
                self.note(number, "stopped", live=GONE)
                raise Stopped(number, GONE) from reason
            except Refused as reason:
                if not reason.retryable or pause is None:
                    raise
                self.wait(pause)
                if (seen := self.look(number)).state == until:
                    return seen.answer, {**told, "request_id": reason.request_id}
            else:
                request = at(answer, "ResponseMetadata.RequestId")
                return answer, {**told, "request_id": request}
        raise AssertionError("unreachable: the last try returns or raises")

    def _unanswered(self, number: int, call: Call, began: Phase) -> dict[str, JSON]:
        """Return a call that was made, where the worker that *began* it died with its answer."""
        made = {**_told(number, call), "request_id": None}
        return {"call": made} if self.noted(number, began) else {}

    def _door(self, step: Step) -> Door:
        return self.door_of(step)

    def _answers(self) -> list[JSON]:
        entries = (self.noted(n, "after") for n in range(len(self.plan.steps)))
        return [e.get("answer") if e else None for e in entries]

    def _kept(self, number: int, answer: JSON) -> JSON:
        """Return the part of an answer that later calls and undos ask for, and no more."""
        kept: dict[str, JSON] = {}
        calls = [c for s in self.plan.steps for c in (s.do, s.undo) if c]
        asked = [s.after for s in self.plan.steps] + [c.params for c in calls]
        for path in (p for value in asked for n, p in _placeholders(value) if n == number):
            *folders, name = path.split(".")
            place = kept
            for folder in folders:
                place = place.setdefault(folder, {})
            place[name] = at(answer, path)
        return kept


def _told(number: int, call: Call) -> dict[str, JSON]:
    return {"step": number, "service": call.service, "operation": call.operation}


def _placeholders(value: JSON) -> list[tuple[int, str]]:
    """Return the number of the step and the path of every placeholder in *value*."""
    if isinstance(value, Mapping):
        if "$answer" in value:
            return [(value["$answer"][0], value["$answer"][1])]
        return [p for v in value.values() for p in _placeholders(v)]
    if isinstance(value, (list, tuple)):
        return [p for v in value for p in _placeholders(v)]
    return []
