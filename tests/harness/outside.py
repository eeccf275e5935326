"""Every change that the fix role may make somewhere, aimed at one resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.actions import ATTACHED, LOGINS, UNSCOPED
from bot.model import Call, Step
from bot.permissions import action

EMPTY_POLICY = '{"Version":"2012-10-17","Statement":[]}'
ANY_POLICY = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"ecr:*"}]}'
)
MANAGED = ATTACHED[0].format(partition="aws")
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
ARCHIVED = {"imageId": {"imageTag": "v1.0.0"}, "targetStorageClass": "ARCHIVE"}
HTTPS = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
VALUE = {"SecretString": "{}", "ClientRequestToken": "0" * 32}
CONTAINER = {"name": "app", "image": "evil", "memory": 64}


def in_vpc(which: str) -> list[Call]:
    """Return every change of a VPC that the fix role may make; *which* stands for each resource."""
    number = which.rpartition("-")[2]
    rule = {"GroupId": f"sg-{number}", "IpPermissions": [HTTPS]}
    endpoint, table = {"VpcEndpointId": f"vpce-{number}"}, [f"rtb-{number}"]
    names = (f"{verb}_security_group_{way}" for verb in ("authorize", "revoke")
             for way in ("ingress", "egress"))  # fmt: skip
    support = {"VpcId": f"vpc-{number}", "EnableDnsSupport": {"Value": False}}
    zone = {"HostedZoneId": "Z1", "VPC": {"VPCId": f"vpc-{number}", "VPCRegion": "us-east-1"}}
    return [
        *(Call("ec2", name, rule) for name in names),
        Call("ec2", "modify_vpc_attribute", support),
        Call("ec2", "modify_vpc_endpoint", {**endpoint, "PolicyDocument": ANY_POLICY}),
        Call("ec2", "modify_vpc_endpoint", {**endpoint, "AddRouteTableIds": table}),
        Call("ec2", "create_vpc_endpoint", {"VpcId": f"vpc-{number}", "ServiceName": "s3"}),
        Call("ec2", "delete_vpc_endpoints", {"VpcEndpointIds": [f"vpce-{number}"]}),
        Call("ec2", "create_tags", {"Resources": [f"vpce-{number}"], "Tags": [{"Key": "a"}]}),
        Call("route53", "associate_vpc_with_hosted_zone", zone),
    ]


def on_host(which: str) -> list[Call]:
    """Return every change of a container instance that the fix role may make."""
    there = {"cluster": "main"}
    drained = {**there, "containerInstances": [which], "status": "DRAINING"}
    return [
        Call("ecs", "update_container_instances_state", drained),
        Call("ecs", "update_container_agent", {**there, "containerInstance": which}),
    ]


def changes(
    role: str, repository: str, service: str, family: str, stranger: str, secret: str, group: str
) -> list[Call]:
    """Return every change that the fix role may make, of these; *stranger* is a role to pass."""
    at_role, at_repository = {"RoleName": role}, {"repositoryName": repository}
    at_service = {"cluster": "main", "service": service}
    named = {**at_role, "PolicyName": "more"}
    return [
        Call("iam", "put_role_policy", {**named, "PolicyDocument": EMPTY_POLICY}),
        Call("iam", "delete_role_policy", named),
        Call("iam", "update_assume_role_policy", {**at_role, "PolicyDocument": EMPTY_POLICY}),
        Call("iam", "attach_role_policy", {**at_role, "PolicyArn": MANAGED}),
        Call("iam", "detach_role_policy", {**at_role, "PolicyArn": MANAGED}),
        Call("ecr", "set_repository_policy", {**at_repository, "policyText": ANY_POLICY}),
        Call("ecr", "delete_repository_policy", at_repository),
        Call("ecr", "update_image_storage_class", {**at_repository, **ARCHIVED}),
        Call("ecs", "update_service", {**at_service, "forceNewDeployment": True}),
        Call("secretsmanager", "create_secret", {"Name": f"{LOGINS}{service}", **VALUE}),
        *on_host(service),
        Call("secretsmanager", "restore_secret", {"SecretId": secret}),
        Call("secretsmanager", "delete_secret", {"SecretId": secret, "RecoveryWindowInDays": 7}),
        Call("logs", "create_log_group", {"logGroupName": group}),
        Call("logs", "delete_log_group", {"logGroupName": group}),
        Call("ecs", "deregister_task_definition", {"taskDefinition": f"{family}:1"}),
        Call(
            "ecs",
            "register_task_definition",
            {"family": family, "containerDefinitions": [CONTAINER], "executionRoleArn": stranger},
        ),
        *in_vpc(service),
    ]


def outside(step: Step, allowed: Mapping[str, Any]) -> Iterator[Call]:
    """Yield what a session that is *allowed* its plan's actions must be denied.

    All of it on another resource, and of its own resource all that is not planned. ECS knows
    some actions by no resource: with these nobody else's role can be passed at least.
    """
    names = {a for s in allowed["Statement"] for a in s["Action"]}
    own = step.resource.rpartition("/")[2]
    own_path = step.resource.partition("repository/")[2] or own
    stranger = f"arn:aws:iam::{step.account}:role/stranger-execution"
    others = ("stranger-execution", "stranger", "stranger", "stranger", stranger, "other", "/other")
    for call in changes(*others):
        passes = call.operation == "register_task_definition"
        if passes or not (action(call) in names and action(call) in UNSCOPED):
            yield call
    group = step.resource.partition(":log-group:")[2].removesuffix(":*") or f"/{own}"
    for call in changes(own, own_path, own, own, stranger, step.resource, group):
        if action(call) not in names:
            yield call
    yield Call("iam", "attach_role_policy", {"RoleName": own, "PolicyArn": ADMIN})
    yield Call("ecr", "delete_repository", {"repositoryName": own_path})
    forced = {"SecretId": step.resource, "ForceDeleteWithoutRecovery": True}
    yield Call("secretsmanager", "delete_secret", forced)
    yield Call("ecs", "delete_service", {"cluster": "main", "service": own, "force": True})
