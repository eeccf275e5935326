"""Who pulls an image, and what that role is not allowed. Pure.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bot import policy
from bot.facts import (
    Carried,
    ContainerHost,
    Document,
    ExecutionRole,
    ExecutionRolePermissions,
    ImageReference,
    ImportPermissions,
    KeptSecretPermissions,
    Permission,
    Platform,
    PullingRole,
    PullingRolePermissions,
    Recorded,
    RepositoryPolicy,
)
from bot.model import Confirmed, RuledOut, Undecided, Unknown, Verdict
from bot.policy import Request
from bot.sharing import granted, repository_arn
from bot.symptom import Denial

__all__ = [
    "ANYTHING", "LOGIN", "NEEDED", "Puller", "Shortfall", "kind", "lacks", "needed", "principal", "pull_shortfall",
    "puller", "refusal", "refused", "repository_arn", "role_of", "shortfall", "verdict",
]  # fmt: skip

JSON = Any
ANYTHING = policy.ANYTHING
Puller = Literal["execution-role", "instance-role"]
Judged = ExecutionRolePermissions | PullingRolePermissions  # these know what the role carries
Rights = Judged | ImportPermissions | KeptSecretPermissions

LOGIN = "ecr:GetAuthorizationToken"
# The attribute of a host whose agent pulls with the execution role where a task has one.
BY_EXECUTION_ROLE = "ecs.capability.execution-role-ecr-pull"
# BatchCheckLayerAvailability is granted with these, but no pull fails for the lack of it.
NEEDED = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What a role is surely not allowed for want of an Allow, and what nobody could tell.

    *stopped* is refused by a Deny, a boundary or the organization: allowing more does not help.
    """

    lacked: tuple[Permission, ...] = ()
    stopped: tuple[Permission, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    how: str = "simulated"


# --- who pulls -----------------------------------------------------------------------------


def puller(
    platform: Platform | Unknown,
    role: ExecutionRole,
    recorded: Recorded | Unknown,
    host: ContainerHost | Unknown | None = None,
) -> Puller | Unknown:
    """Return whose permissions count; on EC2 the recorded error tells, else what the agent can do."""
    if isinstance(platform, Platform) and platform.launch_type != "EC2":
        return "execution-role"
    named = role_of(principal(recorded))
    if named:
        return "execution-role" if named == role.name else "instance-role"
    if isinstance(platform, Unknown):
        return platform
    if role.arn is None:
        return "instance-role"
    if isinstance(host, ContainerHost) and host.arn:
        return "execution-role" if BY_EXECUTION_ROLE in host.capabilities else "instance-role"
    return Unknown("Recorded", "on EC2 only the recorded error tells which role pulled")


def kind(who: PullingRole | Unknown) -> Puller | Unknown:
    """Return which of the two roles pulls."""
    return who if isinstance(who, Unknown) else who.kind


def principal(recorded: Recorded | Unknown) -> str | None:
    """Return the ARN of the role that ECS recorded as refused."""
    if isinstance(recorded, Unknown):
        return None
    said = recorded.symptom.denial
    named = recorded.symptom.entities.role_arn or ""
    return (said.principal if said else None) or (named if ":assumed-role/" in named else None)


def refusal(recorded: Recorded | Unknown, by: str) -> Denial | None:
    """Return the refusal that ECS recorded, if it was by a policy of the kind *by*."""
    said = None if isinstance(recorded, Unknown) else recorded.symptom.denial
    return said if said and said.policy == by else None


def role_of(arn: str | None) -> str | None:
    """Return the name of the role that *arn*, a role's or a session's, stands for."""
    kind, _, path = (arn or "").rpartition(":")[2].partition("/")
    parts = [p for p in path.split("/") if p]
    if not parts or kind not in ("role", "assumed-role"):
        return None
    return parts[0] if kind == "assumed-role" else parts[-1]


# --- what it lacks -------------------------------------------------------------------------


def shortfall(
    role: ExecutionRole | PullingRole,
    permissions: Rights | Unknown,
    recorded: Recorded | Unknown,
    actions: Iterable[str],
) -> Shortfall:
    """Return what *role* lacks of *actions*: as IAM decides, and where it cannot, as ECS recorded."""
    if isinstance(permissions, Unknown):
        said = refused(role, recorded, "identity")
        lacked = [Permission(a, "*", "implicit-deny", "identity") for a in actions if a == said]
        return Shortfall(tuple(lacked), (), () if lacked else (permissions,), "recorded")
    found = {p.action.lower(): p for p in permissions.items}
    asked = [found.get(a.lower(), Permission(a, "*", "undecided")) for a in actions]
    carried = permissions.carried if isinstance(permissions, Judged) else None
    lacked = [p for p in asked if _lacks(p, role, carried)]
    conditional = [p for p in asked if p not in lacked and _spoken_of(p, role, carried)]
    stopped = [p for p in asked if p.decision == "explicit-deny" or _capped(p) or p in conditional]
    unknown = [_open(p) for p in asked if p not in lacked + stopped and p.decision != "allowed"]
    if unknown and not lacked and refused(role, recorded, "identity") in [p.action for p in asked]:
        return shortfall(role, unknown[0], recorded, actions)
    return Shortfall(tuple(lacked), tuple(stopped), tuple(unknown), permissions.how)


def pull_shortfall(
    image: ImageReference,
    role: ExecutionRole | PullingRole,
    permissions: ExecutionRolePermissions | PullingRolePermissions | Unknown,
    repository: RepositoryPolicy | Unknown,
    recorded: Recorded | Unknown,
    actions: Collection[str],
) -> Shortfall:
    """Return what *role* lacks of *actions*, less what the repository of its account gives it."""
    given, open_ = granted(image, role, repository, [a for a in actions if a != LOGIN])
    found = shortfall(role, permissions, recorded, [a for a in actions if a not in given])
    sure = tuple(p for p in found.lacked if p.action == LOGIN)
    if not open_ or sure == found.lacked or found.how == "recorded":
        return found
    return Shortfall(sure, found.stopped, (*found.unknown, *open_), found.how)


def needed(recorded: Recorded | Unknown) -> tuple[str, ...]:
    """Return the actions that reading an image takes, and the one that ECS recorded as refused."""
    said = None if isinstance(recorded, Unknown) else recorded.symptom.denial
    extra = [a for a in policy.PULL_ACTIONS if said and said.action == a and a not in NEEDED]
    return (*NEEDED, *extra)


def verdict(seen: Mapping[str, JSON], found: Shortfall, who: Puller | Unknown) -> Verdict:
    """Return whether the execution role, *who* permitting, fails for what it lacks."""
    if who == "instance-role":
        return RuledOut({**seen, "puller": who})
    lacking = lacks(seen, found)
    if isinstance(who, Unknown) and isinstance(lacking, Confirmed):
        return Undecided((who,))
    return lacking


def lacks(seen: Mapping[str, JSON], found: Shortfall) -> Verdict:
    """Return whether whoever pulls fails for what it lacks."""
    if not found.lacked and not found.unknown:
        return RuledOut({**seen, "stopped_by": sorted({p.by or "" for p in found.stopped})})
    if not found.lacked:
        return Undecided(found.unknown)
    return Confirmed({**seen, "actions": [p.action for p in found.lacked], "how": found.how})


def refused(role: ExecutionRole | PullingRole, recorded: Recorded | Unknown, by: str) -> str | None:
    """Return the action that ECS recorded as refused to *role* for want of an Allow in *by*."""
    said = refusal(recorded, by)
    known = said and not said.explicit and role_of(said.principal) == role.name
    return said.action if said and known else None


def _lacks(p: Permission, role: ExecutionRole | PullingRole, carried: Carried | None) -> bool:
    if p.decision == "allowed":
        return False
    if carried is not None and role.arn:
        return policy.silent(Request(role.arn, p.action, p.resource), _documents(carried))
    by = p.by == "identity" or (p.by is None and role.boundary is None)
    return p.decision == "implicit-deny" and by


def _spoken_of(p: Permission, role: ExecutionRole | PullingRole, carried: Carried | None) -> bool:
    """Tell whether a policy of the role allows it, if only under conditions: then it lacks no Allow."""
    if carried is None or not role.arn or p.decision == "allowed":
        return False
    asked, documents = Request(role.arn, p.action, p.resource), _documents(carried)
    free = policy.grants(asked, documents).decision is policy.Decision.ALLOWED
    return free or any(policy.conditional(asked, d) for d in documents)


def _documents(carried: Carried) -> list[Document]:
    return [p.document for p in carried.policies]


def _capped(p: Permission) -> bool:
    return p.decision == "implicit-deny" and p.by not in ("identity", None)


def _open(p: Permission) -> Unknown:
    keys = ", ".join(p.keys)
    because = f"condition key {keys} unknown" if keys else f"{p.action} could not be decided"
    return Unknown("ExecutionRolePermissions", because)
