"""May a role pull? Each question that the causes have about a role, and what it comes down to."""

from __future__ import annotations

from bot.aws.accounts import WorkloadAccount
from bot.aws.simulating import Asked
from bot.aws.weighing import permissions
from bot.caching import CREATE, IMPORT, rule_of
from bot.facts import (
    CacheRules,
    ExecutionRole,
    ExecutionRolePermissions,
    HubCachePermissions,
    HubCaches,
    ImageReference,
    ImportPermissions,
    InstanceRole,
    InstanceRolePermissions,
    KeptSecretPermissions,
    KeptSecrets,
    PullingRole,
    RegistrySecret,
    Repository,
    TaskRole,
    TaskRolePermissions,
)
from bot.logins import asked_as
from bot.model import Unknown
from bot.permissions import partition

LOGIN = "ecr:GetAuthorizationToken"
PULL = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability")
READ_SECRET = "secretsmanager:GetSecretValue"  # noqa: S105 - the name of an action


def execution_role_permissions(
    here: WorkloadAccount,
    role: ExecutionRole,
    image: ImageReference,
    secret: RegistrySecret | Unknown,
) -> ExecutionRolePermissions:
    if not role.exists or role.arn is None:
        return ExecutionRolePermissions(())
    return ExecutionRolePermissions(*permissions(here, role.arn, _asked(image, secret)))


def task_role_permissions(
    here: WorkloadAccount,
    role: TaskRole,
    image: ImageReference,
    secret: RegistrySecret | Unknown,
) -> TaskRolePermissions:
    if not role.exists or role.arn is None:
        return TaskRolePermissions(())
    return TaskRolePermissions(*permissions(here, role.arn, _asked(image, secret))[:2])


def instance_role_permissions(
    here: WorkloadAccount,
    role: InstanceRole,
    who: PullingRole | Unknown,
    image: ImageReference,
) -> InstanceRolePermissions:
    """Asked only where the instance role may be the one that pulls."""
    if role.arn is None or (isinstance(who, PullingRole) and who.kind != "instance-role"):
        return InstanceRolePermissions(())
    asked = _asked(image, RegistrySecret(None))
    return InstanceRolePermissions(*permissions(here, role.arn, asked))


def import_permissions(
    here: WorkloadAccount,
    role: ExecutionRole,
    image: ImageReference,
    rules: CacheRules,
    found: Repository,
) -> ImportPermissions:
    if not role.exists or role.arn is None or rule_of(rules, image.repository) is None:
        return ImportPermissions()
    actions = (IMPORT,) if found.exists else (CREATE, IMPORT)
    asked = tuple((action, found.arn) for action in actions if found.arn)
    return ImportPermissions(*permissions(here, role.arn, asked)[:2])


def hub_cache_permissions(
    here: WorkloadAccount, role: ExecutionRole, image: ImageReference, caches: HubCaches
) -> HubCachePermissions:
    if not role.exists or role.arn is None or not caches.prefixes:
        return HubCachePermissions()
    where = f"arn:{partition(here.region)}:ecr:{here.region}:{here.account}"
    arn = f"{where}:repository/{caches.prefixes[0]}/{image.repository}"
    actions = (*PULL[:2], CREATE, IMPORT)
    asked = ((LOGIN, "*"), *((action, arn) for action in actions))
    return HubCachePermissions(*permissions(here, role.arn, asked)[:2])


def kept_secret_permissions(
    here: WorkloadAccount, role: ExecutionRole, kept: KeptSecrets
) -> KeptSecretPermissions:
    if not role.exists or role.arn is None:
        return KeptSecretPermissions()
    asked = [(READ_SECRET, secret.arn) for secret in kept.items]
    if kept.free:
        asked.append((READ_SECRET, asked_as(here.account, here.region, kept.free)))
    return KeptSecretPermissions(*permissions(here, role.arn, tuple(asked))[:2])


def _asked(image: ImageReference, secret: RegistrySecret | Unknown) -> tuple[Asked, ...]:
    asked: list[Asked] = []
    if image.registry == "ecr" and image.region is not None:
        where = f"arn:{partition(image.region)}:ecr:{image.region}:{image.account}"
        asked.append((LOGIN, "*"))
        asked += [(action, f"{where}:repository/{image.repository}") for action in PULL]
    if isinstance(secret, RegistrySecret) and secret.arn:
        asked.append((READ_SECRET, secret.arn))
    return tuple(asked)


COLLECTORS = (
    execution_role_permissions,
    task_role_permissions,
    instance_role_permissions,
    import_permissions,
    hub_cache_permissions,
    kept_secret_permissions,
)
