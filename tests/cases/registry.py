"""Recorded services that are broken by the registry."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bot.facts import (
    AskedImage,
    CacheCredential,
    CacheRules,
    CacheValidation,
    HubCachePermissions,
    HubCaches,
    KeptSecret,
    KeptSecretPermissions,
    KeptSecrets,
    Permission,
    RegistryPolicy,
    RegistrySecret,
    Repository,
    RepositoryPolicy,
)
from tests.cases.building import (
    BARE_429,
    CACHE_SECRET,
    FAR_LAYER,
    LOGIN_THROTTLED,
    MALFORMED,
    NO_ACCESS,
    NOT_FOUND,
    PRIVATE,
    RATE,
    REDIS,
    SECRET,
    THROTTLED,
    WRONG_LOGIN,
    Facts,
    cached,
    case,
    endpoints,
    image,
    outside,
)
from tests.cases.healthy import ACCOUNT, ARN, HOST, NAME, OLD, REGION, REGISTRY, ROLE

WHEN = datetime(2026, 1, 2, tzinfo=UTC)
PTC = ("ecr:CreateRepository", "ecr:BatchImportUpstreamImage")
EXAMPLE = "registry.example.com/shop:1"
FOREIGN = image(f"{REGISTRY}.dkr.ecr.{REGION}.amazonaws.com/{NAME}:v1.0.0") | {
    Repository: Repository(NAME, ARN.replace(ACCOUNT, REGISTRY), exists=True)
}
HUB_ARN = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/docker-hub/library/redis"
FORBIDDEN = (
    f"CannotPullContainerError: failed to resolve ref {HOST}/{NAME}:v1.0.0: pulling from host "
    f"{HOST} failed with status code [manifests v1.0.0]: 403 Forbidden"
)


def policy(effect: str, *actions: str, resource: str = ARN, who: str = ROLE) -> dict[str, object]:
    """A policy of one statement."""
    statement = {
        "Sid": "registry", "Effect": effect, "Principal": {"AWS": who}, "Action": list(actions),
        "Resource": resource,
    }  # fmt: skip
    return {"Version": "2012-10-17", "Statement": [statement]}


def credential(**changes: object) -> Facts:
    """The cache whose secret is not as it should be."""
    return {CacheCredential: replace(CacheCredential(CACHE_SECRET, exists=True), **changes)}


def named(secret: str) -> Facts:
    """The cache whose rule names *secret*."""
    (rule,) = cached("acme/shop")[CacheRules].items
    return {
        CacheRules: CacheRules((replace(rule, credential=secret),)),
        CacheCredential: CacheCredential(secret),
    }


def login(text: str, **changes: object) -> Facts:
    """The service whose private image has credentials."""
    secret = RegistrySecret(SECRET, SECRET, exists=True, changed_at=WHEN)
    return case(
        outside(EXAMPLE, credentials=SECRET),
        {RegistrySecret: replace(secret, **changes)},
        text=text,
    )


CASES: dict[str, Facts] = {
    "repository-policy-denies": case(FOREIGN),
    "repository-policy-denies/v1": case(
        FOREIGN,
        {RegistryPolicy: RegistryPolicy(policy("Allow", "ecr:*", resource="*"), "V1")},
    ),
    "registry-policy-denies": case(
        {RegistryPolicy: RegistryPolicy(policy("Deny", "ecr:*", who="*"), "V2")}, text=FORBIDDEN
    ),
    "registry-policy-denies/foreign": case(
        FOREIGN,
        {
            RepositoryPolicy: RepositoryPolicy(policy("Allow", "ecr:*", resource="*")),
            RegistryPolicy: RegistryPolicy(policy("Deny", "ecr:BatchGetImage", resource="*"), "V2"),
        },
    ),
    "docker-library-prefix-missing": case(cached("redis")),
    "docker-library-prefix-missing/unknown-image": case(cached("shop")),
    "pull-through-cache-denied": case(
        cached("acme/shop", *PTC), text=NOT_FOUND.format(f"{HOST}/docker-hub/acme/shop:v1.0.0")
    ),
    "pull-through-cache-denied/tag": case(cached("acme/shop", *PTC, there=True)),
    "pull-through-cache-denied/deny": case(
        cached("acme/shop"),
        {RegistryPolicy: RegistryPolicy(policy("Deny", PTC[1], resource="*", who="*"), "V1")},
    ),
    "pull-through-cache-credential-invalid": case(
        cached("acme/shop"),
        {CacheValidation: CacheValidation(valid=False, failure="AccessDenied: token expired")},
    ),
    "pull-through-cache-credential-invalid/missing": case(
        cached("acme/shop"), credential(exists=False)
    ),
    "pull-through-cache-credential-invalid/deleted": case(
        cached("acme/shop"), credential(deleted_at=WHEN)
    ),
    "pull-through-cache-credential-invalid/key": case(
        cached("acme/shop"), credential(kms_key=f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1")
    ),
    "pull-through-cache-credential-invalid/name": case(
        cached("acme/shop"), named(CACHE_SECRET.replace("ecr-pullthroughcache/", ""))
    ),
    "pull-through-cache-credential-invalid/elsewhere": case(
        cached("acme/shop"), named(CACHE_SECRET.replace(REGION, "us-east-1"))
    ),
    "pull-through-cache-needs-internet": case(
        cached("prometheus/node", upstream="quay"), endpoints("ecr.api", "ecr.dkr", "s3")
    ),
    "pull-through-cache-needs-internet/recorded": case(
        cached("acme/shop", there=True),
        {AskedImage: AskedImage(True, OLD, "ACTIVE")},
        endpoints("ecr.api", "ecr.dkr", "s3"),
        text=FAR_LAYER,
    ),
    "docker-hub-rate-limited": case(REDIS, text=RATE),
    "docker-hub-rate-limited/cache": case(
        REDIS,
        {
            HubCaches: HubCaches(("docker-hub",)),
            HubCachePermissions: HubCachePermissions(
                (
                    Permission("ecr:GetAuthorizationToken", "*", "allowed"),
                    Permission("ecr:BatchGetImage", HUB_ARN, "allowed"),
                )
            ),
        },
        text=RATE,
    ),
    "registry-abuse-limited": case(REDIS, text=BARE_429),
    "ecr-throttled": case(text=THROTTLED.format(host=HOST, name=NAME)),
    "ecr-throttled/login": case(text=LOGIN_THROTTLED),
    "ecr-throttled/public": case(
        outside("public.ecr.aws/nginx/nginx:v1.0.0"),
        text=THROTTLED.format(host="public.ecr.aws", name="nginx/nginx"),
    ),
    "registry-credentials-unset": case(outside(EXAMPLE), text=PRIVATE),
    "registry-credentials-unset/kept": case(
        outside(EXAMPLE),
        {
            KeptSecrets: KeptSecrets((KeptSecret(SECRET, "hub"),)),
            KeptSecretPermissions: KeptSecretPermissions(
                (Permission("secretsmanager:GetSecretValue", SECRET, "implicit-deny", "identity"),)
            ),
        },
        text=PRIVATE,
    ),
    "registry-credentials-unset/new": case(
        outside(EXAMPLE),
        {KeptSecrets: KeptSecrets((), "ecs-pull/registry.example.com/login")},
        text=PRIVATE,
    ),
    "registry-credentials-rejected": login(WRONG_LOGIN),
    "registry-credentials-rejected/forbidden": login(NO_ACCESS, rotates=True, changed_at=None),
    "registry-secret-malformed": login(
        MALFORMED.format("authorization data: unable to unmarshal secret value, invalid schema")
    ),
    "registry-secret-malformed/new": login(
        MALFORMED.format("authorization data: empty secrets value")
    )
    | {KeptSecrets: KeptSecrets((), "ecs-pull/registry.example.com/login")},
    "registry-secret-malformed/field": login(
        MALFORMED.format("password: AuthorizationData is malformed, empty field"), arn=CACHE_SECRET
    ),
    "registry-secret-unreadable": case(
        outside(EXAMPLE, credentials=SECRET),
        {RegistrySecret: RegistrySecret(SECRET, SECRET, exists=False)},
    ),
    "upstream-image-missing": case(REDIS, text=NOT_FOUND.format("docker.io/library/redis:7")),
    "upstream-image-missing/cache": case(
        cached("acme/shop"), text=NOT_FOUND.format(f"{HOST}/docker-hub/acme/shop:v1.0.0")
    ),
    "upstream-image-missing/cached-repository": case(
        cached("prometheus/node", upstream="quay", there=True),
        text=NOT_FOUND.format(f"{HOST}/quay/prometheus/node:v1.0.0"),
    ),
    "public-registry-unreachable": case(REDIS, endpoints("ecr.api", "ecr.dkr", "s3")),
    "public-registry-unreachable/ecr-public": case(
        outside("public.ecr.aws/nginx/nginx:1"), endpoints("ecr.api", "ecr.dkr", "s3", "logs")
    ),
}
