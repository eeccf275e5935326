"""The bench on which scenarios are built: roles, networks, repositories and services by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from playground.estate.server import Estate
from playground.scenarios.documents import PULL_ACTIONS, allow, document, manifest
from playground.scenarios.places import CLUSTER, WORKLOAD
from playground.scenarios.vpcs import Kind, Network, Vpc

PULL_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
RELEASES = ("v0.9.7", "v0.9.8", "v0.9.9", "v1.0.0", "v1.0.1")
FIRST_RELEASE = datetime(2026, 1, 9, 10, 30, tzinfo=UTC)


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
        secrets: Mapping[str, str] | None = None,
        log_group: str | None = None,
    ) -> None:
        """Register a task definition and let a service of one task run it."""
        container: dict[str, Any] = {"name": "app", "image": image, "essential": True}
        if secrets:
            container["secrets"] = [{"name": n, "valueFrom": v} for n, v in secrets.items()]
        if log_group:
            options = {"awslogs-group": log_group, "awslogs-region": region}
            options["awslogs-stream-prefix"] = "ecs"
            container["logConfiguration"] = {"logDriver": "awslogs", "options": options}
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
            ec2 = self.aws("ec2", WORKLOAD, region)
            self.networks[region, kind] = Vpc(ec2, region, len(self.networks)).build(kind)
        return self.networks[region, kind]
