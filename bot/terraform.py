"""The same change as Terraform, for teams that change their accounts only through code. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from bot.awscli import command
from bot.logins import by_hand
from bot.model import Plan, Step

JSON = Any


def snippet(plan: Plan) -> str:
    """Return resources that say what *plan* leaves behind; names are to be fitted to the team's own.

    A call that changes no setting (a new deployment) stands there as a comment.
    """
    return "\n\n".join(RESOURCES.get(s.kind, _comment)(s) for s in plan.steps)


def _comment(step: Step) -> str:
    return "\n".join(f"# {line}" for line in command(step.do, step.region).splitlines())


def _repository_policy(step: Step) -> str:
    name = step.resource.partition("repository/")[2]
    return _resource(
        "aws_ecr_repository_policy", name, {"repository": name, "policy": Raw(_encoded(step.after))}
    )


def _attachment(step: Step) -> str:
    role = _last(step.resource)
    return _resource(
        "aws_iam_role_policy_attachment",
        role,
        {"role": role, "policy_arn": step.after["policyArn"]},
    )


def _inline(step: Step) -> str:
    role, name = _last(step.resource), step.do.params["PolicyName"]
    return _resource(
        "aws_iam_role_policy",
        f"{role}_{name}",
        {"name": name, "role": role, "policy": Raw(_encoded(step.after))},
    )


def _trust(step: Step) -> str:
    role = _last(step.resource)
    return _resource(
        "aws_iam_role", role, {"name": role, "assume_role_policy": Raw(_encoded(step.after))}
    )


def _network(step: Step) -> str:
    awsvpc = step.after["awsvpcConfiguration"]
    block = {
        "subnets": awsvpc.get("subnets", []),
        "security_groups": awsvpc.get("securityGroups", []),
        "assign_public_ip": awsvpc.get("assignPublicIp") == "ENABLED",
    }
    return _resource(
        "aws_ecs_service", _last(step.resource), {"network_configuration": Block(block)}
    )


def _revision(step: Step) -> str:
    params = step.do.params
    fields: dict[str, JSON] = {
        "family": params["family"],
        "container_definitions": Raw(_encoded(params["containerDefinitions"])),
    }
    named = {"executionRoleArn": "execution_role_arn", "taskRoleArn": "task_role_arn", "cpu": "cpu",
             "memory": "memory", "networkMode": "network_mode",
             "requiresCompatibilities": "requires_compatibilities"}  # fmt: skip
    fields |= {ours: params[theirs] for theirs, ours in named.items() if params.get(theirs)}
    if runs_on := params.get("runtimePlatform"):
        ours = {
            "operatingSystemFamily": "operating_system_family",
            "cpuArchitecture": "cpu_architecture",
        }
        fields["runtime_platform"] = Block({ours[k]: v for k, v in runs_on.items()})
    if storage := params.get("ephemeralStorage"):
        fields["ephemeral_storage"] = Block({"size_in_gib": storage["sizeInGiB"]})
    return _resource("aws_ecs_task_definition", params["family"], fields)


def _service_revision(step: Step) -> str:
    family = step.before["taskDefinition"].rpartition("/")[2].partition(":")[0]
    reference = Raw(f"aws_ecs_task_definition.{_label(family)}.arn")
    return _resource("aws_ecs_service", _last(step.resource), {"task_definition": reference})


def _log_group(step: Step) -> str:
    name = step.after["logGroupName"]
    return _resource("aws_cloudwatch_log_group", name.strip("/"), {"name": name})


def _login(step: Step) -> str:
    """Return the secret without a version: a value would stand in Terraform's state."""
    name = step.do.params["Name"]
    value = command(by_hand(step), step.region)
    return _resource("aws_secretsmanager_secret", name, {"name": name}) + f"\n# {value}"


def _rule(step: Step) -> str:
    ((way, rule),) = step.after.items()
    group = step.do.params["GroupId"]
    peers = {"UserIdGroupPairs": ("referenced_security_group_id", "GroupId"),
             "PrefixListIds": ("prefix_list_id", "PrefixListId"),
             "IpRanges": ("cidr_ipv4", "CidrIp")}  # fmt: skip
    (peer,) = (k for k in peers if k in rule)
    ours, theirs = peers[peer]
    fields = {
        "security_group_id": group, "ip_protocol": rule["IpProtocol"],
        "from_port": rule["FromPort"], "to_port": rule["ToPort"], ours: rule[peer][0][theirs],
    }  # fmt: skip
    return _resource(f"aws_vpc_security_group_{way}_rule", group, fields)


