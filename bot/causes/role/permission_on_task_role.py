"""The permission to pull stands on the task role, where no pull looks for it.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-ecs-iam-role-overview.html
"""

from __future__ import annotations

from bot.facts import (
    ExecutionRole,
    ExecutionRolePermissions,
    ImageReference,
    PullingRole,
    Recorded,
    RepositoryPolicy,
    TaskRole,
    TaskRolePermissions,
)
from bot.model import Cause, Confirmed, RuledOut, Undecided, Unknown, Verdict
from bot.pulling import LOGIN, kind, needed, pull_shortfall, verdict
from bot.remedies import by_hand, grant, ways


def decide(
    image: ImageReference,
    role: ExecutionRole,
    other: TaskRole,
    who: PullingRole | Unknown,
    permissions: ExecutionRolePermissions | Unknown,
    misplaced: TaskRolePermissions,
    repository: RepositoryPolicy | Unknown,
    recorded: Recorded | Unknown,
) -> Verdict:
    seen = {"role": role.name, "task_role": other.name, "repository": image.repository}
    absent = not role.exists or not other.exists or role.arn == other.arn
    if image.registry != "ecr" or absent:
        return RuledOut(seen)
    actions = (LOGIN, *needed(recorded))
    found = pull_shortfall(image, role, permissions, repository, recorded, actions)
    lacking = verdict(seen, found, kind(who))
    if not isinstance(lacking, Confirmed):
        return lacking
    held = {p.action: p.decision for p in misplaced.items}
    there = {held.get(action, "undecided") for action in lacking.proof["actions"]}
    if there == {"allowed"}:
        return lacking
    if there <= {"allowed", "undecided"}:
        return Undecided(
            (Unknown("TaskRolePermissions", "a condition of its policies is unknown"),)
        )
    return RuledOut(seen)


CAUSE = Cause(
    id="permission-on-task-role",
    group="role",
    stage="S3",
    until="S5",
    families=("ecr-auth-permission",),
    registries=("ecr",),
    decide=decide,
    plan=grant,
    choices=ways,
    advise=by_hand,
    seldom=True,
)
