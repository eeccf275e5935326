"""The bench on which scenarios are built: roles, networks, repositories and services by name."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.ecs.models import ecs_backends

from playground.estate import lifecycle
from playground.estate.server import Estate
from playground.estate.world import WORLD
from playground.scenarios.documents import IMPORT_ACTIONS, PULL_ACTIONS, allow, document, manifest
from playground.scenarios.places import CLUSTER, WORKLOAD
from playground.scenarios.vpcs import Kind, Network, Vpc

PULL_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
RELEASES = ("v0.9.7", "v0.9.8", "v0.9.9", "v1.0.0", "v1.0.1")
BREAKER = {"enable": True, "rollback": True}
FIRST_RELEASE = datetime(2026, 1, 9, 10, 30, tzinfo=UTC)


class Lab:
    """Builds things as the administrator of each account."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.networks: dict[tuple[str, Kind], Network] = {}
        self.caches: set[tuple[str, str]] = set()

    def aws(self, service: str, account: str, region: str) -> Any:
        return self.estate.client(service, account, region)

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

    # --- registries

    def repository(
        self,
        name: str,
        *,
        account: str = WORKLOAD,
        region: str,
        tags: Sequence[str] = RELEASES,
        shared: bool = False,
        key: str | None = None,
    ) -> str:
        """Make a repository with one image per tag, pushed nine days apart; return its URI."""
        ecr = self.aws("ecr", account, region)
        kept = {"encryptionConfiguration": {"encryptionType": "KMS", "kmsKey": key}} if key else {}
        made = ecr.create_repository(repositoryName=name, **kept)
        uri = made["repository"]["repositoryUri"]
        for number, tag in enumerate(tags):
            self.push(name, tag, account=account, region=region, number=number)
        if shared:
            text = document(allow(PULL_ACTIONS, principal={"AWS": f"arn:aws:iam::{WORKLOAD}:root"}))
            ecr.set_repository_policy(repositoryName=name, policyText=text)
        return str(uri)

    def push(
        self,
        name: str,
        tag: str,
        *,
        account: str,
        region: str,
        number: int,
        build: str = "",
        content: str = "",
    ) -> str:
        """Push an image, *number* times nine days after the first release; return its digest.

        *content* is another manifest than that of an image for one platform.
        """
        from moto.ecr.models import ecr_backends

        ecr = self.aws("ecr", account, region)
        digest = ecr.put_image(
            repositoryName=name,
            imageTag=tag,
            imageManifest=content or manifest(f"{name}:{tag}{build}"),
        )["image"]["imageId"]["imageDigest"]
        images = ecr_backends[account][region].repositories[name].images
        image = next(i for i in images if i.image_digest == digest)
        pushed = FIRST_RELEASE + timedelta(days=9 * number)
        image.image_pushed_at = int(pushed.timestamp())
        return str(digest)

    def key(self, region: str) -> str:
        """Make a KMS key and return its ARN."""
        return str(self.aws("kms", WORKLOAD, region).create_key()["KeyMetadata"]["Arn"])

    def expire(self, name: str, *, region: str, kept: int) -> None:
        """Give a repository a rule that keeps this many images, and let it run once."""
        rule = {
            "rulePriority": 1, "description": f"keep {kept} releases",
            "selection": {"tagStatus": "any", "countType": lifecycle.COUNT, "countNumber": kept},
            "action": {"type": "expire"},
        }  # fmt: skip
        text = json.dumps({"rules": [rule]})
        self.aws("ecr", WORKLOAD, region).put_lifecycle_policy(
            repositoryName=name, lifecyclePolicyText=text
        )
        lifecycle.run(WORKLOAD, region, name)

    def replicate(self, prefix: str, *, source: str, region: str) -> None:
        """Let the registry of *source* replicate to ours, which does not allow it."""
        rule = {
            "destinations": [{"region": region, "registryId": WORKLOAD}],
            "repositoryFilters": [{"filter": prefix, "filterType": "PREFIX_MATCH"}],
        }
        self.aws("ecr", source, region).put_replication_configuration(
            replicationConfiguration={"rules": [rule]}
        )

    def archive(self, name: str, tag: str, *, region: str) -> None:
        """Move the image under *tag* to ECR's archive."""
        self.aws("ecr", WORKLOAD, region).update_image_storage_class(
            repositoryName=name, imageId={"imageTag": tag}, targetStorageClass="ARCHIVE"
        )

    def cache(self, region: str, prefix: str, host: str, secret: str | None = None) -> None:
        """Let the registry of the services pull through from *host* under *prefix*, set up once.

        *secret* is the value of the secret with which it logs in there.
        """
        if (region, prefix) in self.caches:
            return
        self.caches.add((region, prefix))
        named = {}
        if secret:
            kept = self.aws("secretsmanager", WORKLOAD, region).create_secret(
                Name=f"ecr-pullthroughcache/{prefix}", SecretString=secret
            )
            named = {"credentialArn": kept["ARN"]}
        self.aws("ecr", WORKLOAD, region).create_pull_through_cache_rule(
            ecrRepositoryPrefix=prefix, upstreamRegistryUrl=host, **named
        )

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
