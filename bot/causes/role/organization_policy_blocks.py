"""A policy of the organization, a service or a resource control policy, refuses an action of the pull.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
"""

from __future__ import annotations

from bot.entitlement import Pull, pulled
from bot.facts import PullingRole
from bot.model import Call, Cause, Confirmed, RuledOut, Undecided, Unknown, Verdict
from bot.obstacles import organized

# What ECS records where a registry refuses somebody.
REFUSALS = {
    "ecr-auth-permission",
    "repository-not-found",
    "repository-policy-denied",
    "scp-denied",
    "permissions-boundary-denied",
    "vpc-endpoint-policy-denied",
}


@pulled
def decide(pull: Pull) -> Verdict:
    if pull.idle:
        return RuledOut(pull.seen)
    found = organized(pull).verdict(pull.seen)
    if isinstance(found, Confirmed) and found.proof["how"] == "simulated" and _answered(pull):
        # A policy may look at where a request comes from, which a simulation cannot know.
        return Undecided(
            (Unknown("PullingRolePermissions", "a condition of its policies is unknown"),)
        )
    return found


def _answered(pull: Pull) -> bool:
    """Tell whether ECS recorded a failure that only comes once the registry has let the role in."""
    if isinstance(pull.recorded, Unknown) or not pull.recorded.symptom.recognised:
        return False
    said = pull.recorded.symptom
    return (said.stage or "S0") >= "S4" and said.family not in REFUSALS


def advise(role: PullingRole | Unknown) -> tuple[Call, ...]:
    """Show what the organization's administrator needs: its policies are theirs alone to see."""
    account = "" if isinstance(role, Unknown) or not role.arn else role.arn.split(":")[4]
    if not account:
        return ()
    asked = {"TargetId": account, "Filter": "SERVICE_CONTROL_POLICY"}
    return (Call("organizations", "list_policies_for_target", asked),)


CAUSE = Cause(
    id="organization-policy-blocks",
    group="role",
    stage="S3",
    until="S5",
    families=("scp-denied", "ecr-auth-permission"),
    registries=("ecr",),
    decide=decide,
    advise=advise,
)
