"""The container instance pulls with its own role, and that may not log in to ECR or read the image.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/instance_IAM_role.html
"""

from __future__ import annotations

from bot.facts import (
    ImageReference,
    PullingRole,
    PullingRolePermissions,
    Recorded,
    RepositoryPolicy,
)
from bot.model import Cause, RuledOut, Undecided, Unknown, Verdict
from bot.pulling import LOGIN, lacks, needed, pull_shortfall, repository_arn
from bot.remedies import grant_to_host, host_by_hand, ways_of_host


def decide(
    image: ImageReference,
    who: PullingRole,
    permissions: PullingRolePermissions | Unknown,
    repository: RepositoryPolicy | Unknown,
    recorded: Recorded | Unknown,
) -> Verdict:
    seen = {
        "role": who.name,
        "repository": image.repository,
        "resource": repository_arn(image),
        "fixable": who.exists,
    }
    if image.registry != "ecr" or who.kind != "instance-role":
        return RuledOut(seen)
    if who.arn is None:
        return Undecided((Unknown("InstanceRole", "there is no role to judge the policy for"),))
    actions = (LOGIN, *needed(recorded))
    return lacks(seen, pull_shortfall(image, who, permissions, repository, recorded, actions))


CAUSE = Cause(
    id="instance-role-lacks-image-read",
    group="role",
    stage="S3",
    until="S5",
    families=("ecr-auth-permission", "repository-not-found"),
    registries=("ecr",),
    decide=decide,
    plan=grant_to_host,
    choices=ways_of_host,
    advise=host_by_hand,
    seldom=True,
)
