"""The steps that change a policy: of a role, or of a repository. Pure."""

from __future__ import annotations

import json
from typing import Any

from bot.facts import (
    AttachedPolicies,
    Document,
    ExecutionRole,
    ImageReference,
    InstanceRole,
    InstanceRolePolicies,
    PullingRole,
    Repository,
    RepositoryPolicy,
    Subject,
)
from bot.model import Call, Step
from bot.permissions import partition

JSON = Any
Role = ExecutionRole | InstanceRole | PullingRole

EXECUTION_POLICY = "policy/service-role/AmazonECSTaskExecutionRolePolicy"
INSTANCE_POLICY = "policy/service-role/AmazonEC2ContainerServiceforEC2Role"
INLINE_NAME = "EcsPullBotImagePull"


def execution_policy(subject: Subject) -> str:
    """Return the ARN of AWS's own policy for execution roles."""
    return f"arn:{partition(subject.region)}:iam::aws:{EXECUTION_POLICY}"


def instance_policy(subject: Subject) -> str:
    """Return the ARN of AWS's own policy for the roles of container instances."""
    return f"arn:{partition(subject.region)}:iam::aws:{INSTANCE_POLICY}"


def attach(subject: Subject, role: Role, policy: str) -> Step:
    """Return the step that attaches the managed policy *policy* (its ARN) to *role*."""
    params = {"RoleName": role.name, "PolicyArn": policy}
    return Step(
        kind="role-policy-attachment",
        account=subject.account,
        region=subject.region,
        resource=role.arn or "",
        before=None,
        after={"policyArn": policy},
        do=Call("iam", "attach_role_policy", params),
        undo=Call("iam", "detach_role_policy", params),
    )


def inline(
    subject: Subject,
    role: Role,
    attached: AttachedPolicies | InstanceRolePolicies,
    document: Document,
    name: str = INLINE_NAME,
) -> Step:
    """Return the step that makes *document* the inline policy *name* of *role*: the bot's own one."""
    before = attached.inline.get(name)
    named = {"RoleName": role.name, "PolicyName": name}
    put = {**named, "PolicyDocument": json.dumps(document, sort_keys=True)}
    undo = Call("iam", "delete_role_policy", named)
    if before is not None:
        restored = {**named, "PolicyDocument": json.dumps(before, sort_keys=True)}
        undo = Call("iam", "put_role_policy", restored)
    return Step(
        kind="role-inline-policy",
        account=subject.account,
        region=subject.region,
        resource=role.arn or "",
        before=before,
        after=document,
        do=Call("iam", "put_role_policy", put),
        undo=undo,
    )


def repository_policy(
    image: ImageReference, repository: Repository, found: RepositoryPolicy, document: Document
) -> Step:
    """Return the step that makes *document* the policy of *repository*, in the registry's account."""
    named = {"repositoryName": repository.name}
    undo = Call("ecr", "delete_repository_policy", named)
    if found.document is not None:
        restored = {**named, "policyText": json.dumps(found.document)}
        undo = Call("ecr", "set_repository_policy", restored)
    return Step(
        kind="repository-policy",
        account=image.account or "",
        region=image.region or "",
        resource=repository.arn,
        before=found.document,
        after=document,
        do=Call("ecr", "set_repository_policy", {**named, "policyText": json.dumps(document)}),
        undo=undo,
    )
