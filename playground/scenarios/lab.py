"""The bench on which scenarios are built: roles, networks, repositories and services by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from moto.ecs.models import ecs_backends

from playground.estate.server import Estate
from playground.estate.world import WORLD
from playground.scenarios.documents import IMPORT_ACTIONS, allow, document
from playground.scenarios.places import CLUSTER, WORKLOAD, Network
from playground.scenarios.repositories import Registries
from playground.scenarios.vpcs import Kind, Vpc

PULL_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
BREAKER = {"enable": True, "rollback": True}


class Lab(Registries):
    """Builds things as the administrator of each account."""

    def __init__(self, estate: Estate) -> None:
        super().__init__(estate)
        self.networks: dict[tuple[str, Kind], Network] = {}

    # --- roles

    def role(
        self,
        name: str,
        *,
        account: str = WORKLOAD,
        trusts: str = "ecs-tasks.amazonaws.com",
        under: Mapping[str, Any] | None = None,
        managed: Sequence[str] = (),
        inline: Mapping[str, Any] | None = None,
        boundary: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> str:
        """Make a role for ECS, trusted *under* conditions, and return its ARN."""
        iam = self.aws("iam", account, "us-east-1")
        conditions = {"Condition": under} if under else {}
        trust = document(allow("sts:AssumeRole", principal={"Service": trusts}, **conditions))
        more: dict[str, Any] = {"PermissionsBoundary": boundary} if boundary else {}
        more |= {"Tags": [{"Key": k, "Value": v} for k, v in tags.items()]} if tags else {}
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, **more)
        arn = str(made["Role"]["Arn"])
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

    def importing_role(self, name: str, region: str, prefix: str) -> str:
        """Make an execution role that may pull, and import under *prefix*."""
        every = f"arn:aws:ecr:{region}:{WORKLOAD}:repository/{prefix}/*"
        inline = allow(IMPORT_ACTIONS, every)
        return self.role(f"{name}-execution", managed=[PULL_POLICY], inline=inline)

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
        breaker: bool = False,
    ) -> None:
        """Register a task definition and let a service of one task run it.

        *breaker*: a circuit breaker ends deployments that fail.
        """
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
            **({"deploymentConfiguration": {"deploymentCircuitBreaker": BREAKER}} if breaker else {}),
        )  # fmt: skip

    def retry(self, name: str, region: str, times: int) -> None:
        """Let ECS try the service again."""
        ecs = ecs_backends[WORKLOAD][region]
        for _ in range(times):
            with WORLD.lock:
                ecs.reconcile(ecs.services[f"{CLUSTER}:{name}"])

    # --- networks

    def network(self, region: str, kind: Kind = "public") -> Network:
        """Return the VPC of this kind in *region*, built once."""
        if (region, kind) not in self.networks:
            ec2 = self.aws("ec2", WORKLOAD, region)
            self.networks[region, kind] = Vpc(ec2, region, len(self.networks)).build(kind)
        return self.networks[region, kind]
