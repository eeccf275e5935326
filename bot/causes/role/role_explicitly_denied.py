"""A policy of the role that pulls denies an action of the pull, and no Allow helps against that.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from bot.entitlement import Pull, pulled
from bot.facts import PullingRole
from bot.model import Call, Cause, RuledOut, Unknown, Verdict
from bot.obstacles import denied


@pulled
def decide(pull: Pull) -> Verdict:
    if pull.idle:
        return RuledOut(pull.seen)
    return denied(pull).verdict(pull.seen)


def advise(role: PullingRole | Unknown) -> tuple[Call, ...]:
    """Show the policies; a Deny is somebody's decision, and only they take it back."""
    if isinstance(role, Unknown) or role.name is None:
        return ()
    named = {"RoleName": role.name}
    return (
        Call("iam", "list_attached_role_policies", named),
        Call("iam", "list_role_policies", named),
    )


CAUSE = Cause(
    id="role-explicitly-denied",
    group="role",
    stage="S3",
    until="S5",
    families=("ecr-auth-permission",),
    registries=("ecr",),
    decide=decide,
    advise=advise,
)
