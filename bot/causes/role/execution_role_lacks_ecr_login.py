"""The execution role may not ask Amazon ECR for a login.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
"""

from __future__ import annotations

from bot.facts import (
    ExecutionRole,
    ExecutionRolePermissions,
    ImageReference,
    PullingRole,
    Recorded,
)
from bot.model import Cause, RuledOut, Unknown, Verdict
from bot.pulling import LOGIN, kind, shortfall, verdict
from bot.remedies import by_hand, grant, ways


def decide(
    image: ImageReference,
    role: ExecutionRole,
    who: PullingRole | Unknown,
    permissions: ExecutionRolePermissions | Unknown,
    recorded: Recorded | Unknown,
) -> Verdict:
    seen = {"role": role.name, "arn": role.arn, "resource": "*"}
    if image.registry != "ecr" or not role.exists:
        return RuledOut(seen)
    found = shortfall(role, permissions, recorded, (LOGIN,))
    return verdict(seen, found, kind(who))


CAUSE = Cause(
    id="execution-role-lacks-ecr-login",
    group="role",
    stage="S3",
    until="S4",  # Docker on EC2 goes on without the login, and fails at the manifest
    families=("ecr-auth-permission",),
    registries=("ecr",),
    decide=decide,
    plan=grant,
    choices=ways,
    advise=by_hand,
)
