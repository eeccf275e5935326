"""Who pulls what, all that has a say in it, and what an obstacle is. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from bot import policy
from bot.facts import (
    Carried,
    Circumstances,
    ImageReference,
    Permission,
    PullingRole,
    PullingRolePermissions,
    Recorded,
    RepositoryPolicy,
    Seen,
    Service,
    Subject,
)
from bot.model import Confirmed, RuledOut, Undecided, Unknown, Verdict
from bot.policy import Conditional, Request
from bot.pulling import LOGIN, needed, refusal, role_of
from bot.sharing import repository_arn
from bot.symptom import Denial

JSON = Any
T = TypeVar("T")
TAG = "aws:principaltag/"


@dataclass(frozen=True, slots=True)
class Bar:
    """One obstacle to one action, and the policy and statement that make it, where they are known.

    *how*: evaluated from the policies read, simulated by IAM, or recorded by ECS.
    """

    action: str
    how: str
    policy: str | None = None
    statement: str | None = None
    condition: Conditional | None = None

    @property
    def told(self) -> dict[str, JSON]:
        """What the first condition wants that is surely not met, or else may not be."""
        hurdles = self.condition.hurdles if self.condition else ()
        first = next((h for h in hurdles if h.met is False), hurdles[0])
        given = [first.given] if isinstance(first.given, str) else list(first.given or ())
        sure = first.met is False
        return {"key": first.key, "wanted": list(first.wanted), "given": given, "sure": sure}


@dataclass(frozen=True, slots=True)
class Found:
    """The obstacles of one kind, and what leaves open whether there are more."""

    bars: tuple[Bar, ...] = ()
    unknown: tuple[Unknown, ...] = ()

    def verdict(self, seen: Mapping[str, JSON]) -> Verdict:
        """Return whether the obstacles are there; the proof tells of the policy met first."""
        if not self.bars:
            return Undecided(tuple(dict.fromkeys(self.unknown))) if self.unknown else RuledOut(seen)
        first = self.bars[0]
        told = {"policy": first.policy, "statement": first.statement, "how": first.how}
        actions = list(dict.fromkeys(b.action for b in self.bars))
        return Confirmed({**seen, "actions": actions, **told})


@dataclass(frozen=True, slots=True)
class Pull:
    """Who pulls what for which service, and all that has a say in it."""

    subject: Subject
    service: Service | Unknown
    image: ImageReference
    role: PullingRole
    permissions: PullingRolePermissions | Unknown
    repository: RepositoryPolicy | Unknown
    circumstances: Circumstances | Unknown
    recorded: Recorded | Unknown

    @property
    def idle(self) -> bool:
        """Whether no AWS role pulls that a policy could stop: there is none, or no need of one."""
        gone = self.role.kind == "execution-role" and not self.role.exists
        return self.image.registry != "ecr" or self.role.arn is None or gone

    @property
    def seen(self) -> dict[str, JSON]:
        """What every proof says of the pull."""
        return {
            "role": self.role.name,
            "kind": self.role.kind,
            "repository": self.image.repository,
            "resource": repository_arn(self.image),
        }

    @property
    def actions(self) -> tuple[str, ...]:
        return (LOGIN, *needed(self.recorded))

    @property
    def carried(self) -> Carried | None:
        return None if isinstance(self.permissions, Unknown) else self.permissions.carried

    def request(self, action: str) -> Request:
        """Return the request as the conditions of a policy see it."""
        seen = Seen()
        if isinstance(self.circumstances, Circumstances):
            seen = self.circumstances.login if action == LOGIN else self.circumstances.image
        tags = {f"{TAG}{k.lower()}": v for k, v in (self.role.tags or {}).items()}
        untagged = {k for k in self._keys() if k.startswith(TAG) and k not in tags}
        absent = seen.absent | (untagged if self.role.tags is not None else set())
        resource = "*" if action == LOGIN else repository_arn(self.image)
        return Request(
            self.role.arn or "", action, resource, {**seen.known, **tags}, absent=frozenset(absent)
        )

    def permission(self, action: str) -> Permission:
        """Return what IAM decides on *action*."""
        items = () if isinstance(self.permissions, Unknown) else self.permissions.items
        found = (p for p in items if p.action.lower() == action.lower())
        return next(found, Permission(action, "*", "undecided"))

    def said(self, action: str, *kinds: str) -> Denial | None:
        """Return the refusal of *action* to this role by a policy of one of *kinds*, if ECS recorded it."""
        for kind in kinds:
            told = refusal(self.recorded, kind)
            if told and told.action == action and role_of(told.principal) in (None, self.role.name):
                return told
        return None

    def open(self, action: str) -> Unknown:
        """Return why it is not known what IAM decides on *action*."""
        if isinstance(self.permissions, Unknown):
            return self.permissions
        return unclear(action, self.permission(action).keys)

    def _keys(self) -> Iterable[str]:
        carried = self.carried
        named = (*carried.policies, carried.boundary) if carried else ()
        return (k for p in named if p for k in policy.keys(p.document))


def unclear(action: str, keys: Iterable[str]) -> Unknown:
    """Return why a role's policies leave *action* open."""
    named = ", ".join(sorted(keys))
    because = f"condition key {named} unknown" if named else f"{action} could not be decided"
    return Unknown("PullingRolePermissions", because)


def pulled(rule: Callable[[Pull], T]) -> Callable[..., T]:
    """Let *rule* ask for all facts about who pulls; of most it can say itself what it lacks."""

    def ask(
        subject: Subject,
        service: Service | Unknown,
        image: ImageReference,
        role: PullingRole,
        permissions: PullingRolePermissions | Unknown,
        repository: RepositoryPolicy | Unknown,
        circumstances: Circumstances | Unknown,
        recorded: Recorded | Unknown,
    ) -> T:
        return rule(
            Pull(
                subject, service, image, role, permissions, repository, circumstances, recorded
            )
        )  # fmt: skip

    return ask