def _vpc(step: Step) -> str:
    ((name, value),) = step.after.items()
    ours = {"enableDnsSupport": "enable_dns_support", "enableDnsHostnames": "enable_dns_hostnames"}
    return _resource("aws_vpc", _last(step.resource), {ours[name]: value})


def _private_dns(step: Step) -> str:
    return _resource("aws_vpc_endpoint", _last(step.resource), {"private_dns_enabled": True})


def _routes(step: Step) -> str:
    tables = {"route_table_ids": step.after["RouteTableIds"]}
    return _resource("aws_vpc_endpoint", _last(step.resource), tables)


def _new_endpoint(step: Step) -> str:
    params = step.do.params
    named = {"VpcId": "vpc_id", "ServiceName": "service_name", "VpcEndpointType": "vpc_endpoint_type",
             "SubnetIds": "subnet_ids", "SecurityGroupIds": "security_group_ids",
             "PrivateDnsEnabled": "private_dns_enabled",
             "RouteTableIds": "route_table_ids"}  # fmt: skip
    fields = {ours: params[theirs] for theirs, ours in named.items() if theirs in params}
    return _resource("aws_vpc_endpoint", params["ServiceName"].split(".", 3)[-1], fields)


def _endpoint_policy(step: Step) -> str:
    which = _last(step.resource)
    fields = {"vpc_endpoint_id": which, "policy": Raw(_encoded(step.after))}
    return _resource("aws_vpc_endpoint_policy", which, fields)


RESOURCES: Mapping[str, Callable[[Step], str]] = {
    "repository-policy": _repository_policy,
    "role-policy-attachment": _attachment,
    "role-inline-policy": _inline,
    "role-trust-policy": _trust,
    "service-network": _network,
    "task-definition-revision": _revision,
    "service-task-definition": _service_revision,
    "log-group": _log_group,
    "registry-login": _login,
    "security-group-rule": _rule,
    "vpc-attribute": _vpc,
    "vpc-endpoint-private-dns": _private_dns,
    "vpc-endpoint-routes": _routes,
    "vpc-endpoint-policy": _endpoint_policy,
    "vpc-endpoint": _new_endpoint,
}


ESCAPES = {"b": "\\u0008", "f": "\\u000c", "/": "/"}  # JSON has them, HCL does not


class Raw(str):
    """An HCL expression, written as it is."""

    __slots__ = ()


class Block(dict[str, JSON]):
    """A nested block, as against an argument."""


def _resource(kind: str, name: str, fields: Mapping[str, JSON]) -> str:
    return f'resource "{kind}" "{_label(name)}" {{\n{_body(fields, 1)}\n}}'


def _body(fields: Mapping[str, JSON], depth: int) -> str:
    pad = "  " * depth
    lines = []
    for name, value in fields.items():
        if isinstance(value, Block):
            lines.append(f"{pad}{name} {{\n{_body(value, depth + 1)}\n{pad}}}")
        else:
            lines.append(f"{pad}{name} = {_value(value)}")
    return "\n".join(lines)


def _value(value: JSON) -> str:
    if isinstance(value, Raw):
        return str(value).replace("\n", "\n  ")
    return _escaped(json.dumps(value, ensure_ascii=False))


def _encoded(value: JSON) -> str:
    return f"jsonencode({_escaped(json.dumps(value, indent=2, ensure_ascii=False))})"


def _escaped(text: str) -> str:
    """Return JSON *text* as HCL: nothing is interpolated, and only HCL's escapes are used."""
    text = re.sub(r"\\(.)", lambda m: ESCAPES.get(m[1], m[0]), text)
    return text.replace("${", "$${").replace("%{", "%%{")


def _label(name: str) -> str:
    label = re.sub(r"[^A-Za-z0-9_-]", "_", name)
    return label if re.match(r"[A-Za-z_]", label) else f"_{label}"


def _last(arn: str) -> str:
    return arn.rpartition("/")[2]
