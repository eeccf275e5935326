"""The execution role may log in to Amazon ECR, but not read this repository.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
"""

from __future__ import annotations

from bot.facts import (
    ExecutionRole,
    ExecutionRolePermissions,
    ImageReference,
    PullingRole,
    Recorded,
    RepositoryPolicy,
)
from bot.model import Cause, RuledOut, Unknown, Verdict
from bot.pulling import kind, needed, pull_shortfall, repository_arn, verdict
from bot.remedies import by_hand, grant, ways


def decide(
    image: ImageReference,
    role: ExecutionRole,
    who: PullingRole | Unknown,
    permissions: ExecutionRolePermissions | Unknown,
    repository: RepositoryPolicy | Unknown,
    recorded: Recorded | Unknown,
) -> Verdict:
    seen = {
        "role": role.name,
        "arn": role.arn,
        "repository": image.repository,
        "resource": repository_arn(image),
    }
    if image.registry != "ecr" or not role.exists:
        return RuledOut(seen)
    found = pull_shortfall(image, role, permissions, repository, recorded, needed(recorded))
    return verdict(seen, found, kind(who))


CAUSE = Cause(
    id="execution-role-lacks-image-read",
    group="role",
    stage="S4",
    until="S5",
    families=("ecr-auth-permission", "repository-policy-denied", "repository-not-found"),
    registries=("ecr",),
    decide=decide,
    plan=grant,
    choices=ways,
    advise=by_hand,
)
