"""How a pull is granted to the execution role: by AWS's own policy, or by the least one. Pure.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot import policy
from bot.facts import (
    AttachedPolicies,
    Choice,
    Document,
    ExecutionRole,
    GrantedBefore,
    ImageReference,
    InstanceRolePolicies,
    PullingRole,
    Service,
    Subject,
    TaskDefinition,
)
from bot.model import Call, Plan, Step, Unknown
from bot.policy_steps import INLINE_NAME, Role, attach, execution_policy, inline, instance_policy
from bot.pulling import repository_arn
from bot.steps import then_redeploy

JSON = Any
MANAGED, INLINE = "managed-policy", "inline-policy"


def ways(subject: Subject, attached: AttachedPolicies) -> tuple[str, ...]:
    """Return the ways to grant a pull: AWS's own policy, unless it is there, or the least one."""
    return _ways(attached, execution_policy(subject))


def ways_of_host(subject: Subject, attached: InstanceRolePolicies) -> tuple[str, ...]:
    """Return the ways to grant a pull to the hosts."""
    return _ways(attached, instance_policy(subject))


def _ways(attached: AttachedPolicies | InstanceRolePolicies, managed: str) -> tuple[str, ...]:
    return (INLINE,) if managed in attached.managed else (MANAGED, INLINE)


def grant(
    subject: Subject,
    service: Service,
    role: ExecutionRole,
    image: ImageReference,
    attached: AttachedPolicies,
    choice: Choice,
) -> Plan | None:
    """Let the execution role log in and pull, and have the service try again."""
    if not role.exists:
        return None
    step = _granting(subject, role, image, attached, choice, execution_policy(subject))
    return _redeployed(step, service)


def grant_to_host(
    subject: Subject,
    service: Service,
    role: PullingRole,
    image: ImageReference,
    attached: InstanceRolePolicies,
    choice: Choice,
) -> Plan | None:
    """Let the instance role log in and pull, and have the service try again."""
    if not role.exists or role.kind != "instance-role":
        return None
    step = _granting(subject, role, image, attached, choice, instance_policy(subject))
    return _redeployed(step, service)


def _granting(
    subject: Subject,
    role: Role,
    image: ImageReference,
    attached: AttachedPolicies | InstanceRolePolicies,
    choice: Choice,
    managed: str,
) -> Step | None:
    names = _ways(attached, managed)
    picked = choice.name or names[0]
    if picked not in names or image.registry != "ecr":
        return None
    if picked == MANAGED:
        return attach(subject, role, managed)
    least = policy.login_and_read(repository_arn(image))
    document = merged(attached.inline.get(INLINE_NAME), least)
    step = inline(subject, role, attached, document)
    return None if step.before == step.after else step


def _redeployed(step: Step | None, service: Service) -> Plan | None:
    if step is None:
        return None
    every = step.kind == "role-policy-attachment"
    return Plan(then_redeploy(step, service=service), "medium" if every else "low")


def extended(
    subject: Subject,
    role: ExecutionRole,
    before: GrantedBefore,
    sid: str,
    actions: Sequence[str],
    resource: str,
) -> Step | None:
    """Return the step that allows *actions* on *resource* in the bot's own inline policy of *role*."""
    statement = {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": resource}
    addition = {"Version": "2012-10-17", "Statement": [statement]}
    attached = AttachedPolicies((), {INLINE_NAME: before.document} if before.document else {})
    step = inline(subject, role, attached, merged(before.document, addition))
    return None if step.before == step.after or not role.exists else step


def on_repositories(image: ImageReference, prefix: str) -> str:
    """Return the ARN of all repositories under *prefix* in the registry of *image*."""
    every = f"{prefix.rstrip('/')}/"
    if not image.repository.startswith(every):
        return repository_arn(image)
    return repository_arn(image).removesuffix(image.repository) + f"{every}*"


def by_hand(subject: Subject, role: ExecutionRole) -> tuple[Call, ...]:
    """Return the call that grants it, for a person."""
    return (attach(subject, role, execution_policy(subject)).do,)


def host_by_hand(subject: Subject, role: PullingRole | Unknown) -> tuple[Call, ...]:
    """Return the call that grants it to the hosts, for a person."""
    if isinstance(role, Unknown) or role.name is None:
        return ()
    return (attach(subject, role, instance_policy(subject)).do,)


def by_policy(role: str | None, purpose: str, document: Document) -> Call:
    """Return the call that grants *document* beside whatever the role has, for a person.

    PutRolePolicy replaces a policy of the same name, so what it grants is part of the name.
    """
    text = json.dumps(document, sort_keys=True)
    own = hashlib.sha256(text.encode()).hexdigest()[:8]
    named = {"RoleName": role or "<execution role>", "PolicyName": f"{purpose}-{own}"}
    return Call("iam", "put_role_policy", {**named, "PolicyDocument": text})


def registered(family: str, what: str) -> tuple[Call, Call]:
    """Return the calls that register a revision again with *what*, and with all else as it is.

    RegisterTaskDefinition leaves out whatever it is not given: there is no naming one field.
    """
    return (
        Call("ecs", "describe_task_definition", {"taskDefinition": family}),
        Call("ecs", "register_task_definition", {"cliInputJson": f"<that revision with {what}>"}),
    )


def with_role(definition: TaskDefinition, service: Service) -> tuple[Call, ...]:
    """Return the calls that give the task an execution role that only a person can name."""
    calls = [
        Call("iam", "get_role", {"RoleName": "<execution role>"}),
        *registered(definition.family, "its executionRoleArn set"),
    ]
    if service.exists:
        named = {"cluster": service.cluster, "service": service.name}
        calls.append(Call("ecs", "update_service", {**named, "taskDefinition": definition.family}))
    return tuple(calls)


def merged(document: Document | None, addition: Document) -> Document:
    """Return *document* with the statements of *addition*; a like one gets the resource too."""
    if document is None:
        return addition
    inside = document.get("Statement") or []
    statements: list[JSON] = [inside] if isinstance(inside, Mapping) else list(inside)
    for wanted in addition["Statement"]:
        _merge(statements, wanted)
    return {**document, "Statement": statements}


def _merge(statements: list[JSON], wanted: Mapping[str, JSON]) -> None:
    for at, s in enumerate(statements):
        if {**s, "Resource": 0} == {**wanted, "Resource": 0}:
            resources = dict.fromkeys((*_listed(s["Resource"]), *_listed(wanted["Resource"])))
            named = list(resources)
            statements[at] = {**s, "Resource": named[0] if len(named) == 1 else named}
            return
    taken = {s.get("Sid") for s in statements}
    statements.append({k: v for k, v in wanted.items() if k != "Sid" or v not in taken})


def _listed(value: str | Sequence[str]) -> Sequence[str]:
    return [value] if isinstance(value, str) else value
