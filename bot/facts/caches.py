"""Pull-through caches of a registry, what stands behind them, and the policy of the registry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.facts.documents import Document
from bot.facts.roles import How, Permission


@dataclass(frozen=True, slots=True)
class CacheRule:
    """One pull-through cache rule. *upstream* is ECR's name of the registry at *host*.

    *prefix* is ``ROOT`` for a rule that takes every repository without a rule of its own.
    """

    prefix: str
    upstream: str
    host: str
    credential: str | None = None
    custom_role: str | None = None
    upstream_prefix: str | None = None


@dataclass(frozen=True, slots=True)
class CacheRules:
    """The pull-through cache rules of the image's registry; none where a cache cannot matter."""

    items: tuple[CacheRule, ...] = ()


@dataclass(frozen=True, slots=True)
class CacheCredential:
    """The secret with which a cache logs in upstream: not named (*arn* None), missing, or there.

    Its value is never read.
    """

    arn: str | None = None
    exists: bool = False
    deleted_at: datetime | None = None
    kms_key: str | None = None


@dataclass(frozen=True, slots=True)
class CacheValidation:
    """What ECR says of a cache's login upstream; *valid* is None where it was not asked to try."""

    valid: bool | None = None
    failure: str = ""


@dataclass(frozen=True, slots=True)
class RegistryPolicy:
    """The registry's own policy; *document* is None when it has none.

    *scope* is V2 where it governs every action; in V1 only what creates and imports.
    """

    document: Document | None = None
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class ImportPermissions:
    """Creating the repository of a cache and importing into it, for the execution role."""

    items: tuple[Permission, ...] = ()
    how: How = "simulated"


@dataclass(frozen=True, slots=True)
class HubCaches:
    """Prefixes of the caches of Docker Hub in the registry beside the task, the shortest first."""

    prefixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HubCachePermissions:
    """All that a first pull through the first of these caches takes, for the execution role."""

    items: tuple[Permission, ...] = ()
    how: How = "simulated"


@dataclass(frozen=True, slots=True)
class KeptSecret:
    """A secret whose name, description or tags speak of a registry."""

    arn: str
    name: str


@dataclass(frozen=True, slots=True)
class KeptSecrets:
    """Secrets beside the task that may hold a registry's credentials, the likeliest first.

    *free* is the name that a new one would get; None where none is wanted.
    """

    items: tuple[KeptSecret, ...] = ()
    free: str | None = None


@dataclass(frozen=True, slots=True)
class KeptSecretPermissions:
    """Reading each of these secrets, and a new one, for the execution role."""

    items: tuple[Permission, ...] = ()
    how: How = "simulated"


@dataclass(frozen=True, slots=True)
class GrantedBefore:
    """The bot's own inline policy of the execution role, from an earlier fix; None: there is none."""

    document: Document | None = None
