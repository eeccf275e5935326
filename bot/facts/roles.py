"""The roles of a task, and what they may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    tags: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class TaskRole:
    """The role of the application, which does not pull; a common place for misplaced permissions."""

    arn: str | None
    name: str | None = None
    exists: bool = False


@dataclass(frozen=True, slots=True)
class InstanceRole:
    """The role of the host's instance profile; *arn* None: no host of ours, or one without a role."""

    arn: str | None
    name: str | None = None
    profile: str | None = None


@dataclass(frozen=True, slots=True)
class PullingRole:
    """The role whose permissions a pull takes: the execution role, or on EC2 the instance's.

    *exists* tells that IAM has it; else *arn* may be that of the session that ECS recorded.
    """

    kind: Literal["execution-role", "instance-role"]
    arn: str | None
    name: str | None = None
    exists: bool = False
    boundary: str | None = None
    tags: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class NamedPolicy:
    """A policy that a role carries: an inline one by its name, a managed one by its ARN."""

    name: str
    document: Document

    @property
    def inline(self) -> bool:
        return not self.name.startswith("arn:")


@dataclass(frozen=True, slots=True)
class Carried:
    """All policies of a role, read, and its permissions boundary, if it has one."""

    policies: tuple[NamedPolicy, ...]
    boundary: NamedPolicy | None = None


@dataclass(frozen=True, slots=True)
class Permission:
    """What IAM decides on one action of one role, before any policy of the resource.

    *decision*: allowed, implicit-deny, explicit-deny or undecided. *by* names what decided:
    identity, boundary, scp, session; None where it is not known. *caps* tells of the boundary
    and the organization's policies (scp) whether they allow it, where that is known.
    """

    action: str
    resource: str
    decision: Literal["allowed", "implicit-deny", "explicit-deny", "undecided"]
    by: str | None = None
    keys: tuple[str, ...] = ()
    caps: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExecutionRolePermissions:
    """The pull actions (and reading the registry's secret), for the execution role.

    *how*: ``simulated`` by IAM, or ``evaluated`` by us from the policies read. *carried* holds
    those, where the simulation left a question; else nobody asked for them.
    """

    items: tuple[Permission, ...]
    how: How = "simulated"
    carried: Carried | None = None


@dataclass(frozen=True, slots=True)
class TaskRolePermissions:
    """The same actions, for the task role."""

    items: tuple[Permission, ...]
    how: How = "simulated"


@dataclass(frozen=True, slots=True)
class InstanceRolePermissions:
    """The same actions, for the instance role; of interest only where it pulls."""

    items: tuple[Permission, ...]
    how: How = "simulated"
    carried: Carried | None = None


@dataclass(frozen=True, slots=True)
class PullingRolePermissions:
    """The pull actions, for the role that pulls."""

    items: tuple[Permission, ...]
    how: How = "simulated"
    carried: Carried | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What ECR sees of a request: values of condition keys, and the keys that it has not.

    Any other key is unknown.
    """

    known: Mapping[str, str] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the conditions of a policy see of the login, and of the requests for the image."""

    login: Seen
    image: Seen


@dataclass(frozen=True, slots=True)
class AttachedPolicies:
    """What the execution role carries: managed policy ARNs and inline policies by name."""

    managed: tuple[str, ...]
    inline: Mapping[str, Document]


@dataclass(frozen=True, slots=True)
class InstanceRolePolicies:
    """What the instance role carries, where it pulls."""

    managed: tuple[str, ...]
    inline: Mapping[str, Document]
