"""Whether ECS tasks may assume a role, and its trust policy changed so that they may. Pure.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from bot import policy
from bot.actions import OPT_IN
from bot.facts import Document, ExecutionRole, Subject
from bot.model import Call, Step
from bot.permissions import partition
from bot.policy import Conditional, Decision, Ruling

JSON = Any
TASKS = "ecs-tasks.amazonaws.com"
LONGEST = 2048  # characters of a trust policy, unless AWS has raised it
NEVER = frozenset({"sts:ExternalId", "aws:PrincipalOrgID"})  # a service sends neither


def ruling(subject: Subject, trust: Document) -> Ruling:
    """Return whether ECS gets in.

    It tells its account and Region, and no cluster: AWS says that none can be named, but not
    what ECS writes in its place, so what depends on that is undecided.
    """
    first, second = (
        policy.trusts(trust, service=TASKS, context=_context(subject, source), absent=NEVER)
        for source in ("*", "task/a/b")
    )
    if first.decision is second.decision:
        return first
    return Ruling(Decision.UNDECIDED, first.by, None, ("aws:SourceArn",))


def unmet(subject: Subject, trust: Document) -> tuple[Conditional, ...]:
    """Return the statements that let ECS tasks in, if only under conditions they do not meet."""
    asked = policy.assuming(TASKS, _context(subject, "*"), NEVER)
    return policy.conditional(asked, trust, whom="anybody")


def services(trust: Document) -> Iterator[str]:
    """Yield the services that the trust policy lets in, under whatever conditions."""
    inside = trust.get("Statement", ())
    for statement in [inside] if isinstance(inside, dict) else inside:
        who = statement.get("Principal")
        named = who.get("Service", ()) if isinstance(who, dict) else ()
        if statement.get("Effect") == "Allow":
            yield from [named] if isinstance(named, str) else named


def letting_in(subject: Subject, trust: Document) -> Document:
    """Return *trust* with one statement more, which lets in the ECS tasks of this account and Region."""
    inside = trust.get("Statement", [])
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": TASKS},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": subject.account},
            "ArnLike": {"aws:SourceArn": _source(subject, "*")},
        },
    }
    return {**trust, "Statement": [*([inside] if isinstance(inside, dict) else inside), statement]}


def widened(subject: Subject, trust: Document) -> Document:
    """Return *trust* whose conditions this task meets too; with a statement of its own where none can."""
    values = {"aws:sourceaccount": subject.account, "aws:sourcearn": _source(subject, "*")}
    for found in unmet(subject, trust):
        met = {(h.operator, h.key): values.get(h.key.lower()) for h in found.hurdles}
        exact = any("Arn" in h.key and h.operator == "StringEquals" for h in found.hurdles)
        if exact or None in met.values():
            continue
        known = {place: value for place, value in met.items() if value}
        document = policy.meeting(trust, found.number, known)
        if document and ruling(subject, document).decision is Decision.ALLOWED:
            return document
    return letting_in(subject, trust)


def agreed(role: ExecutionRole) -> bool:
    """Tell whether the role has the tag that lets its trust policy be changed."""
    key, value = OPT_IN
    return (role.tags or {}).get(key) == value


def step(subject: Subject, role: ExecutionRole, document: Document) -> Step | None:
    """Return the step that makes *document* the trust policy of *role*.

    None where it is too long, and where the role's owner has not agreed to it by its tag.
    """
    long = len(json.dumps(document, separators=(",", ":"))) > LONGEST
    if role.trust is None or long or not agreed(role):
        return None
    return Step(
        kind="role-trust-policy",
        account=subject.account,
        region=subject.region,
        resource=role.arn or "",
        before=role.trust,
        after=document,
        do=call(role, document),
        undo=call(role, role.trust),
    )


def call(role: ExecutionRole, document: Document) -> Call:
    """Return the call that replaces the whole trust policy of *role*."""
    text = json.dumps(document, sort_keys=True)
    return Call("iam", "update_assume_role_policy", {"RoleName": role.name, "PolicyDocument": text})


def _context(subject: Subject, source: str) -> dict[str, str]:
    return {"aws:SourceAccount": subject.account, "aws:SourceArn": _source(subject, source)}


def _source(subject: Subject, what: str) -> str:
    return f"arn:{partition(subject.region)}:ecs:{subject.region}:{subject.account}:{what}"
