"""What IAM can tell us about the two roles of a task, and about what they carry."""

from __future__ import annotations

from typing import Any

from bot.aws.accounts import WorkloadAccount
from bot.aws.client import Door, NotFound, together
from bot.aws.ecs import short
from bot.facts import AttachedPolicies, Document, ExecutionRole, TaskDefinition, TaskRole
from bot.model import Call


def execution_role(here: WorkloadAccount, definition: TaskDefinition) -> ExecutionRole:
    arn = definition.execution_role
    if arn is None:
        return ExecutionRole(None)
    found = _role(here, arn)
    if found is None:
        return ExecutionRole(arn, short(arn))
    return ExecutionRole(
        found["Arn"],
        found["RoleName"],
        exists=True,
        trust=found.get("AssumeRolePolicyDocument"),
        boundary=found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        tags={t["Key"]: t["Value"] for t in found.get("Tags", ())},
    )


def task_role(here: WorkloadAccount, definition: TaskDefinition) -> TaskRole:
    arn = definition.task_role
    if arn is None:
        return TaskRole(None)
    found = _role(here, arn)
    if found is None:
        return TaskRole(arn, short(arn))
    return TaskRole(found["Arn"], found["RoleName"], exists=True)


def attached_policies(here: WorkloadAccount, role: ExecutionRole) -> AttachedPolicies:
    if not role.exists or role.name is None:
        return AttachedPolicies((), {})
    name = role.name
    managed, inline = together(lambda: managed_of(here, name), lambda: inline_of(here, name))
    return AttachedPolicies(tuple(managed), dict(inline))


def managed_of(here: Door, role: str) -> list[Any]:
    """Return the ARNs of the managed policies of *role*."""
    call = Call("iam", "list_attached_role_policies", {"RoleName": role})
    return [p["PolicyArn"] for p in here.pages(call, "AttachedPolicies")]


def inline_of(here: Door, role: str) -> list[Any]:
    """Return the inline policies of *role*, as pairs of name and document."""

    def read(name: str) -> tuple[str, Document]:
        params = {"RoleName": role, "PolicyName": name}
        return name, here.call(Call("iam", "get_role_policy", params))["PolicyDocument"]

    names = here.pages(Call("iam", "list_role_policies", {"RoleName": role}), "PolicyNames")
    return together(*(lambda n=name: read(n) for name in names))


def managed_document(here: Door, arn: str) -> Document:
    """Return the version of a managed policy that is in force."""
    policy = here.call(Call("iam", "get_policy", {"PolicyArn": arn}))["Policy"]
    params = {"PolicyArn": arn, "VersionId": policy["DefaultVersionId"]}
    answer = here.call(Call("iam", "get_policy_version", params))
    document: Document = answer["PolicyVersion"]["Document"]
    return document


def _role(here: WorkloadAccount, arn: str) -> dict[str, Any] | None:
    """Return the role; a role of another account is none, because ECS cannot use it."""
    if arn.startswith("arn:") and arn.split(":")[4] != here.account:
        return None
    try:
        found: dict[str, Any] = here.call(Call("iam", "get_role", {"RoleName": short(arn)}))["Role"]
    except NotFound:
        return None
    return found


COLLECTORS = (execution_role, task_role, attached_policies)
