"""What steps that change a VPC need: the actions, and the resources that each of them touches. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bot.model import Step

_EC2 = "arn:{partition}:ec2:*:{account}:"
GROUP, ENDPOINT, VPC = f"{_EC2}security-group/*", f"{_EC2}vpc-endpoint/*", f"{_EC2}vpc/*"
TABLE = f"{_EC2}route-table/*"

# kind of step -> the reads that tell the live value of its resource
OBSERVES: Mapping[str, tuple[str, ...]] = {
    "security-group-rule": ("ec2:DescribeSecurityGroups",),
    "vpc-attribute": ("ec2:DescribeVpcAttribute",),
    "vpc-endpoint-private-dns": ("ec2:DescribeVpcEndpoints",),
    "vpc-endpoint-policy": ("ec2:DescribeVpcEndpoints",),
    "vpc-endpoint-routes": ("ec2:DescribeVpcEndpoints",),
}

# Naming an endpoint in the VPC's private DNS takes this as well, on a zone that AWS owns.
ZONE = "route53:AssociateVPCWithHostedZone"

# action of a fix -> the resources that it may touch; EC2 tells what it describes by no resource
CHANGES: Mapping[str, tuple[str, ...]] = {
    "ec2:AuthorizeSecurityGroupEgress": (GROUP,),
    "ec2:AuthorizeSecurityGroupIngress": (GROUP,),
    "ec2:RevokeSecurityGroupEgress": (GROUP,),
    "ec2:RevokeSecurityGroupIngress": (GROUP,),
    "ec2:ModifyVpcAttribute": (VPC,),
    "ec2:ModifyVpcEndpoint": (ENDPOINT, TABLE),
    "ec2:DescribeSecurityGroups": ("*",),
    "ec2:DescribeVpcAttribute": ("*",),
    "ec2:DescribeVpcEndpoints": ("*",),
    ZONE: ("*",),
}


def besides(step: Step) -> tuple[str, ...]:
    """Return the actions that *step* needs beyond its calls."""
    return (ZONE,) if step.kind == "vpc-endpoint-private-dns" else ()


def touched(step: Step) -> tuple[str, ...]:
    """Return the resources that the calls of *step* touch: its own, and what they put on it."""
    tables = step.do.params.get("AddRouteTableIds", ())
    start = step.resource.partition(":vpc-endpoint/")[0]
    return (step.resource, *(f"{start}:route-table/{t}" for t in tables))
