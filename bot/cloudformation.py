"""The same change as CloudFormation, for teams that change their accounts only through code. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from bot.awscli import command
from bot.logins import by_hand
from bot.model import Plan, Step, plain

JSON = Any
Resource = tuple[str, dict[str, JSON]]  # the type, and the properties that the plan changes

HEADER = """\
# What the fix leaves behind. Bring these properties into the templates that own the resources;
# as a stack of its own it would make resources that exist already.
"""
# Maps whose keys are the team's own words, not names of properties.
FREE = {"dockerLabels", "options", "driverOpts", "labels"}
# Where CloudFormation spells a property otherwise than the API with a capital letter.
NAMES = {
    "efsVolumeConfiguration": "EFSVolumeConfiguration",
    "fsxWindowsFileServerVolumeConfiguration": "FSxWindowsFileServerVolumeConfiguration",
    "iam": "IAM",
}
INSIDE = {
    ("efsVolumeConfiguration", "fileSystemId"): "FilesystemId",
    ("proxyConfiguration", "properties"): "ProxyConfigurationProperties",
}


def template(plan: Plan) -> str:
    """Return *plan* as a template in YAML; what it cannot say stands there as a comment.

    That is a call which changes no setting, and a value that CloudFormation would not take
    as it is written: it has no way to escape a dynamic reference.
    """
    parts = [HEADER + 'AWSTemplateFormatVersion: "2010-09-09"\nResources:']
    taken: set[str] = set()
    for step in plan.steps:
        parts.append(_comment(f"account {step.account}, {step.region}"))
        found = RESOURCES[step.kind](step) if step.kind in RESOURCES else None
        if found is None or _acted_upon(found[1]) or not _refers_to(found[1]) <= taken:
            parts.append(_comment(command(step.do, step.region)))
            continue
        kind, properties = found
        name = _free(_logical(kind, step.resource), taken)
        written = {name: {"Type": kind, "Properties": properties}}
        parts.append(_indented(_dumped(written)))
        if step.asks:  # a value would stand in the template
            parts.append(_comment(command(by_hand(step), step.region)))
    if not taken:
        parts[0] += " {}"
    return "\n".join(parts) + "\n"


def _repository_policy(step: Step) -> Resource:
    name = step.resource.partition("repository/")[2]
    return "AWS::ECR::Repository", {
        "RepositoryName": name, "RepositoryPolicyText": plain(step.after),
    }  # fmt: skip


def _attachment(step: Step) -> Resource:
    return "AWS::IAM::Role", {
        "RoleName": _last(step.resource), "ManagedPolicyArns": [step.after["policyArn"]],
    }  # fmt: skip


def _inline(step: Step) -> Resource:
    return "AWS::IAM::RolePolicy", {
        "RoleName": _last(step.resource), "PolicyName": step.do.params["PolicyName"],
        "PolicyDocument": plain(step.after),
    }  # fmt: skip


def _trust(step: Step) -> Resource:
    return "AWS::IAM::Role", {
        "RoleName": _last(step.resource), "AssumeRolePolicyDocument": plain(step.after),
    }  # fmt: skip


def _network(step: Step) -> Resource:
    return "AWS::ECS::Service", {
        "ServiceName": _last(step.resource), "NetworkConfiguration": _properties(step.after),
    }  # fmt: skip


def _revision(step: Step) -> Resource:
    return "AWS::ECS::TaskDefinition", _properties(step.do.params)


def _service_revision(step: Step) -> Resource:
    family = step.before["taskDefinition"].rpartition("/")[2].partition(":")[0]
    return "AWS::ECS::Service", {
        "ServiceName": _last(step.resource),
        "TaskDefinition": _Ref(_logical("AWS::ECS::TaskDefinition", family)),
    }  # fmt: skip


def _log_group(step: Step) -> Resource:
    return "AWS::Logs::LogGroup", {"LogGroupName": step.after["logGroupName"]}


def _login(step: Step) -> Resource:
    return "AWS::SecretsManager::Secret", {"Name": step.do.params["Name"]}


def _rule(step: Step) -> Resource:
    ((way, rule),) = step.after.items()
    side = "Source" if way == "ingress" else "Destination"
    peers = {"UserIdGroupPairs": (f"{side}SecurityGroupId", "GroupId"),
             "PrefixListIds": (f"{side}PrefixListId", "PrefixListId"),
             "IpRanges": ("CidrIp", "CidrIp")}  # fmt: skip
    (peer,) = (k for k in peers if k in rule)
    ours, theirs = peers[peer]
    ports = {k: rule[k] for k in ("IpProtocol", "FromPort", "ToPort")}
    return f"AWS::EC2::SecurityGroup{way.capitalize()}", {
        "GroupId": step.do.params["GroupId"], **ports, ours: rule[peer][0][theirs],
    }  # fmt: skip


def _new_endpoint(step: Step) -> Resource:
    told = ("VpcId", "ServiceName", "VpcEndpointType", "SubnetIds", "SecurityGroupIds",
            "PrivateDnsEnabled", "RouteTableIds")  # fmt: skip
    params = step.do.params
    return "AWS::EC2::VPCEndpoint", {k: plain(params[k]) for k in told if k in params}


RESOURCES: Mapping[str, Callable[[Step], Resource]] = {
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
    "vpc-endpoint": _new_endpoint,
}


class _Ref(str):
    """The logical name of another resource."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Writes no anchors, because CloudFormation reads none."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - asked for every value
        return True


