"""The permissions boundary of the role that pulls does not allow an action of the pull.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from __future__ import annotations

from bot.entitlement import Pull, pulled
from bot.facts import PullingRole, PullingRolePermissions
from bot.model import Call, Cause, RuledOut, Unknown, Verdict
from bot.obstacles import bounded


@pulled
def decide(pull: Pull) -> Verdict:
    if pull.idle:
        return RuledOut(pull.seen)
    return bounded(pull).verdict(pull.seen)


def advise(
    role: PullingRole | Unknown, permissions: PullingRolePermissions | Unknown
) -> tuple[Call, ...]:
    """Show the boundary; a wider one is a matter of governance."""
    carried = None if isinstance(permissions, Unknown) else permissions.carried
    read = carried.boundary.name if carried and carried.boundary else None
    arn = read or (None if isinstance(role, Unknown) else role.boundary)
    return (Call("iam", "get_policy", {"PolicyArn": arn}),) if arn else ()


CAUSE = Cause(
    id="permissions-boundary-blocks",
    group="role",
    stage="S3",
    until="S5",
    families=("permissions-boundary-denied", "ecr-auth-permission"),
    registries=("ecr",),
    decide=decide,
    advise=advise,
)
