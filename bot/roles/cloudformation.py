"""The roles as a CloudFormation template, as good for a stack as for a StackSet. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from bot.roles import (
    ALONE,
    BOTH,
    EXTERNAL,
    GENERATED,
    NAME,
    NAMES,
    PRINCIPAL,
    PURPOSE,
    SAYS,
    SESSION,
    Role,
    Words,
    deployed,
)

JSON = Any
WORDS = Words(
    "${AWS::AccountId}", "${AWS::Partition}", "${BotPrincipalArn}", "${ExternalId}", "${RoleName}"
)
WHERE = "Deploy it in one Region of each account, because roles are global."


def template(kinds: Sequence[str] = BOTH) -> str:
    """Return a template of the roles of *kinds*."""
    roles = deployed(kinds, WORDS)
    says = " ".join(f"The {k} role of ecs-pull. {PURPOSE[k]}" for k in kinds)
    found: dict[str, JSON] = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"{says} {WHERE}",
        "Parameters": _parameters(kinds),
    }
    if any(r.optional for r in roles):
        asked = {"Type": "String", "Description": SAYS["fix"], "Default": "true"}
        found["Parameters"]["WithFixRole"] = {**asked, "AllowedValues": ["true", "false"]}
        found["Conditions"] = {"HasFixRole": {"Fn::Equals": [{"Ref": "WithFixRole"}, "true"]}}
    found["Resources"] = {_logical(r): _resource(r) for r in roles}
    found["Outputs"] = {f"{_logical(r)}Arn": _output(r) for r in roles}
    return f"{GENERATED}\n{yaml.safe_dump(_filled(found), sort_keys=False, width=100)}"


def _parameters(kinds: Sequence[str]) -> dict[str, JSON]:
    both = len(kinds) > 1
    name, default = ("stem", "ecs-pull") if both else ("name", NAMES[kinds[0]])
    rows = {
        "BotPrincipalArn": (SAYS["principal"], PRINCIPAL, {}),
        "ExternalId": (SAYS["external"], EXTERNAL, {}),
        "RoleName": (SAYS[name], NAME, {"Default": default}),
    }
    return {
        key: {"Type": "String", "Description": says, **more, "AllowedPattern": pattern}
        for key, (says, pattern, more) in rows.items()
    }


def _logical(role: Role) -> str:
    return f"{role.kind.capitalize()}Role"


def _resource(role: Role) -> dict[str, JSON]:
    return {
        "Type": "AWS::IAM::Role",
        **_condition(role),
        "Properties": {
            "RoleName": role.name,
            "Description": PURPOSE[role.kind],
            "MaxSessionDuration": SESSION,
            "AssumeRolePolicyDocument": role.trust,
            "Policies": [{"PolicyName": NAMES[role.kind], "PolicyDocument": role.policy}],
        },
    }


def _output(role: Role) -> dict[str, JSON]:
    return {
        **_condition(role),
        "Description": f"{role.kind}_role of this account in accounts.yaml",
        "Value": {"Fn::GetAtt": [_logical(role), "Arn"]},
    }


def _condition(role: Role) -> dict[str, str]:
    return {"Condition": "HasFixRole"} if role.optional else {}


def _filled(value: JSON) -> JSON:
    """Return *value* with every name in its texts to be filled in when it is deployed."""
    if isinstance(value, Mapping):
        return {k: _filled(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(v) for v in value]
    if isinstance(value, str) and (alone := ALONE.fullmatch(value)):
        return {"Ref": alone[1]}
    return {"Fn::Sub": value} if isinstance(value, str) and "${" in value else value
