"""Pull-through caches of the estate: which rule, may the role import, does the upstream let ECR in.

The cache keeps nothing: what a task got through it has to come anew, so that an undo shows.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/error-pullthroughcache.html
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from playground.estate import authority, network, policy, words
from playground.estate.authority import Attached, Principal
from playground.estate.images import Image
from playground.estate.secrets import find_secret, value_of
from playground.estate.ways import Blocked, Place, Site
from playground.estate.world import WORLD

UPSTREAMS = {
    "public.ecr.aws": "ecr-public", "quay.io": "quay", "registry.k8s.io": "k8s",
    "registry-1.docker.io": "docker-hub", "ghcr.io": "github-container-registry",
}  # fmt: skip
HUB = "registry-1.docker.io"
LAYERS = {
    HUB: "production.cloudflare.docker.com",
    "public.ecr.aws": "d2glxqk2uabbnd.cloudfront.net",
}
Rule = Mapping[str, str]


class NotBrought(Exception):  # noqa: N818 - an outcome, not an error of ours
    """The cache does not have the image and does not get it; *stage* is where the pull ends."""

    def __init__(self, reason: str, stage: str = "S4") -> None:
        super().__init__(reason)
        self.reason, self.stage = reason, stage


def rule_for(account: str, region: str, repository: str) -> Rule | None:
    """Return the rule whose prefix *repository* has, the longest one."""
    rules = WORLD.pull_through_rules.get((account, region), [])
    fitting = [r for r in rules if repository.startswith(f"{r['ecrRepositoryPrefix']}/")]
    return max(fitting, key=lambda r: len(r["ecrRepositoryPrefix"]), default=None)


def registry_policy(account: str, region: str) -> policy.Document | None:
    """Return the policy of a registry."""
    from moto.ecr.models import ecr_backends

    text = ecr_backends[account][region].registry_policy
    return policy.parse(text) if text else None


def scope(account: str, region: str) -> str:
    """Return what the policy of a registry governs; new registries have V2."""
    settings = WORLD.account_settings.get((account, region), {})
    return settings.get("REGISTRY_POLICY_SCOPE", "V2")


def joined(*documents: policy.Document | None) -> policy.Document | None:
    """Return what several policies say together."""
    found = [s for d in documents if d for s in policy.statements(d)]
    return {"Statement": found} if any(documents) else None


def bring(who: Principal, image: Image, where: tuple[str, str], rule: Rule, repository: Any) -> str:
    """Return the digest of what the upstream has; raises NotBrought."""
    account, region = where
    actions = ["ecr:BatchImportUpstreamImage"]
    actions += [] if repository else ["ecr:CreateRepository"]
    arn = f"arn:aws:ecr:{region}:{account}:repository/{image.repository}"
    own = policy.parse(repository.policy) if repository and repository.policy else None
    attached = Attached(account, joined(own, registry_policy(account, region)))
    if image.tag is None or any(
        authority.refusal(who, action, arn, None, attached) for action in actions
    ):
        raise NotBrought(words.NOT_FOUND.format(ref=image.ref))
    name = image.repository.removeprefix(f"{rule['ecrRepositoryPrefix']}/")
    short = rule["upstreamRegistryUrl"] == HUB and "/" not in name
    if short or login_failure(rule, where):
        raise NotBrought(words.status(image, "403 Forbidden"))
    return "sha256:" + hashlib.sha256(image.ref.encode()).hexdigest()


def layers(place: Place | Site | None, rule: Rule) -> None:
    """Fetch the layers from where the upstream keeps them; raises NotBrought."""
    host = LAYERS.get(rule["upstreamRegistryUrl"], f"cdn.{rule['upstreamRegistryUrl']}")
    path = network.internet(place, host) if place else None
    if isinstance(path, Blocked):
        raise NotBrought(words.far_layer(host, path.address), "S5")


def login_failure(rule: Rule, where: tuple[str, str]) -> str:
    """Return why ECR cannot log in upstream, empty where it can."""
    arn = rule.get("credentialArn")
    if arn is None:
        return ""
    account, region = where
    secret = find_secret(arn, account, region)
    if secret is None or secret.deleted_date is not None:
        return "The secret was not found or is scheduled for deletion."
    if not str(secret.name).startswith("ecr-pullthroughcache/") or _own_key(secret.kms_key_id):
        return "The secret cannot be accessed by Amazon ECR."
    try:
        value = json.loads(value_of(secret))
        token = value["accessToken"]
    except (ValueError, KeyError, TypeError):
        return "The secret does not have the keys username and accessToken."
    accepted = WORLD.upstream_tokens.get(rule["upstreamRegistryUrl"], token)
    return "" if accepted == token else "The upstream registry rejected the credentials."


def _own_key(key: str | None) -> bool:
    return bool(key) and not str(key).endswith("alias/aws/secretsmanager")
