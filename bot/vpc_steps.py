"""The steps that change a VPC: a rule of a group, DNS, and what an endpoint serves. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.facts import Document, Subject, VpcEndpoint
from bot.model import Call, Step, answer
from bot.permissions import partition
from bot.vpc_permissions import TAG

JSON = Any
HTTPS = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
MADE = "VpcEndpoint.VpcEndpointId"  # where the answer names what was made
# How each attribute is asked for, and what EC2 calls it when it is set.
ATTRIBUTES = {"enableDnsSupport": "EnableDnsSupport", "enableDnsHostnames": "EnableDnsHostnames"}


def from_group(group: str) -> dict[str, JSON]:
    """Return HTTPS with every interface in *group*, as a permission."""
    return {**HTTPS, "UserIdGroupPairs": [{"GroupId": group}]}


def to_list(prefix_list: str) -> dict[str, JSON]:
    """Return HTTPS with the addresses of *prefix_list*, as a permission."""
    return {**HTTPS, "PrefixListIds": [{"PrefixListId": prefix_list}]}


def to_anywhere() -> dict[str, JSON]:
    """Return HTTPS with every IPv4 address, as a permission."""
    return {**HTTPS, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}


def ingress(subject: Subject, group: str, permission: dict[str, JSON]) -> Step:
    """Return the step that lets *permission* into *group*."""
    return _rule(subject, group, permission, "ingress")


def egress(subject: Subject, group: str, permission: dict[str, JSON]) -> Step:
    """Return the step that lets *permission* out of *group*."""
    return _rule(subject, group, permission, "egress")


def _rule(subject: Subject, group: str, permission: dict[str, JSON], way: str) -> Step:
    params = {"GroupId": group, "IpPermissions": [permission]}
    return Step(
        kind="security-group-rule",
        account=subject.account,
        region=subject.region,
        resource=_arn(subject, f"security-group/{group}"),
        before=None,
        after={way: permission},
        do=Call("ec2", f"authorize_security_group_{way}", params),
        undo=Call("ec2", f"revoke_security_group_{way}", params),
    )


def switched_on(subject: Subject, vpc: str, attribute: str) -> Step:
    """Return the step that turns *attribute* (as in :data:`ATTRIBUTES`) of *vpc* on."""
    on, off = (
        Call("ec2", "modify_vpc_attribute", {"VpcId": vpc, ATTRIBUTES[attribute]: {"Value": value}})
        for value in (True, False)
    )
    return Step(
        kind="vpc-attribute",
        account=subject.account,
        region=subject.region,
        resource=_arn(subject, f"vpc/{vpc}"),
        before={attribute: False},
        after={attribute: True},
        do=on,
        undo=off,
    )


def private_dns(subject: Subject, endpoint: str) -> Step:
    """Return the step that makes the service's own name lead to *endpoint*, in all of its VPC."""
    return _modified(
        subject, "vpc-endpoint-private-dns", endpoint,
        ({"PrivateDnsEnabled": False}, {"PrivateDnsEnabled": True}),
        ({"PrivateDnsEnabled": True}, {"PrivateDnsEnabled": False}),
    )  # fmt: skip


def routed(subject: Subject, gateway: str, tables: Sequence[str]) -> Step:
    """Return the step that puts *gateway*, an endpoint, on route *tables* that lack it."""
    named = sorted(tables)
    return _modified(
        subject, "vpc-endpoint-routes", gateway,
        ({"RouteTableIds": []}, {"RouteTableIds": named}),
        ({"AddRouteTableIds": named}, {"RemoveRouteTableIds": named}),
    )  # fmt: skip


def endpoint_policy(subject: Subject, endpoint: VpcEndpoint, document: Document) -> Step:
    """Return the step that makes *document* the policy of *endpoint*."""
    return _modified(
        subject, "vpc-endpoint-policy", endpoint.id,
        (endpoint.policy, document),
        ({"PolicyDocument": json.dumps(document)}, {"PolicyDocument": json.dumps(endpoint.policy)}),
    )  # fmt: skip


def new_endpoint(
    subject: Subject, number: int, vpc: str, params: Mapping[str, JSON], token: str
) -> Step:
    """Return step *number* of a plan (from 0): it makes an endpoint, known by *token*, of *vpc*.

    The token makes sure that it is made once, and is its tag: nothing else is ever deleted.
    """
    tags = [{"Key": TAG, "Value": token}]
    tagged = {"ResourceType": "vpc-endpoint", "Tags": tags}
    known = {"VpcId": vpc, **params, "ClientToken": token, "TagSpecifications": [tagged]}
    told = ("ServiceName", "SubnetIds", "SecurityGroupIds", "PrivateDnsEnabled", "RouteTableIds")
    return Step(
        kind="vpc-endpoint",
        account=subject.account,
        region=subject.region,
        resource=_arn(subject, f"vpc/{vpc}"),
        before=None,
        after={k: params[k] for k in told if k in params},
        do=Call("ec2", "create_vpc_endpoint", known),
        undo=Call("ec2", "delete_vpc_endpoints", {"VpcEndpointIds": [answer(number, MADE)]}),
    )


def _modified(
    subject: Subject, kind: str, endpoint: str, values: tuple[JSON, JSON], calls: tuple[JSON, JSON]
) -> Step:
    """Return a step on *endpoint*: its value before and after, and what sets and takes it back."""
    named = {"VpcEndpointId": endpoint}
    return Step(
        kind=kind,
        account=subject.account,
        region=subject.region,
        resource=_arn(subject, f"vpc-endpoint/{endpoint}"),
        before=values[0],
        after=values[1],
        do=Call("ec2", "modify_vpc_endpoint", {**named, **calls[0]}),
        undo=Call("ec2", "modify_vpc_endpoint", {**named, **calls[1]}),
    )


def _arn(subject: Subject, resource: str) -> str:
    return f"arn:{partition(subject.region)}:ec2:{subject.region}:{subject.account}:{resource}"
