"""Recorded services that are broken by the role."""

from __future__ import annotations

from typing import Any

from bot import policy
from bot.facts import (
    Carried,
    ContainerHost,
    Document,
    ExecutionRole,
    ExecutionRolePermissions,
    InstanceRole,
    InstanceRolePermissions,
    NamedPolicy,
    Permission,
    TaskDefinition,
    TaskRolePermissions,
)
from bot.model import Unknown
from tests.cases.building import HOST_ARN, Facts, case, endpoints, host
from tests.cases.healthy import (
    ACCOUNT,
    ARN,
    REGION,
    ROLE,
    TRUST,
    URI,
    definition,
    network,
    permissions,
)

TASKS = f"arn:aws:ecs:{REGION}:{ACCOUNT}"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/limits"


def allow(action: str = "ecr:*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": "*", **more}


def login() -> dict[str, Any]:
    return allow("ecr:GetAuthorizationToken")


def deny(**more: Any) -> dict[str, Any]:
    denied = {"Effect": "Deny", "Action": "ecr:BatchGetImage", "Resource": "*"}
    return {"Sid": "NoPulls", **denied, **more}


def trusting(**conditions: Any) -> Facts:
    """The execution role whose trust in ECS tasks has *conditions*."""
    statement = {**TRUST["Statement"][0], "Condition": conditions}
    return {ExecutionRole: ExecutionRole(ROLE, "shop-execution", True, {"Statement": [statement]})}


def carrying(*statements: Any, boundary: Document | None = None, kind: str = "") -> Facts:
    """The execution role with one inline policy, as the collector evaluates it."""
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    limit = NamedPolicy(BOUNDARY, boundary) if boundary else None
    carried = Carried((NamedPolicy("shop", document),), limit)
    role = ExecutionRole(ROLE, "shop-execution", True, TRUST, BOUNDARY if boundary else None)
    items = tuple(_judged(p, carried) for p in permissions("allowed"))
    found = ExecutionRolePermissions(items, "simulated" if kind else "evaluated", carried)
    return {ExecutionRole: role, ExecutionRolePermissions: found}


def _judged(p: Permission, carried: Carried) -> Permission:
    ruling = policy.decide(
        policy.Request(ROLE, p.action, p.resource),
        identity=[d.document for d in carried.policies],
        boundary=carried.boundary.document if carried.boundary else None,
    )
    return Permission(p.action, p.resource, ruling.decision.value, ruling.by, ruling.keys)


def capped(by: str) -> Facts:
    """The execution role that a cap keeps from all of it, as IAM simulates it."""
    items = tuple(
        Permission(p.action, p.resource, "implicit-deny", by, (), {by: False})
        for p in permissions("allowed")
    )
    boundary = BOUNDARY if by == "boundary" else None
    role = ExecutionRole(ROLE, "shop-execution", True, TRUST, boundary)
    return {ExecutionRole: role, ExecutionRolePermissions: ExecutionRolePermissions(items)}


def hosts_pull() -> Facts:
    """Hosts whose role may not pull."""
    role = InstanceRole(f"arn:aws:iam::{ACCOUNT}:role/hosts", "hosts", "hosts")
    return {
        InstanceRole: role,
        InstanceRolePermissions: InstanceRolePermissions(permissions("implicit-deny")),
    }


def without_role() -> Facts:
    """A task without an execution role, as EC2 allows it."""
    return {
        TaskDefinition: definition(URI, role=None),
        ExecutionRole: ExecutionRole(None),
        ExecutionRolePermissions: ExecutionRolePermissions(()),
    }


def denial(why: str) -> str:
    """What ECS records of a refusal of the manifest."""
    return (
        "CannotPullContainerError: The task can't pull the image. AccessDeniedException: User: "
        f"arn:aws:sts::{ACCOUNT}:assumed-role/shop-execution/0123456789abcdef is not authorized to "
        f"perform: ecr:BatchGetImage on resource: {ARN} {why}"
    )


