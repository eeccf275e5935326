"""Pull-through caches, the registry's own policy, and what else matters only where they do."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from bot.aws.accounts import RegistryAccount, WorkloadAccount
from bot.aws.client import Door, NotFound
from bot.aws.ecr import NAME, real
from bot.caching import HUB, rule_of
from bot.facts import (
    CacheCredential,
    CacheRule,
    CacheRules,
    CacheValidation,
    ExecutionRole,
    GrantedBefore,
    HubCaches,
    ImageReference,
    KeptSecrets,
    KnownRegistries,
    Recorded,
    RegistryPolicy,
    Repository,
)
from bot.model import Call, Unknown
from bot.policy_steps import INLINE_NAME
from bot.pulling import LOGIN
from bot.symptom import Symptom

# Where the address tells what ECR's older answers do not name.
HOSTS = {
    "public.ecr.aws": "ecr-public", "quay.io": "quay", "registry.k8s.io": "k8s",
    "registry-1.docker.io": HUB, "ghcr.io": "github-container-registry",
    "registry.gitlab.com": "gitlab-container-registry", "cgr.dev": "chainguard",
}  # fmt: skip
REFUSED = {"ecr-auth-permission", "repository-policy-denied"}
ABSENT = {"image-or-tag-not-found", "repository-not-found"}
FAILED = "pull-through-cache-failure"
LIMITED = {"dockerhub-rate-limit", "registry-rate-limit"}
# Policies that a sentence of IAM may blame, of which the registry's is none.
OTHERS = {"identity", "boundary", "scp", "rcp", "session", "vpc-endpoint"}


def cache_rules(
    there: RegistryAccount,
    image: ImageReference,
    found: Repository,
    known: KnownRegistries,
    said: Recorded | Unknown,
    asked: Symptom,
) -> CacheRules:
    """The rules, where the repository is missing, or a cache's image failed as one may."""
    if image.registry != "ecr" or not NAME.fullmatch(image.repository):
        return CacheRules()
    if not (_may_miss(image, said, asked) if found.exists else real(there.region, known)):
        return CacheRules()
    return CacheRules(_rules(there))


def hub_caches(
    here: WorkloadAccount, image: ImageReference, said: Recorded | Unknown, asked: Symptom
) -> HubCaches:
    if image.registry != "docker-hub" or not LIMITED & _families(said, asked):
        return HubCaches()
    prefixes = [r.prefix.rstrip("/") for r in _rules(here) if r.upstream == HUB]
    return HubCaches(tuple(sorted(prefixes, key=lambda p: (len(p), p))))


def cache_credential(
    there: RegistryAccount, image: ImageReference, rules: CacheRules
) -> CacheCredential:
    """The secret of the image's rule; in another account or Region it is of no use to ECR."""
    rule = rule_of(rules, image.repository)
    if rule is None or rule.credential is None:
        return CacheCredential()
    if rule.credential.split(":")[3:5] != [there.region, there.account]:
        return CacheCredential(rule.credential)
    asked = Call("secretsmanager", "describe_secret", {"SecretId": rule.credential})
    try:
        found = there.call(asked)
    except NotFound:
        return CacheCredential(rule.credential)
    gone: datetime | None = found.get("DeletedDate")
    return CacheCredential(
        rule.credential, exists=True, deleted_at=gone, kms_key=found.get("KmsKeyId")
    )


def cache_validation(
    there: RegistryAccount,
    image: ImageReference,
    rules: CacheRules,
    said: Recorded | Unknown,
    asked: Symptom,
) -> CacheValidation:
    """Let ECR try the login upstream, but only where the failure looks like one of it."""
    rule = rule_of(rules, image.repository)
    if rule is None or rule.credential is None:
        return CacheValidation()
    if not ({FAILED} | REFUSED) & _families(said, asked):
        return CacheValidation()
    params = {"registryId": there.account, "ecrRepositoryPrefix": rule.prefix}
    try:
        answer = there.call(Call("ecr", "validate_pull_through_cache_rule", params))
    except NotFound:
        return CacheValidation()
    return CacheValidation(bool(answer.get("isValid")), str(answer.get("failure") or ""))


