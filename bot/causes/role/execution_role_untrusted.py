"""The execution role exists, but its trust policy does not let ECS tasks assume it.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from bot import policy
from bot.facts import Document, ExecutionRole, Subject
from bot.model import Call, Cause, Confirmed, RuledOut, Undecided, Unknown, Verdict
from bot.permissions import partition
from bot.policy import Decision, Ruling

TASKS = "ecs-tasks.amazonaws.com"


def decide(subject: Subject, role: ExecutionRole) -> Verdict:
    seen = {"role": role.name, "arn": role.arn, "service": TASKS}
    if not role.exists:
        return RuledOut(seen)
    if role.trust is None:
        return Undecided((Unknown("ExecutionRole", "its trust policy is not known"),))
    ruling = _ruling(subject, role.trust)
    if ruling.decision is Decision.ALLOWED:
        return RuledOut(seen)
    if ruling.decision is Decision.UNDECIDED:
        keys = ", ".join(ruling.keys)
        because = f"condition key {keys} unknown" if keys else "its trust policy is not readable"
        return Undecided((Unknown("ExecutionRole", because),))
    trusted = sorted(set(_services(role.trust)))
    denied = ruling.decision is Decision.EXPLICIT_DENY
    return Confirmed({**seen, "trusted": trusted, "named": TASKS in trusted, "denied": denied})


def _ruling(subject: Subject, trust: Document) -> Ruling:
    """Return whether ECS gets in; it tells its Region and account, but no cluster of ours."""
    where = f"arn:{partition(subject.region)}:ecs:{subject.region}:{subject.account}"
    context = {"aws:SourceAccount": subject.account, "aws:SourceArn": f"{where}:task/cluster/task"}
    never = frozenset({"sts:ExternalId", "aws:PrincipalOrgID"})  # a service sends neither
    return policy.trusts(trust, service=TASKS, context=context, absent=never)


def _services(trust: Document) -> Iterator[str]:
    """Yield the services that the trust policy lets in, under whatever conditions."""
    inside = trust.get("Statement", ())
    for statement in [inside] if isinstance(inside, dict) else inside:
        who = statement.get("Principal")
        named = who.get("Service", ()) if isinstance(who, dict) else ()
        if statement.get("Effect") == "Allow":
            yield from [named] if isinstance(named, str) else named


def advise(subject: Subject, role: ExecutionRole) -> tuple[Call, ...]:
    """Add a statement; the call replaces the whole trust policy, so the others are repeated."""
    trust = role.trust or {"Version": "2012-10-17"}
    if _ruling(subject, trust).decision is Decision.EXPLICIT_DENY:
        return ()  # no Allow helps against a Deny
    inside = trust.get("Statement", [])
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": TASKS},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": subject.account}},
    }
    statements = [*([inside] if isinstance(inside, dict) else inside), statement]
    document = json.dumps({**trust, "Statement": statements}, sort_keys=True)
    params = {"RoleName": role.name, "PolicyDocument": document}
    return (Call("iam", "update_assume_role_policy", params),)


CAUSE = Cause(
    id="execution-role-untrusted",
    group="role",
    stage="S1",
    families=("not-pull:role-assume", "ecr-auth-permission"),
    decide=decide,
    advise=advise,
)