CASES: dict[str, Facts] = {
    "execution-role-unset": case(
        {
            TaskDefinition: definition(URI, role=None),
            ExecutionRole: ExecutionRole(None),
            ExecutionRolePermissions: ExecutionRolePermissions(()),
        }
    ),
    "execution-role-missing": case(
        {
            ExecutionRole: ExecutionRole(ROLE, "shop-execution", exists=False),
            ExecutionRolePermissions: ExecutionRolePermissions(()),
        }
    ),
    "execution-role-untrusted": case(
        {
            ExecutionRole: ExecutionRole(
                ROLE,
                "shop-execution",
                True,
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            **TRUST["Statement"][0],
                            "Principal": {"Service": "ec2.amazonaws.com"},
                        }
                    ],
                },
            )
        }
    ),
    "execution-role-trust-unmet": case(
        trusting(ArnLike={"aws:SourceArn": f"{TASKS}:cluster/main"})
    ),
    "execution-role-trust-unmet/account": case(
        trusting(StringEquals={"aws:SourceAccount": "123456789012"})
    ),
    "execution-role-trust-unmet/external-id": case(
        trusting(StringEquals={"sts:ExternalId": "shop"})
    ),
    "role-explicitly-denied": case(carrying(allow(), deny(), kind="explicit-deny")),
    "role-explicitly-denied/condition": case(
        carrying(allow(), deny(Condition={"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}))
    ),
    "role-explicitly-denied/simulated": case(
        {
            ExecutionRolePermissions: ExecutionRolePermissions(
                tuple(
                    Permission(p.action, p.resource, "explicit-deny", "identity")
                    for p in permissions("allowed")
                )
            )
        }
    ),
    "role-explicitly-denied/recorded": case(
        {ExecutionRolePermissions: Unknown("ExecutionRolePermissions", "denied", "iam:X")},
        text=denial("with an explicit deny in an identity-based policy"),
    ),
    "permissions-boundary-blocks": case(
        carrying(allow(), boundary={"Version": "2012-10-17", "Statement": [allow("s3:*")]})
    ),
    "permissions-boundary-blocks/denies": case(
        carrying(
            allow(),
            boundary={"Version": "2012-10-17", "Statement": [allow("*"), deny(Sid="NoPull")]},
        )
    ),
    "permissions-boundary-blocks/simulated": case(capped("boundary")),
    "permissions-boundary-blocks/recorded": case(
        {ExecutionRolePermissions: Unknown("ExecutionRolePermissions", "denied", "iam:X")},
        {ExecutionRole: ExecutionRole(ROLE, "shop-execution", True, TRUST, BOUNDARY)},
        text=denial("because no permissions boundary allows the ecr:BatchGetImage action"),
    ),
    "organization-policy-blocks": case(capped("scp")),
    "organization-policy-blocks/recorded": case(
        text=denial(
            "with an explicit deny in a service control policy: "
            "arn:aws:organizations::123456789012:policy/o-shop/service_control_policy/p-1"
        )
    ),
    "organization-policy-blocks/resource": case(
        text=denial("with an explicit deny in a resource control policy")
    ),
    "role-condition-unmet": case(
        endpoints("ecr.api", "ecr.dkr", "s3"),
        carrying(login(), allow(Condition={"StringEquals": {"aws:SourceVpce": "vpce-old"}})),
    ),
    "role-condition-unmet/region": case(
        carrying(login(), allow(Condition={"StringEquals": {"aws:RequestedRegion": "us-east-1"}}))
    ),
    "role-condition-unmet/tags": case(
        carrying(login(), allow(Condition={"StringEquals": {"aws:PrincipalTag/team": "shop"}})),
        {ExecutionRole: ExecutionRole(ROLE, "shop-execution", True, TRUST, tags={"team": "web"})},
    ),
    "role-condition-unmet/address": case(
        carrying(login(), allow(Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}))
    ),
    "role-condition-unmet/nowhere": case(
        carrying(login(), allow(Condition={"StringEquals": {"aws:SourceVpce": "vpce-old"}}))
    ),
    "instance-role-lacks-image-read": case(
        host(network(public=True, default="igw-1")), hosts_pull(), without_role()
    ),
    "instance-role-lacks-image-read/old-agent": case(
        host(network(public=True, default="igw-1")),
        hosts_pull(),
        {ContainerHost: ContainerHost(HOST_ARN, ("com.amazonaws.ecs.capability.ecr-auth",))},
    ),
    "instance-role-lacks-image-read/recorded": case(
        host(network(public=True, default="igw-1")),
        {InstanceRole: Unknown("InstanceRole", "denied", "iam:GetInstanceProfile")},
        {InstanceRolePermissions: Unknown("InstanceRole", "denied", "iam:GetInstanceProfile")},
        text=denial("because no identity-based policy allows the ecr:BatchGetImage action").replace(
            "shop-execution/0123456789abcdef", "hosts/i-0123456789abcdef0"
        ),
    ),
    "permission-on-task-role": case(
        {
            ExecutionRolePermissions: ExecutionRolePermissions(permissions("implicit-deny")),
            TaskRolePermissions: TaskRolePermissions(permissions("allowed")),
        }
    ),
    "execution-role-lacks-ecr-login": case(
        {
            ExecutionRolePermissions: ExecutionRolePermissions(
                permissions("allowed", "ecr:GetAuthorizationToken")
            )
        }
    ),
    "execution-role-lacks-image-read": case(
        {
            ExecutionRolePermissions: ExecutionRolePermissions(
                permissions("allowed", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
            )
        }
    ),
}
