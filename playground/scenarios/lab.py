"""The bench on which scenarios are built: roles, networks, repositories and services by name."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from playground.estate.server import Estate
from playground.scenarios.places import CLUSTER, REGISTRY, WORKLOAD

PULL_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
RELEASES = ("v0.9.7", "v0.9.8", "v0.9.9", "v1.0.0", "v1.0.1")
FIRST_RELEASE = datetime(2026, 1, 9, 10, 30, tzinfo=UTC)
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


class Lab:
    """Builds things as the administrator of each account."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.networks: dict[tuple[str, Kind], Network] = {}

    def aws(self, service: str, account: str, region: str) -> Any:
        return self.estate.client(service, account, region)

    # --- roles

    def role(
        self,
        name: str,
        *,
        account: str = WORKLOAD,
        trusts: str = "ecs-tasks.amazonaws.com",
        managed: Sequence[str] = (),
        inline: Mapping[str, Any] | None = None,
    ) -> str:
        """Make a role for ECS and return its ARN."""
        iam = self.aws("iam", account, "us-east-1")
        trust = document(allow("sts:AssumeRole", principal={"Service": trusts}))
        arn = str(iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"])
        for policy in managed:
            iam.attach_role_policy(RoleName=name, PolicyArn=policy)
        if inline:
            iam.put_role_policy(
                RoleName=name, PolicyName=f"{name}-policy", PolicyDocument=document(inline)
            )
        return arn

    def pulling_role(self, name: str) -> str:
        """Make an execution role that may pull."""
        return self.role(f"{name}-execution", managed=[PULL_POLICY])

    # --- registries

    def repository(
        self,
        name: str,
        *,
        account: str = WORKLOAD,
        region: str,
        tags: Sequence[str] = RELEASES,
        shared: bool = False,
    ) -> str:
        """Make a repository with one image per tag, pushed nine days apart; return its URI."""
        ecr = self.aws("ecr", account, region)
        uri = ecr.create_repository(repositoryName=name)["repository"]["repositoryUri"]
        for number, tag in enumerate(tags):
            self.push(name, tag, account=account, region=region, number=number)
        if shared:
            text = document(allow(PULL_ACTIONS, principal={"AWS": f"arn:aws:iam::{WORKLOAD}:root"}))
            ecr.set_repository_policy(repositoryName=name, policyText=text)
        return str(uri)

    def push(
        self, name: str, tag: str, *, account: str, region: str, number: int, build: str = ""
    ) -> str:
        """Push an image, *number* times nine days after the first release; return its digest."""
        from moto.ecr.models import ecr_backends

        ecr = self.aws("ecr", account, region)
        digest = ecr.put_image(
            repositoryName=name, imageTag=tag, imageManifest=manifest(f"{name}:{tag}{build}")
        )["image"]["imageId"]["imageDigest"]
        images = ecr_backends[account][region].repositories[name].images
        image = next(i for i in images if i.image_digest == digest)
        pushed = FIRST_RELEASE + timedelta(days=9 * number)
        image.image_pushed_at = int(pushed.timestamp())
        return str(digest)

    # --- services

    def service(
        self,
        name: str,
        image: str,
        network: Network,
        *,
        region: str,
        role: str | None,
        task_role: str | None = None,
        credentials: str | None = None,
    ) -> None:
        """Register a task definition and let a service of one task run it."""
        container: dict[str, Any] = {"name": "app", "image": image, "essential": True}
        if credentials:
            container["repositoryCredentials"] = {"credentialsParameter": credentials}
        roles = {"executionRoleArn": role, "taskRoleArn": task_role}
        ecs = self.aws("ecs", WORKLOAD, region)
        arn = ecs.register_task_definition(
            family=name, requiresCompatibilities=["FARGATE"], networkMode="awsvpc",
            cpu="256", memory="512", containerDefinitions=[container],
            tags=[{"key": "team", "value": "shop"}],
            **{k: v for k, v in roles.items() if v},
        )["taskDefinition"]["taskDefinitionArn"]  # fmt: skip
        ecs.create_service(
            cluster=CLUSTER, serviceName=name, taskDefinition=arn, desiredCount=1,
            launchType="FARGATE", networkConfiguration=network.configuration,
        )  # fmt: skip

    # --- networks

    def network(self, region: str, kind: Kind = "public") -> Network:
        """Return the VPC of this kind in *region*, built once."""
        if (region, kind) not in self.networks:
            self.networks[region, kind] = _Vpc(self, region, len(self.networks)).build(kind)
        return self.networks[region, kind]


class _Vpc:
    """One VPC with a subnet for tasks."""

    def __init__(self, lab: Lab, region: str, number: int) -> None:
        self.ec2, self.region, self.net = (
            lab.aws("ec2", WORKLOAD, region),
            region,
            f"10.{20 + number}",
        )
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


PULL_ACTIONS = [
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
    "ecr:BatchCheckLayerAvailability",
]
LOG_ACTIONS = ["logs:CreateLogStream", "logs:PutLogEvents"]


def allow(
    actions: str | Sequence[str], resource: Any = None, principal: Any = None, **more: Any
) -> dict[str, Any]:
    """Return a statement that allows."""
    made: dict[str, Any] = {"Effect": "Allow", "Action": actions, **more}
    if principal is not None:
        made["Principal"] = principal
    if resource is not None or principal is None:
        made["Resource"] = resource or "*"
    return made


def document(*statements: Mapping[str, Any]) -> str:
    """Return a policy document as text."""
    found = [s for one in statements for s in one.get("Statement", [one])]
    return json.dumps({"Version": "2012-10-17", "Statement": found})


@functools.cache
def manifest(content: str) -> str:
    """Return an image manifest whose digests depend on *content* alone."""

    def digest(part: str) -> str:
        return "sha256:" + hashlib.sha256(f"{content}/{part}".encode()).hexdigest()

    kind = "application/vnd.docker"
    return json.dumps({
        "schemaVersion": 2,
        "mediaType": f"{kind}.distribution.manifest.v2+json",
        "config": {"mediaType": f"{kind}.container.image.v1+json", "size": 7023,
                   "digest": digest("config")},
        "layers": [{"mediaType": f"{kind}.image.rootfs.diff.tar.gzip", "size": 31_357_624,
                    "digest": digest("layer")}],
    })  # fmt: skip


__all__ = ["LOG_ACTIONS", "PULL_ACTIONS", "PULL_POLICY", "REGISTRY", "Lab", "allow", "document"]
