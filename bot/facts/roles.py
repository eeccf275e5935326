"""The roles of a task, and what they may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bot.facts.documents import Document

How = Literal["simulated", "evaluated"]


@dataclass(frozen=True, slots=True)
class ExecutionRole:
    """The role ECS pulls with: unset (*arn* None), missing (not *exists*), or as IAM has it."""

    arn: str | None
    name: str | None = None
    exists: bool = False
    trust: Document | None = None
    boundary: str | None = None


@dataclass(frozen=True, slots=True)
class TaskRole:
    """The role of the application, which does not pull; a common place for misplaced permissions."""

    arn: str | None
    name: str | None = None
    exists: bool = False


@dataclass(frozen=True, slots=True)
class Permission:
    """What IAM decides on one action of one role, before any policy of the resource.

    *decision*: allowed, implicit-deny, explicit-deny or undecided. *by* names what decided:
    identity, boundary, scp, session; None where it is not known.
    """

    action: str
    resource: str
    decision: Literal["allowed", "implicit-deny", "explicit-deny", "undecided"]
    by: str | None = None
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExecutionRolePermissions:
    """The pull actions (and reading the registry's secret), for the execution role.

    *how*: ``simulated`` by IAM, or ``evaluated`` by us from the policies read.
    """

    items: tuple[Permission, ...]
    how: How = "simulated"


@dataclass(frozen=True, slots=True)
class TaskRolePermissions:
    """The same actions, for the task role."""

    items: tuple[Permission, ...]
    how: How = "simulated"


@dataclass(frozen=True, slots=True)
class AttachedPolicies:
    """What the execution role carries: managed policy ARNs and inline policies by name."""

    managed: tuple[str, ...]
    inline: Mapping[str, Document]
