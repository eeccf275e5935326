"""The nouns every layer shares: frozen, and free of AWS, Slack and Redis."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

JSON = Any
Risk = Literal["low", "medium", "high"]
Registry = Literal["ecr", "ecr-public", "docker-hub", "other"]


class CannotTell(Exception):  # noqa: N818 - an outcome, not a failure of ours
    """Raised by a collector that was not allowed, or not able, to establish its fact.

    *grant* is the IAM action that would help, when one would.
    """

    def __init__(self, because: str, grant: str | None = None) -> None:
        super().__init__(because)
        self.because = because
        self.grant = grant


@dataclass(frozen=True, slots=True)
class Unknown:
    """A fact we tried to establish and could not.

    Absence is an answer and lives inside a fact; Unknown is the lack of one.
    """

    fact: str
    because: str
    grant: str | None = None


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The cause holds; *proof* names what was seen, for the template to word.

    *mending* tells that its repair is under way in AWS, and that only time is left.
    """

    proof: Mapping[str, JSON] = field(default_factory=dict)
    mending: bool = False


@dataclass(frozen=True, slots=True)
class RuledOut:
    """The cause does not hold; *proof* names what was seen instead."""

    proof: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Undecided:
    """The cause could not be judged, because these facts are unknown."""

    missing: tuple[Unknown, ...]


Verdict = Confirmed | RuledOut | Undecided


def answer(step: int, path: str) -> dict[str, JSON]:
    """Return a placeholder for what step number *step* (from 0) will answer at *path*.

    It stands in the parameters of a later call, or of an undo, because a plan is made
    before AWS has said what the new revision is called.
    """
    return {"$answer": [step, path]}


TYPED: dict[str, JSON] = {"$typed": "login"}
"""Stands in a call for the registry's login, which its approver types and no plan holds."""


@dataclass(frozen=True, slots=True)
class Call:
    """One AWS API call, as data: shown to the approver, then run unchanged.

    *service* and *operation* are boto3's names (``ecr``, ``set_repository_policy``).
    """

    service: str
    operation: str
    params: Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class Step:
    """One change to one resource, with the call that takes it back.

    *kind* says how the live value of *resource* is read, in the shape of *before* and
    *after*: that comparison guards the step, completes it after a crash, and guards undo.
    *undo* is None where there is nothing to take back.
    """

    kind: str
    account: str
    region: str
    resource: str
    before: JSON
    after: JSON
    do: Call
    undo: Call | None

    @property
    def asks(self) -> bool:
        """Whether the call waits for what whoever approves it types."""
        return TYPED in self.do.params.values()


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a fix will do, in order. Equality is the stale check."""

    steps: tuple[Step, ...]
    risk: Risk

    @property
    def asking(self) -> Step | None:
        """The step that waits for what whoever approves it types, if there is one."""
        return next((s for s in self.steps if s.asks), None)

    @property
    def hash(self) -> str:
        """The identity that an approval is bound to: 64 hex digits."""
        return hashlib.sha256(json.dumps(plan_to_json(self), sort_keys=True).encode()).hexdigest()


def plan_to_json(plan: Plan) -> dict[str, JSON]:
    """Return *plan* as JSON; :func:`plan_from_json` is its exact inverse."""

    def call(c: Call | None) -> JSON:
        return c and {"service": c.service, "operation": c.operation, "params": plain(c.params)}

    return {
        "risk": plan.risk,
        "steps": [
            {
                "kind": s.kind, "account": s.account, "region": s.region, "resource": s.resource,
                "before": plain(s.before), "after": plain(s.after), "do": call(s.do), "undo": call(s.undo),
            }
            for s in plan.steps
        ],
    }  # fmt: skip


def plan_from_json(data: Mapping[str, JSON]) -> Plan:
    """Return the plan that :func:`plan_to_json` was given."""
    return Plan(
        tuple(
            Step(**{**s, "do": Call(**s["do"]), "undo": Call(**s["undo"]) if s["undo"] else None})
            for s in data["steps"]
        ),
        data["risk"],
    )


def plain(value: JSON) -> JSON:
    """Return *value* with tuples as lists and mappings as dicts, as JSON would have it."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value


@dataclass(frozen=True, slots=True)
class Cause:
    """A reason an image pull fails.

    *group* is the folder, *stage* the first step of the pull that it breaks and *until* the
    last one (S0 to S8; None: the same), *families* the texts that point here, likeliest first,
    *registries* the kinds of registry whose images it is about (empty: all);
    *seldom* tells that another cause of the same text is nearly always the likelier one.

    *decide*, *plan*, *choices* and *advise* are pure; the facts they need are the types of
    their parameters, and ``Fact | Unknown`` asks for a fact that the rule can do without.

    *plan* is absent where only a person can act, and gives None where it does not apply
    (a task that no service runs). *choices* names the variants an approver may pick from, the
    default first; ``plan`` then takes a ``Choice``. *advise* gives the calls that a person
    would make, with ``<placeholders>`` where only the person knows the value.

    *explains* names the causes that this one is the reason for: they hold as well, and it is told
    before them.

    *alone* tells that it holds only where no other cause does any more, and where all that the
    texts point at are surely ruled out.
    """

    id: str
    group: str
    stage: str
    families: tuple[str, ...]
    decide: Callable[..., Verdict]
    until: str | None = None
    plan: Callable[..., Plan | None] | None = None
    choices: Callable[..., tuple[str, ...]] | None = None
    advise: Callable[..., tuple[Call, ...]] | None = None
    registries: tuple[Registry, ...] = ()
    seldom: bool = False
    explains: tuple[str, ...] = ()
    alone: bool = False