def _text(dumper: _Dumper, value: str) -> yaml.Node:
    """Return *value* as YAML; what a line does not show is written as an escape."""
    style = None if value.isprintable() else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(_Ref, lambda d, ref: d.represent_dict({"Ref": str(ref)}))


def _properties(value: JSON, inside: str = "") -> JSON:
    """Return parameters of the ECS API under the names that CloudFormation gives them."""
    if isinstance(value, Mapping):
        if inside in FREE:
            return plain(value)
        return {_name(k, inside): _properties(v, k) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_properties(v, inside) for v in value]
    return value


def _name(name: str, inside: str) -> str:
    return INSIDE.get((inside, name)) or NAMES.get(name) or name[:1].upper() + name[1:]


def _acted_upon(value: JSON) -> bool:
    """Tell whether CloudFormation would act upon a value instead of taking it as it is."""
    if isinstance(value, _Ref):
        return False
    if isinstance(value, str):
        return "{{resolve:" in value
    if isinstance(value, Mapping):
        acts = any(k in ("Ref", "Condition") or k.startswith("Fn::") for k in value)
        return (acts and len(value) == 1) or any(map(_acted_upon, (*value, *value.values())))
    return isinstance(value, (list, tuple)) and any(map(_acted_upon, value))


def _refers_to(properties: Mapping[str, JSON]) -> set[str]:
    return {str(v) for v in properties.values() if isinstance(v, _Ref)}


def _dumped(value: JSON) -> str:
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" if line else line for line in text.rstrip("\n").split("\n"))


def _comment(text: str) -> str:
    """Return *text* as comment lines; what YAML does not print is escaped."""
    shown = "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)
    return "\n".join(f"  # {line}" for line in shown.split("\n"))


def _logical(kind: str, resource: str) -> str:
    """Return a logical name: letters and digits alone."""
    words = re.findall(r"[A-Za-z0-9]+", _last(resource.partition("repository/")[2] or resource))
    return kind.rpartition("::")[2] + "".join(w[:1].upper() + w[1:] for w in words)[:200]


def _free(name: str, taken: set[str]) -> str:
    count = 1
    while (found := name if count == 1 else f"{name}{count}") in taken:
        count += 1
    taken.add(found)
    return found


def _last(arn: str) -> str:
    return arn.rpartition("/")[2]
