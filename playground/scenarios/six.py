"""A VPC whose tasks have IPv6 addresses alone."""

from __future__ import annotations

import ipaddress
from typing import Any

from playground.scenarios.places import Network


def ipv6_only(ec2: Any, region: str, name: str) -> Network:
    """Make a VPC called *name* with one subnet without IPv4, and the way out for it."""
    made = ec2.create_vpc(CidrBlock="10.19.0.0/16", AmazonProvidedIpv6CidrBlock=True)["Vpc"]
    vpc = made["VpcId"]
    subnet = ec2.create_subnet(
        VpcId=vpc, Ipv6Native=True, Ipv6CidrBlock=_first(ec2, vpc), AvailabilityZone=f"{region}a"
    )["Subnet"]["SubnetId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    gateway = ec2.create_egress_only_internet_gateway(VpcId=vpc)["EgressOnlyInternetGateway"]
    ec2.create_route(
        RouteTableId=table, DestinationIpv6CidrBlock="::/0",
        EgressOnlyInternetGatewayId=gateway["EgressOnlyInternetGatewayId"],
    )  # fmt: skip
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    ec2.create_tags(Resources=[vpc, subnet, table], Tags=[{"Key": "Name", "Value": name}])
    _let_pass(ec2, vpc)
    group = ec2.create_security_group(GroupName=name, Description="Tasks of the shop", VpcId=vpc)
    return Network(subnet, str(group["GroupId"]), public_ip=False)


def _first(ec2: Any, vpc: str) -> str:
    """Return the first block of a subnet in the addresses that Amazon gave to *vpc*."""
    (given,) = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["Ipv6CidrBlockAssociationSet"]
    return str(next(ipaddress.ip_network(given["Ipv6CidrBlock"]).subnets(new_prefix=64)))


def _let_pass(ec2: Any, vpc: str) -> None:
    """Complete the default network ACL, which in AWS has a rule for IPv6 in such a VPC."""
    mine = [{"Name": "vpc-id", "Values": [vpc]}]
    (acl,) = ec2.describe_network_acls(Filters=mine)["NetworkAcls"]
    for egress in (True, False):
        ec2.create_network_acl_entry(
            NetworkAclId=acl["NetworkAclId"], RuleNumber=101, Protocol="-1", RuleAction="allow",
            Egress=egress, Ipv6CidrBlock="::/0",
        )  # fmt: skip