def registry_policy(
    there: RegistryAccount,
    here: WorkloadAccount,
    image: ImageReference,
    rules: CacheRules | Unknown,
    said: Recorded | Unknown,
    asked: Symptom,
) -> RegistryPolicy:
    """The registry's policy, where it may refuse this pull, share it, or let an import in."""
    if image.registry != "ecr":
        return RegistryPolicy()
    caches = isinstance(rules, CacheRules) and rule_of(rules, image.repository) is not None
    foreign = image.account != here.account
    if not (caches or foreign or _may_be_refused(said, asked)):
        return RegistryPolicy()
    try:
        text = there.call(Call("ecr", "get_registry_policy", {}))["policyText"]
    except NotFound:
        return RegistryPolicy()
    name = {"name": "REGISTRY_POLICY_SCOPE"}
    scope = there.call(Call("ecr", "get_account_setting", name)).get("value")
    return RegistryPolicy(json.loads(text), scope)


def granted_before(
    here: WorkloadAccount,
    role: ExecutionRole,
    image: ImageReference,
    rules: CacheRules | Unknown,
    secrets: KeptSecrets | Unknown,
) -> GrantedBefore:
    """What a fix adds to, where it would grant an import or a secret."""
    caches = isinstance(rules, CacheRules) and rule_of(rules, image.repository) is not None
    kept = isinstance(secrets, KeptSecrets) and bool(secrets.items or secrets.free)
    if not role.exists or role.name is None or not (kept or (image.registry == "ecr" and caches)):
        return GrantedBefore()
    named = {"RoleName": role.name, "PolicyName": INLINE_NAME}
    try:
        return GrantedBefore(here.call(Call("iam", "get_role_policy", named))["PolicyDocument"])
    except NotFound:
        return GrantedBefore()


def _rules(door: Door) -> tuple[CacheRule, ...]:
    """Return all rules: to ask for one prefix is an error where there is none."""
    params = {"registryId": door.account}
    asked = Call("ecr", "describe_pull_through_cache_rules", params)
    return tuple(map(_rule, door.pages(asked, "pullThroughCacheRules")))


def _rule(said: dict[str, Any]) -> CacheRule:
    host = str(said.get("upstreamRegistryUrl", "")).removeprefix("https://").rstrip("/")
    return CacheRule(
        prefix=said["ecrRepositoryPrefix"],
        upstream=said.get("upstreamRegistry") or HOSTS.get(host, "other"),
        host=host,
        credential=said.get("credentialArn"),
        custom_role=said.get("customRoleArn"),
        upstream_prefix=said.get("upstreamRepositoryPrefix"),
    )


def _families(said: Recorded | Unknown, asked: Symptom) -> set[str]:
    symptoms = [asked, *([] if isinstance(said, Unknown) else [said.symptom])]
    return {f for s in symptoms for f in (s.family, *s.alternatives) if f}


def _may_miss(image: ImageReference, said: Recorded | Unknown, asked: Symptom) -> bool:
    """Tell whether the failure is one of a cache; a layer that does not come may be upstream's."""
    if "/" not in image.repository:
        return False
    symptoms = [asked, *([] if isinstance(said, Unknown) else [said.symptom])]
    layers = any(s.family == "network-unreachable" and s.stage == "S5" for s in symptoms)
    return layers or bool((ABSENT | REFUSED | {FAILED}) & _families(said, asked))


def _may_be_refused(said: Recorded | Unknown, asked: Symptom) -> bool:
    """Tell whether ECR refused the image itself, and no text blames another policy."""
    symptoms = [asked, *([] if isinstance(said, Unknown) else [said.symptom])]
    denials = [s.denial for s in symptoms if s.denial]
    blamed = any(d.policy in OTHERS or d.action == LOGIN for d in denials)
    return not blamed and bool(REFUSED & _families(said, asked))


COLLECTORS = (
    cache_rules,
    hub_caches,
    cache_credential,
    cache_validation,
    registry_policy,
    granted_before,
)
