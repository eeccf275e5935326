"""The doors of one fix: a session for all steps of an account, or for as many as one may do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.aws.accounts import Doors
from bot.aws.client import Door, Refused
from bot.model import Plan, Step
from bot.permissions import parts

TOO_LARGE = ("PackedPolicyTooLarge", "PackedPolicyTooLargeException")  # STS packs, and then counts


@dataclass(slots=True)
class Opening:
    """Opens the door of each step, once for all steps that share a session."""

    doors: Doors
    plan: Plan
    approver: str
    reference: str
    _open: list[tuple[tuple[Step, ...], Door]] = field(default_factory=list)

    def __call__(self, step: Step) -> Door:
        """Return a door that may do *step*; raises NoFixRole and Refused."""
        for steps, door in self._open:
            if step in steps:
                return door.at(step.region)
        together = next(part for part in parts(self.plan) if step in part)
        try:
            return self._opened(step, together)
        except Refused as reason:
            if reason.code not in TOO_LARGE or len(together) == 1:
                raise
        return self._opened(step, (step,))

    def _opened(self, step: Step, steps: Iterable[Step]) -> Door:
        steps = tuple(steps)
        door = self.doors.fix(
            step.account, step.region, approver=self.approver, plan=self.plan,
            reference=self.reference, steps=steps,
        )  # fmt: skip
        self._open.append((steps, door))
        return door
