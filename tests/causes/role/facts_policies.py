"""Roles whose policies were read, for the rules about obstacles of a pull."""

from __future__ import annotations

from typing import Any

from bot import policy
from bot.entitlement import Pull
from bot.facts import (
    Carried,
    Circumstances,
    NamedPolicy,
    Permission,
    PullingRole,
    PullingRolePermissions,
    Seen,
)
from bot.pulling import LOGIN
from tests.causes.facts import (
    ACCOUNT,
    IMAGE,
    NO_POLICY,
    NOTHING_RECORDED,
    READ,
    REGION,
    ROLE_ARN,
    SERVICE,
    SUBJECT,
    recorded,
    repository,
)

WHO = PullingRole("execution-role", ROLE_ARN, "shop-execution", exists=True)
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/limits"
BOUNDED = PullingRole("execution-role", ROLE_ARN, "shop-execution", exists=True, boundary=BOUNDARY)
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/shop-execution/0123456789abcdef"
HOSTS = PullingRole("instance-role", f"arn:aws:iam::{ACCOUNT}:role/hosts", "hosts", exists=True)
NOWHERE = Circumstances(Seen(), Seen())
ASKED = {LOGIN: "*", **dict.fromkeys(READ, repository().arn)}


def allow(action: str = "ecr:*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": "*", **more}


def deny(action: str = "ecr:BatchGetImage", **more: Any) -> dict[str, Any]:
    return {"Sid": "NoPulls", "Effect": "Deny", "Action": action, "Resource": "*", **more}


def document(*statements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def only_where(key: str, *values: str, operator: str = "StringEquals") -> dict[str, Any]:
    """Leave to log in, and to read the image under one condition."""
    return document(
        allow(LOGIN), allow("ecr:*", Sid="Reading", Condition={operator: {key: list(values)}})
    )


def carrying(*documents: Any, boundary: Any = None, names: Any = ()) -> PullingRolePermissions:
    """What is known of a role whose policies were read; ``inline-0`` is the first one's name."""
    named = (*names, *(f"inline-{n}" for n in range(len(names), len(documents))))
    policies = tuple(NamedPolicy(n, d) for n, d in zip(named, documents, strict=True))
    limit = NamedPolicy(BOUNDARY, boundary) if boundary else None
    rulings = {
        action: policy.decide(
            policy.Request(ROLE_ARN, action, on), identity=documents, boundary=boundary
        )
        for action, on in ASKED.items()
    }
    items = tuple(
        Permission(a, ASKED[a], r.decision.value, r.by, r.keys) for a, r in rulings.items()
    )
    return PullingRolePermissions(items, "evaluated", Carried(policies, limit))


def simulated(*stopped: str, decision: Any = "implicit-deny", by: str = "identity") -> Any:
    """What IAM simulates, where nobody may read the policies."""
    caps = {by: False} if by in ("scp", "boundary") else {}
    items = tuple(
        Permission(a, on, decision, by, (), caps) if a in stopped else Permission(a, on, "allowed")
        for a, on in ASKED.items()
    )
    return PullingRolePermissions(items)


def pull(
    permissions: Any,
    *,
    role: PullingRole = WHO,
    image: Any = IMAGE,
    shared: Any = NO_POLICY,
    seen: Any = NOWHERE,
    said: Any = NOTHING_RECORDED,
) -> Pull:
    """A pull of the shop's image by its execution role."""
    return Pull(SUBJECT, SERVICE, image, role, permissions, shared, seen, said)


def asked(rule: Any, of: Pull) -> Any:
    """Call a rule with the facts of a pull."""
    return rule(
        of.subject, of.service, of.image, of.role, of.permissions, of.repository, of.circumstances,
        of.recorded,
    )  # fmt: skip


def through(endpoint: str = "vpce-new", vpc: str = "vpc-1") -> Circumstances:
    """A pull through an endpoint."""
    known = {"aws:SourceVpce": endpoint, "aws:SourceVpc": vpc, "aws:RequestedRegion": REGION}
    return Circumstances(Seen(), Seen(known, frozenset({"aws:SourceIp"})))


def refusal(why: str, action: str = "ecr:BatchGetImage", who: str = SESSION) -> Any:
    """A refusal that ECS recorded."""
    return recorded(
        f"CannotPullContainerError: The task can't pull the image. AccessDeniedException: User: {who}"
        f" is not authorized to perform: {action} on resource: {repository().arn} {why}"
    )
