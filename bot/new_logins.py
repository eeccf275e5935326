"""How containers come to pull with a login: in a secret that is there, or in a new one. Pure.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.facts import (
    ExecutionRole,
    GrantedBefore,
    KeptSecretPermissions,
    KeptSecrets,
    Permission,
    Service,
    Subject,
    TaskDefinition,
)
from bot.logins import asked_as, kept
from bot.model import Plan, Step
from bot.remedies import extended
from bot.steps import revision

JSON = Any
READ = "secretsmanager:GetSecretValue"


def readable(
    subject: Subject, role: ExecutionRole, before: GrantedBefore, secret: str
) -> Step | None:
    """Return the step that lets the role read *secret*, the login of a registry."""
    return extended(subject, role, before, "RegistrySecret", (READ,), secret)


def credentials(secret: str) -> dict[str, JSON]:
    """Return the field of a container that names *secret* as its registry's login."""
    return {"repositoryCredentials": {"credentialsParameter": secret}}


def capped(permissions: KeptSecretPermissions) -> set[str]:
    """Return the secrets that an Allow would not open to the role: a Deny or a boundary does not let it."""

    def grantable(p: Permission) -> bool:
        free = p.by in ("identity", None)
        return p.decision != "explicit-deny" and (p.decision == "allowed" or free)

    return {p.resource for p in permissions.items if not grantable(p)}


def may_be_made(subject: Subject, there: KeptSecrets, permissions: KeptSecretPermissions) -> bool:
    """Tell whether a new secret has a name, and the role could be let read it."""
    if there.free is None:
        return False
    return asked_as(subject.account, subject.region, there.free) not in capped(permissions)


def with_new_login(
    subject: Subject,
    service: Service,
    definition: TaskDefinition,
    role: ExecutionRole,
    before: GrantedBefore,
    containers: Sequence[str],
    name: str,
) -> Plan | None:
    """Return the plan that keeps a login as the secret *name* and has *containers* pull with it.

    They name it without its ARN, of which AWS has yet to choose the end; ECS takes a name for a
    secret of the task's own Region.
    """
    secret = kept(subject, service, name)
    fields = dict.fromkeys(containers, credentials(name))
    steps = revision(service, definition, fields, first=1)
    if not steps or not role.exists:
        return None
    grant = readable(subject, role, before, secret.resource)
    granting = (grant,) if grant else ()
    return Plan((secret, steps[0], *granting, *steps[1:]), "medium")
