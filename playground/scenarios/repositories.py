"""The registries of the scenarios: repositories, images with their dates, rules and caches."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from playground.estate import lifecycle
from playground.estate.server import Estate
from playground.scenarios.documents import PULL_ACTIONS, allow, document, manifest
from playground.scenarios.places import WORKLOAD

RELEASES = ("v0.9.7", "v0.9.8", "v0.9.9", "v1.0.0", "v1.0.1")
FIRST_RELEASE = datetime(2026, 1, 9, 10, 30, tzinfo=UTC)


class Registries:
    """What the administrators of the registries do."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.caches: set[tuple[str, str]] = set()

    def aws(self, service: str, account: str, region: str) -> Any:
        return self.estate.client(service, account, region)

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
