"""A policy of the role allows the pull, but only under a condition that this pull does not meet.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
"""

from __future__ import annotations

from bot.entitlement import Pull, pulled
from bot.facts import AttachedPolicies
from bot.model import Call, Cause, Confirmed, Plan, RuledOut, Unknown, Verdict
from bot.obstacles import conditioned, repaired
from bot.policy_steps import inline
from bot.steps import then_redeploy


@pulled
def decide(pull: Pull) -> Verdict:
    if pull.idle:
        return RuledOut(pull.seen)
    found = conditioned(pull)
    verdict = found.verdict(pull.seen)
    if not isinstance(verdict, Confirmed):
        return verdict
    return Confirmed({**verdict.proof, **found.bars[0].told, "fixable": repaired(pull) is not None})


@pulled
def plan(pull: Pull) -> Plan | None:
    """Let an inline policy also name what this pull comes from; whatever it names stays."""
    found = repaired(pull)
    if found is None or not pull.role.exists or isinstance(pull.service, Unknown):
        return None
    named, document = found
    there = AttachedPolicies((), {named.name: named.document})
    step = inline(pull.subject, pull.role, there, document, named.name)
    return Plan(then_redeploy(step, service=pull.service), "medium")


@pulled
def advise(pull: Pull) -> tuple[Call, ...]:
    """Show the policy that has the condition."""
    bars = conditioned(pull).bars
    if not bars or bars[0].policy is None:
        return ()
    named = bars[0].policy
    if named.startswith("arn:"):
        return (Call("iam", "get_policy", {"PolicyArn": named}),)
    asked = {"RoleName": pull.role.name, "PolicyName": named}
    return (Call("iam", "get_role_policy", asked),)


CAUSE = Cause(
    id="role-condition-unmet",
    group="role",
    stage="S3",
    until="S5",
    families=("ecr-auth-permission",),
    registries=("ecr",),
    decide=decide,
    plan=plan,
    advise=advise,
    seldom=True,
)
