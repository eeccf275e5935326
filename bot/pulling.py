"""Who pulls an image, and what that role is not allowed. Pure.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bot import policy
from bot.facts import (
    Document,
    ExecutionRole,
    ExecutionRolePermissions,
    ImageReference,
    ImportPermissions,
    KeptSecretPermissions,
    Permission,
    Platform,
    Recorded,
    RepositoryPolicy,
)
from bot.model import Confirmed, RuledOut, Undecided, Unknown, Verdict
from bot.permissions import partition
from bot.policy import Decision, Request, Ruling
from bot.symptom import Denial

JSON = Any
Puller = Literal["execution-role", "instance-role"]
Rights = ExecutionRolePermissions | ImportPermissions | KeptSecretPermissions

LOGIN = "ecr:GetAuthorizationToken"
# BatchCheckLayerAvailability is granted with these, but no pull fails for the lack of it.
NEEDED = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
ANYTHING: Document = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"},
}


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
    platform: Platform | Unknown, role: ExecutionRole, recorded: Recorded | Unknown
) -> Puller | Unknown:
    """Return whose permissions count; on EC2 only the recorded error tells the two roles apart."""
    if isinstance(platform, Platform) and platform.launch_type != "EC2":
        return "execution-role"
    named = role_of(principal(recorded))
    if named:
        return "execution-role" if named == role.name else "instance-role"
    if isinstance(platform, Unknown):
        return platform
    return Unknown("Recorded", "on EC2 only the recorded error tells which role pulled")


def principal(recorded: Recorded | Unknown) -> str | None:
    """Return the ARN of the role that ECS recorded as refused."""
    if isinstance(recorded, Unknown):
        return None
    said = recorded.symptom.denial
    return (said.principal if said else None) or recorded.symptom.entities.role_arn


def refusal(recorded: Recorded | Unknown, by: str) -> Denial | None:
    """Return the refusal that ECS recorded, if it was by a policy of the kind *by*."""
    said = None if isinstance(recorded, Unknown) else recorded.symptom.denial
    return said if said and said.policy == by else None


def who_pulls(
    who: Puller | Unknown, role: ExecutionRole, recorded: Recorded | Unknown
) -> str | None:
    """Return the ARN of the role that pulls; a recorded session does not tell its role's path."""
    if who == "execution-role":
        return role.arn if role.exists else None
    arn = principal(recorded) or ""
    name = role_of(arn)
    if who != "instance-role" or name is None:
        return None
    return f"arn:{arn.split(':')[1]}:iam::{arn.split(':')[4]}:role/{name}"


def role_of(arn: str | None) -> str | None:
    """Return the name of the role that *arn*, a role's or a session's, stands for."""
    kind, _, path = (arn or "").rpartition(":")[2].partition("/")
    parts = [p for p in path.split("/") if p]
    if not parts or kind not in ("role", "assumed-role"):
        return None
    return parts[0] if kind == "assumed-role" else parts[-1]


# --- what it lacks -------------------------------------------------------------------------


def repository_arn(image: ImageReference) -> str:
    """Return the ARN of the repository that *image* names."""
    where = f"{partition(image.region or '')}:ecr:{image.region}:{image.account}"
    return f"arn:{where}:repository/{image.repository}"


def shortfall(
    role: ExecutionRole,
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
    lacked = [p for p in asked if _lacks(p, role)]
    stopped = [p for p in asked if p.decision == "explicit-deny" or _capped(p)]
    unknown = [_open(p) for p in asked if p not in lacked + stopped and p.decision != "allowed"]
    if unknown and not lacked and refused(role, recorded, "identity") in [p.action for p in asked]:
        return shortfall(role, unknown[0], recorded, actions)
    return Shortfall(tuple(lacked), tuple(stopped), tuple(unknown), permissions.how)


def pull_shortfall(
    image: ImageReference,
    role: ExecutionRole,
    permissions: ExecutionRolePermissions | Unknown,
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
    if not found.lacked and not found.unknown:
        return RuledOut({**seen, "stopped_by": sorted({p.by or "" for p in found.stopped})})
    if not found.lacked:
        return Undecided(found.unknown)
    if isinstance(who, Unknown):
        return Undecided((who,))
    return Confirmed({**seen, "actions": [p.action for p in found.lacked], "how": found.how})


def refused(role: ExecutionRole, recorded: Recorded | Unknown, by: str) -> str | None:
    """Return the action that ECS recorded as refused to *role* for want of an Allow in *by*."""
    said = refusal(recorded, by)
    known = said and not said.explicit and role_of(said.principal) == role.name
    return said.action if said and known else None


def _lacks(p: Permission, role: ExecutionRole) -> bool:
    by = p.by == "identity" or (p.by is None and role.boundary is None)
    return p.decision == "implicit-deny" and by


def _capped(p: Permission) -> bool:
    return p.decision == "implicit-deny" and p.by not in ("identity", None)


def _open(p: Permission) -> Unknown:
    keys = ", ".join(p.keys)
    because = f"condition key {keys} unknown" if keys else f"{p.action} could not be decided"
    return Unknown("ExecutionRolePermissions", because)


# --- what the repository says --------------------------------------------------------------


def by_repository(
    image: ImageReference, role: str, found: RepositoryPolicy, actions: Iterable[str]
) -> dict[str, Ruling]:
    """Return what the repository's policy decides on each action if the role's own allow all."""
    asked = _requests(image, role, actions)
    return {
        r.action: policy.decide(r, identity=[ANYTHING], resource_policy=found.document)
        for r in asked
    }


def granted(
    image: ImageReference,
    role: ExecutionRole,
    found: RepositoryPolicy | Unknown,
    actions: Collection[str],
) -> tuple[tuple[str, ...], tuple[Unknown, ...]]:
    """Return the actions that the repository alone gives to the role, and what leaves that open.

    In one account its policy suffices; across accounts it never does.
    """
    if (role.arn or "").split(":")[4:5] != [image.account]:
        return (), ()
    if isinstance(found, Unknown):
        return (), (found,)
    rulings = [
        (r.action, policy.decide(r, identity=[], resource_policy=found.document))
        for r in _requests(image, role.arn or "", actions)
    ]
    given = tuple(a for a, ruling in rulings if ruling.decision is Decision.ALLOWED)
    return given, tuple(
        undecided(ruling) for _, ruling in rulings if ruling.decision is Decision.UNDECIDED
    )


def undecided(ruling: Ruling) -> Unknown:
    """Return why the repository's policy leaves a pull open."""
    keys = ", ".join(ruling.keys)
    because = f"condition key {keys} unknown" if keys else "its policy cannot be read in full"
    return Unknown("RepositoryPolicy", because)


def _requests(image: ImageReference, role: str, actions: Iterable[str]) -> list[Request]:
    context = {"aws:SecureTransport": "true", "aws:RequestedRegion": image.region or ""}
    return [Request(role, a, repository_arn(image), context) for a in actions]
