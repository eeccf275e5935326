"""The networks of the playground: one VPC for each way a task may or may not get out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["public", "isolated", "nat", "endpoints", "no-api-endpoint", "no-s3-route"]


@dataclass(frozen=True, slots=True)
class Network:
    """Where tasks of a service run."""

    subnet: str
    group: str
    public_ip: bool

    @property
    def configuration(self) -> dict[str, Any]:
        return {
            "awsvpcConfiguration": {
                "subnets": [self.subnet],
                "securityGroups": [self.group],
                "assignPublicIp": "ENABLED" if self.public_ip else "DISABLED",
            }
        }


class Vpc:
    """One VPC with a subnet for tasks."""

    def __init__(self, ec2: Any, region: str, number: int) -> None:
        self.ec2, self.region, self.net = ec2, region, f"10.{20 + number}"
        self.id = self.ec2.create_vpc(CidrBlock=f"{self.net}.0.0/16")["Vpc"]["VpcId"]
        self.zone = f"{region}a"

    def build(self, kind: Kind) -> Network:
        self.ec2.create_tags(Resources=[self.id], Tags=[{"Key": "Name", "Value": f"shop-{kind}"}])
        subnet, table = self.subnet(0, f"{kind}-tasks")
        group = self.group(f"{kind}-tasks", "Tasks of the shop")
        if kind == "public":
            self.default_route(table, GatewayId=self.internet_gateway())
        elif kind == "nat":
            self.default_route(table, NatGatewayId=self.nat_gateway())
        elif kind != "isolated":
            self.endpoints(kind, subnet, table)
        return Network(subnet, group, public_ip=kind == "public")

    def subnet(self, number: int, name: str) -> tuple[str, str]:
        """Return a new subnet and its own route table."""
        block = f"{self.net}.{number}.0/24"
        subnet = self.ec2.create_subnet(VpcId=self.id, CidrBlock=block, AvailabilityZone=self.zone)[
            "Subnet"
        ]["SubnetId"]
        table = self.ec2.create_route_table(VpcId=self.id)["RouteTable"]["RouteTableId"]
        self.ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        self.ec2.create_tags(Resources=[subnet, table], Tags=[{"Key": "Name", "Value": name}])
        return subnet, table

    def group(self, name: str, about: str) -> str:
        made = self.ec2.create_security_group(GroupName=name, Description=about, VpcId=self.id)
        return str(made["GroupId"])

    def internet_gateway(self) -> str:
        gateway = self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        self.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.id)
        return str(gateway)

    def nat_gateway(self) -> str:
        subnet, table = self.subnet(1, "nat")
        self.default_route(table, GatewayId=self.internet_gateway())
        address = self.ec2.allocate_address(Domain="vpc")["AllocationId"]
        made = self.ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)
        return str(made["NatGateway"]["NatGatewayId"])

    def default_route(self, table: str, **target: str) -> None:
        self.ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **target)

    def endpoints(self, kind: Kind, subnet: str, table: str) -> None:
        """Interface endpoints for the registry and the logs, a gateway endpoint for the layers."""
        for flag in ("EnableDnsSupport", "EnableDnsHostnames"):
            self.ec2.modify_vpc_attribute(VpcId=self.id, **{flag: {"Value": True}})
        group = self.group("endpoints", "Endpoints of the shop")
        self.ec2.authorize_security_group_ingress(
            GroupId=group, IpProtocol="tcp", FromPort=443, ToPort=443, CidrIp=f"{self.net}.0.0/16"
        )
        for service in ("ecr.api", "ecr.dkr", "logs"):
            if not (kind == "no-api-endpoint" and service == "ecr.api"):
                self.ec2.create_vpc_endpoint(
                    VpcId=self.id, VpcEndpointType="Interface", SubnetIds=[subnet],
                    ServiceName=f"com.amazonaws.{self.region}.{service}",
                    SecurityGroupIds=[group], PrivateDnsEnabled=True,
                )  # fmt: skip
        served = self.subnet(2, "reports")[1] if kind == "no-s3-route" else table
        self.ec2.create_vpc_endpoint(
            VpcId=self.id, VpcEndpointType="Gateway", RouteTableIds=[served],
            ServiceName=f"com.amazonaws.{self.region}.s3",
        )  # fmt: skip
