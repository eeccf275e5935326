"""Which IAM action each call needs, and the policies that follow from it. Pure.

The read role, the fix role and the policy of a fix's session are computed from :mod:`bot.actions`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot import vpc_permissions
from bot.actions import (
    ATTACHED,
    ATTACHING,
    CHANGES,
    DELETES_SECRET,
    FIX_ROLE,
    LOGIN_STEP,
    NEVER,
    OBSERVES,
    OPTED_IN,
    PASSED,
    READ_ROLE,
    READS,
    RECOVERABLE,
    ROLE,
    SECRET,
    SUFFIX,
    TRUSTING,
    UNSCOPED,
)
from bot.model import Call, Plan, Step

Policy = dict[str, Any]
Statement = dict[str, Any]

SESSION_POLICY_LIMIT = 2048  # characters, says STS

# Where boto3's name of an operation does not turn into the name of the action.
ACTIONS = {
    ("route53", "associate_vpc_with_hosted_zone"): vpc_permissions.ZONE,
}


def partition(region: str) -> str:
    """Return the partition of *region*: the second field of its ARNs."""
    china, gov = region.startswith("cn-"), region.startswith("us-gov-")
    return "aws-cn" if china else "aws-us-gov" if gov else "aws"


def action(call: Call) -> str:
    """Return the IAM action that *call* needs."""
    name = "".join(word.capitalize() for word in call.operation.split("_"))
    return ACTIONS.get((call.service, call.operation), f"{call.service}:{name}")


def read_policy(account: str, region: str = "", *, within: str = "") -> Policy:
    """Return what the read role of *account* needs; it cannot write or see a secret's value.

    *account* may be ``*``, for one policy that fits all; *region* is any of its Regions and
    tells the partition, unless *within* names that.
    """
    deny = {"Sid": "Never", "Effect": "Deny", "Action": list(NEVER), "Resource": "*"}
    return _policy([*_grouped(_filled(READS, account, within or partition(region))), deny])


def fix_policy(
    account: str, region: str = "", *, within: str = "", own: Iterable[str] = (READ_ROLE, FIX_ROLE)
) -> Policy:
    """Return what the fix role of *account* may need; each session gets only its plan's part.

    *own* are the names of the bot's roles: no fix changes what the bot itself may do.
    """
    where = within or partition(region)
    attached = {"ArnEquals": {"iam:PolicyARN": [p.format(partition=where) for p in ATTACHED]}}
    roles = [f"arn:{where}:iam::{account}:role/{name}" for name in own]
    deny = {"Sid": "NotItself", "Effect": "Deny", "Action": ["iam:*"], "Resource": roles}
    return _policy(
        [
            *_grouped(_filled(CHANGES, account, where)),
            *_grouped(_filled(dict.fromkeys(ATTACHING, (ROLE,)), account, where), attached),
            *_grouped(_filled({TRUSTING: (ROLE,)}, account, where), OPTED_IN),
            *_grouped(_filled({"iam:PassRole": (ROLE,)}, account, where), PASSED),
            *_grouped(_filled({DELETES_SECRET: (SECRET,)}, account, where), RECOVERABLE),
            *(
                s
                for name, only in vpc_permissions.MADE.items()
                for s in _grouped(
                    _filled({name: (vpc_permissions.ENDPOINT,)}, account, where), only
                )
            ),
            deny,
        ]
    )


def session_policy(plan: Plan) -> Policy:
    """Return exactly what *plan* needs: its calls, taking them back, and reading what they change.

    Raises ValueError where STS would not take it; :func:`parts` says how to split such a plan.
    """
    found = needed(plan.steps, plan)
    if len(compact(found)) > SESSION_POLICY_LIMIT:
        raise ValueError(f"the session policy is longer than {SESSION_POLICY_LIMIT} characters")
    return found


def parts(plan: Plan) -> list[tuple[Step, ...]]:
    """Return the steps of *plan*, in order, in the largest groups that one session each may do.

    No group reaches over accounts. A step that is too large alone stands alone, to be refused;
    so does one that waits for what somebody types, because another process makes it.
    """
    found: list[tuple[Step, ...]] = []
    for account in dict.fromkeys(s.account for s in plan.steps):
        group: tuple[Step, ...] = ()
        for step in (s for s in plan.steps if s.account == account):
            wider = (*group, step)
            apart = any(s.asks for s in wider)
            if group and (apart or len(compact(needed(wider, plan))) > SESSION_POLICY_LIMIT):
                found.append(group)
                wider = (step,)
            group = wider
        found.append(group)
    return found


def needed(steps: Iterable[Step], plan: Plan) -> Policy:
    """Return exactly what *steps* need of what *plan* does."""
    steps = tuple(steps)
    allowed: dict[str, set[str]] = {}
    conditional: list[Statement] = []
    for step in steps:
        calls = [step.do, *([step.undo] if step.undo else [])]
        besides = vpc_permissions.besides(step)
        names = dict.fromkeys((*OBSERVES.get(step.kind, ()), *map(action, calls), *besides))
        own = vpc_permissions.conditions(step)
        for name, condition in own.items():
            conditional += _grouped({name: [vpc_permissions.made(step)]}, condition)
        for name in (n for n in names if n not in (*ATTACHING, DELETES_SECRET, *own)):
            resources = ("*",) if name in UNSCOPED else _touched(step)
            allowed.setdefault(name, set()).update(resources)
        if policy := step.do.params.get("PolicyArn"):
            only = {n: [step.resource] for n in names if n in ATTACHING}
            conditional += _grouped(only, {"ArnEquals": {"iam:PolicyARN": policy}})
        if DELETES_SECRET in names:
            conditional += _grouped({DELETES_SECRET: [step.resource]}, RECOVERABLE)
        if step.do.params.get("tags"):
            allowed.setdefault("ecs:TagResource", set()).add(f"{step.resource}:*")
    passed = {"iam:PassRole": roles} if (roles := set(_passed(steps, plan))) else {}
    return _policy([*_grouped(allowed), *conditional, *_grouped(passed, PASSED)])


def compact(policy: Policy) -> str:
    """Return *policy* as JSON without blanks, because STS counts them."""
    return json.dumps(policy, separators=(",", ":"))


def _touched(step: Step) -> tuple[str, ...]:
    """Return the resources that the calls of *step* touch; a secret that is not there has its bare name."""
    if step.kind == LOGIN_STEP:
        return step.resource, step.resource.removesuffix(SUFFIX)
    return vpc_permissions.touched(step)


def _passed(steps: Iterable[Step], plan: Plan) -> Iterator[str]:
    """Yield the roles that the calls hand to ECS: any of the account where no call names them.

    A service that is given a new revision passes the roles that *plan* registers it with.
    """
    for step in steps:
        if step.do.operation == "register_task_definition":
            yield from _named(step)
        elif step.do.operation == "update_service":
            named = [r for s in plan.steps if s.account == step.account for r in _named(s)]
            every = ROLE.format(partition=partition(step.region), account=step.account)
            yield from named or [every]


def _named(step: Step) -> list[str]:
    """Return the roles that *step* registers a task definition with."""
    if step.do.operation != "register_task_definition":
        return []
    asked = (step.do.params.get(k) for k in ("executionRoleArn", "taskRoleArn"))
    return [role for role in asked if role]


def _filled(table: Mapping[str, tuple[str, ...]], account: str, where: str) -> dict[str, set[str]]:
    return {
        name: {r.format(partition=where, account=account) for r in resources}
        for name, resources in table.items()
    }


def _grouped(
    allowed: Mapping[str, Iterable[str]], condition: Mapping[str, Any] | None = None
) -> list[Statement]:
    """Return one statement for all actions on the same resources."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, resources in allowed.items():
        groups.setdefault(tuple(sorted(resources)), []).append(name)
    return [
        {
            "Effect": "Allow",
            "Action": sorted(names),
            "Resource": list(resources),
            **({"Condition": condition} if condition else {}),
        }
        for resources, names in groups.items()
    ]


def _policy(statements: list[Statement]) -> Policy:
    return {"Version": "2012-10-17", "Statement": statements}
