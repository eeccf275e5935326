"""What steps that change a VPC need: the actions, and the resources that each of them touches. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bot.model import Step

_EC2 = "arn:{partition}:ec2:*:{account}:"
GROUP, ENDPOINT, VPC = f"{_EC2}security-group/*", f"{_EC2}vpc-endpoint/*", f"{_EC2}vpc/*"
TABLE, SUBNET = f"{_EC2}route-table/*", f"{_EC2}subnet/*"

# kind of step -> the reads that tell the live value of its resource
OBSERVES: Mapping[str, tuple[str, ...]] = {
    "security-group-rule": ("ec2:DescribeSecurityGroups",),
    "vpc-attribute": ("ec2:DescribeVpcAttribute",),
    "vpc-endpoint-private-dns": ("ec2:DescribeVpcEndpoints",),
    "vpc-endpoint-policy": ("ec2:DescribeVpcEndpoints",),
    "vpc-endpoint-routes": ("ec2:DescribeVpcEndpoints",),
    "vpc-endpoint": ("ec2:DescribeVpcEndpoints",),
}

# Naming an endpoint in the VPC's private DNS takes this as well, on a zone that AWS owns.
ZONE = "route53:AssociateVPCWithHostedZone"

# action of a fix -> the resources that it may touch; EC2 tells what it describes by no resource
CHANGES: Mapping[str, tuple[str, ...]] = {
    "ec2:AuthorizeSecurityGroupEgress": (GROUP,),
    "ec2:AuthorizeSecurityGroupIngress": (GROUP,),
    "ec2:RevokeSecurityGroupEgress": (GROUP,),
    "ec2:RevokeSecurityGroupIngress": (GROUP,),
    "ec2:CreateVpcEndpoint": (VPC, ENDPOINT, TABLE, GROUP, SUBNET),
    "ec2:ModifyVpcAttribute": (VPC,),
    "ec2:ModifyVpcEndpoint": (ENDPOINT, TABLE),
    "ec2:DescribeSecurityGroups": ("*",),
    "ec2:DescribeVpcAttribute": ("*",),
    "ec2:DescribeVpcEndpoints": ("*",),
    ZONE: ("*",),
}

# Only what a fix made has its tag, which is set as it is made; and only that is deleted again.
TAG = "ecs-pull"
MADE: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "ec2:CreateTags": {"StringEquals": {"ec2:CreateAction": "CreateVpcEndpoint"}},
    "ec2:DeleteVpcEndpoints": {"StringLike": {f"aws:ResourceTag/{TAG}": "*"}},
}


def conditions(step: Step) -> dict[str, Mapping[str, Mapping[str, str]]]:
    """Return the actions that *step* may do to what it makes alone, each with its condition."""
    if step.kind != "vpc-endpoint":
        return {}
    own = {"StringEquals": {f"aws:ResourceTag/{TAG}": str(step.do.params["ClientToken"])}}
    return {**MADE, "ec2:DeleteVpcEndpoints": own}


def besides(step: Step) -> tuple[str, ...]:
    """Return the actions that *step* needs beyond its calls."""
    named = step.kind == "vpc-endpoint-private-dns" or step.do.params.get("PrivateDnsEnabled")
    return (ZONE,) if named else ()


def touched(step: Step) -> tuple[str, ...]:
    """Return the resources that the calls of *step* touch: its own, and what they put together."""
    params, start = step.do.params, ":".join(step.resource.split(":")[:5])
    used = {
        "route-table": (*params.get("AddRouteTableIds", ()), *params.get("RouteTableIds", ())),
        "subnet": params.get("SubnetIds", ()),
        "security-group": params.get("SecurityGroupIds", ()),
        "vpc-endpoint": ("*",) if step.kind == "vpc-endpoint" else (),
    }
    named = (f"{start}:{kind}/{which}" for kind, ids in used.items() for which in ids)
    return (step.resource, *named)


def made(step: Step) -> str:
    """Return the ARN of whatever *step* makes in its account and Region."""
    return ":".join(step.resource.split(":")[:5]) + ":vpc-endpoint/*"
