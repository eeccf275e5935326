"""The networks of the playground: one VPC for each way a task may or may not get out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Literal

from playground.scenarios.places import Network

Kind = Literal[
    "public", "isolated", "nat", "endpoints", "no-api-endpoint", "fips-endpoints", "no-s3-route",
    "shut-endpoints", "shut-tasks", "unnamed-endpoint", "no-host-names", "dead-nat", "no-gateway",
    "acl", "pending-endpoint", "narrow-endpoint", "guarded-layers",
    "own-dns", "appliance", "full", "unassociated",
]  # fmt: skip
BEHIND_NAT = ("nat", "dead-nat", "acl", "own-dns", "full")
DIRECT = ("public", "no-gateway")
SERVED = {
    "no-api-endpoint": ("ecr.dkr", "logs"),
    "fips-endpoints": ("ecr-fips.api", "ecr-fips.dkr", "logs"),
}
# These services have a second subnet, which works.
SPARED = ("isolated", "dead-nat", "no-gateway", "acl", "full", "unassociated")


class Vpc:
    """One VPC with a subnet for tasks."""

    def __init__(self, ec2: Any, region: str, number: int) -> None:
        self.ec2, self.region, self.net = ec2, region, f"10.{20 + number}"
        self.id = self.ec2.create_vpc(CidrBlock=f"{self.net}.0.0/16")["Vpc"]["VpcId"]
        self.gateway: str | None = None
        self.nat: str | None = None

    def build(self, kind: Kind) -> Network:
        self.ec2.create_tags(Resources=[self.id], Tags=[{"Key": "Name", "Value": f"shop-{kind}"}])
        subnet, table = self.subnet(0, f"{kind}-tasks", bits=28 if kind == "full" else 24)
        group = self.group(f"{kind}-tasks", "Tasks of the shop")
        if kind in DIRECT:
            self.default_route(table, GatewayId=self.internet_gateway())
        elif kind in BEHIND_NAT:
            self.default_route(table, NatGatewayId=self.nat_gateway(1))
        elif kind not in ("isolated", "appliance", "unassociated"):
            self.endpoints(kind, subnet, table)
        if harm := HARM.get(kind):
            harm(self, subnet, group)
        spare = self.spare(kind) if kind in SPARED else None
        return Network(subnet, group, kind in DIRECT, spare)

    def spare(self, kind: Kind) -> str:
        """Return a subnet in another zone from which tasks get out."""
        subnet, table = self.subnet(4, f"{kind}-spare", zone="c")
        if kind in DIRECT:
            self.default_route(table, GatewayId=self.internet_gateway())
        else:
            self.default_route(table, NatGatewayId=self.nat or self.nat_gateway(5))
        return subnet

    def subnet(self, number: int, name: str, bits: int = 24, zone: str = "a") -> tuple[str, str]:
        """Return a new subnet and its own route table."""
        placed = {
            "CidrBlock": f"{self.net}.{number}.0/{bits}",
            "AvailabilityZone": self.region + zone,
        }
        subnet = self.ec2.create_subnet(VpcId=self.id, **placed)["Subnet"]["SubnetId"]
        table = self.ec2.create_route_table(VpcId=self.id)["RouteTable"]["RouteTableId"]
        self.ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        self.ec2.create_tags(Resources=[subnet, table], Tags=[{"Key": "Name", "Value": name}])
        return subnet, table

    def group(self, name: str, about: str) -> str:
        made = self.ec2.create_security_group(GroupName=name, Description=about, VpcId=self.id)
        return str(made["GroupId"])

    def internet_gateway(self) -> str:
        if self.gateway is None:
            made = self.ec2.create_internet_gateway()["InternetGateway"]
            self.gateway = str(made["InternetGatewayId"])
            self.ec2.attach_internet_gateway(InternetGatewayId=self.gateway, VpcId=self.id)
        return self.gateway

    def nat_gateway(self, number: int) -> str:
        subnet, table = self.subnet(number, "nat")
        self.default_route(table, GatewayId=self.internet_gateway())
        address = self.ec2.allocate_address(Domain="vpc")["AllocationId"]
        made = self.ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)
        self.nat = str(made["NatGateway"]["NatGatewayId"])
        return self.nat

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
        for service in SERVED.get(kind, ("ecr.api", "ecr.dkr", "logs")):
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

    # --- what goes wrong later

    def _listed(self, what: str, key: str) -> list[Any]:
        filters = "Filter" if what == "nat_gateways" else "Filters"
        of = {filters: [{"Name": "vpc-id", "Values": [self.id]}]}
        return list(getattr(self.ec2, f"describe_{what}")(**of)[key])

    def endpoint(self, service: str) -> str:
        found = self._listed("vpc_endpoints", "VpcEndpoints")
        return str(next(e["VpcEndpointId"] for e in found if e["ServiceName"].endswith(service)))

    def shut_endpoints(self, subnet: str, group: str) -> None:
        """Somebody tidied up the rules of the endpoints' group."""
        found = self._listed("security_groups", "SecurityGroups")
        theirs = next(g for g in found if g["GroupName"] == "endpoints")
        self.ec2.revoke_security_group_ingress(
            GroupId=theirs["GroupId"], IpPermissions=theirs["IpPermissions"]
        )

    def shut_tasks(self, subnet: str, group: str) -> None:
        """The tasks may reach the VPC, and nothing else: so not S3 behind its gateway."""
        everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        self.ec2.revoke_security_group_egress(GroupId=group, IpPermissions=everything)
        self.ec2.authorize_security_group_egress(
            GroupId=group, IpPermissions=[
                {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
                 "IpRanges": [{"CidrIp": f"{self.net}.0.0/16"}]}
            ],
        )  # fmt: skip

    def unname(self, subnet: str, group: str) -> None:
        self.ec2.modify_vpc_endpoint(
            VpcEndpointId=self.endpoint(".ecr.dkr"), PrivateDnsEnabled=False
        )

    def no_host_names(self, subnet: str, group: str) -> None:
        self.ec2.modify_vpc_attribute(VpcId=self.id, EnableDnsHostnames={"Value": False})

    def delete_nat(self, subnet: str, group: str) -> None:
        self.ec2.delete_nat_gateway(NatGatewayId=self.nat)
        self.nat = None

    def dissociate(self, subnet: str, group: str) -> None:
        """Nobody gave the subnet a route table: what it uses is the main one."""
        tables = self._listed("route_tables", "RouteTables")
        held = (a for t in tables for a in t["Associations"] if a.get("SubnetId") == subnet)
        self.ec2.disassociate_route_table(AssociationId=next(held)["RouteTableAssociationId"])

    def unroute(self, subnet: str, group: str) -> None:
        """Somebody removed the default route of the tasks' subnet."""
        everywhere = {"DestinationCidrBlock": "0.0.0.0/0"}
        self.ec2.delete_route(RouteTableId=self._table_of(subnet), **everywhere)

    def deny_answers(self, subnet: str, group: str) -> None:
        """An ACL of the tasks' subnet alone lets 443 out, and only 443 in."""
        acl = self.ec2.create_network_acl(VpcId=self.id)["NetworkAcl"]["NetworkAclId"]
        for egress in (True, False):
            self.ec2.create_network_acl_entry(
                NetworkAclId=acl, RuleNumber=100, Protocol="6", RuleAction="allow", Egress=egress,
                CidrBlock="0.0.0.0/0", PortRange={"From": 443, "To": 443},
            )  # fmt: skip
        held = (a for n in self._listed("network_acls", "NetworkAcls") for a in n["Associations"])
        old = next(a["NetworkAclAssociationId"] for a in held if a["SubnetId"] == subnet)
        self.ec2.replace_network_acl_association(AssociationId=old, NetworkAclId=acl)

    def keep_pending(self, subnet: str, group: str) -> None:
        """AWS never finished making the endpoint; no call of ours brings that about."""
        from moto.ec2.models import ec2_backends

        account = self.ec2.describe_vpcs(VpcIds=[self.id])["Vpcs"][0]["OwnerId"]
        points = ec2_backends[account][self.region].vpc_end_points
        points[self.endpoint(".ecr.api")].state = "pending"

    def narrow(self, subnet: str, group: str) -> None:
        """The endpoint of the registry serves the repositories of one team."""
        theirs = f"arn:aws:ecr:{self.region}:*:repository/platform/*"
        self._police(".ecr.dkr", {**ANYBODY, "Action": "ecr:*", "Resource": theirs})

    def guard(self, subnet: str, group: str) -> None:
        """S3 serves the organization alone, which ECR's own account is not of."""
        own = {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorg"}}
        self._police(".s3", {**ANYBODY, "Action": "s3:*", "Resource": "*", "Condition": own})

    def _police(self, service: str, statement: dict[str, Any]) -> None:
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.ec2.modify_vpc_endpoint(VpcEndpointId=self.endpoint(service), PolicyDocument=document)

    def ask_elsewhere(self, subnet: str, group: str) -> None:
        """A DNS server of the company's own, which forwards nothing."""
        servers = [{"Key": "domain-name-servers", "Values": [f"{self.net}.0.53"]}]
        made = self.ec2.create_dhcp_options(DhcpConfigurations=servers)["DhcpOptions"]
        self.ec2.associate_dhcp_options(DhcpOptionsId=made["DhcpOptionsId"], VpcId=self.id)

    def through_appliance(self, subnet: str, group: str) -> None:
        """The default route leads to a firewall whose interface EC2 still checks."""
        beyond, _ = self.subnet(3, "firewall")
        wall = self.ec2.create_network_interface(SubnetId=beyond)["NetworkInterface"]
        self.default_route(self._table_of(subnet), NetworkInterfaceId=wall["NetworkInterfaceId"])

    def _table_of(self, subnet: str) -> str:
        tables = self._listed("route_tables", "RouteTables")
        own = next(t for t in tables for a in t["Associations"] if a.get("SubnetId") == subnet)
        return str(own["RouteTableId"])

    def fill(self, subnet: str, group: str) -> None:
        """Interfaces that nobody uses any more hold every address of the subnet."""
        found = self.ec2.describe_subnets(SubnetIds=[subnet])["Subnets"][0]
        for _ in range(found["AvailableIpAddressCount"]):
            self.ec2.create_network_interface(SubnetId=subnet)


ANYBODY = {"Effect": "Allow", "Principal": "*"}
HARM: dict[str, Callable[[Vpc, str, str], None]] = {
    "shut-endpoints": Vpc.shut_endpoints,
    "shut-tasks": Vpc.shut_tasks,
    "unnamed-endpoint": Vpc.unname,
    "no-host-names": Vpc.no_host_names,
    "dead-nat": Vpc.delete_nat,
    "no-gateway": Vpc.unroute,
    "acl": Vpc.deny_answers,
    "pending-endpoint": Vpc.keep_pending,
    "narrow-endpoint": Vpc.narrow,
    "guarded-layers": Vpc.guard,
    "own-dns": Vpc.ask_elsewhere,
    "appliance": Vpc.through_appliance,
    "full": Vpc.fill,
    "unassociated": Vpc.dissociate,
}
