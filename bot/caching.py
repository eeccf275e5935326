"""Pull-through caches: which rule brings an image, and whether the role may let it in. Pure.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-iam.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from bot import policy
from bot.facts import (
    AskedImage,
    CacheCredential,
    CacheRule,
    CacheRules,
    Document,
    ExecutionRole,
    ImageReference,
    ImportPermissions,
    Permission,
    Platform,
    Recorded,
    RegistryPolicy,
    Repository,
    RepositoryPolicy,
    Subject,
)
from bot.model import Unknown
from bot.needing import on
from bot.policy import Decision, Request
from bot.pulling import ANYTHING, Puller, Shortfall, puller, repository_arn, shortfall

T = TypeVar("T")

CREATE, IMPORT = "ecr:CreateRepository", "ecr:BatchImportUpstreamImage"
ROOT = "ROOT"
HUB = "docker-hub"
# ECR reads secrets of such names, under this key alone.
SECRETS = "ecr-pullthroughcache/"
DEFAULT_KEY = "alias/aws/secretsmanager"
Decided = dict[str, Decision]
Fault = Literal["elsewhere", "name", "missing", "deleted", "key"]


@dataclass(frozen=True, slots=True)
class Import:
    """What keeps a role from bringing an image into a cache.

    *lacked* is not allowed by its own policies, *stopped* refused by a Deny, a boundary or the
    organization, *unshared* not given by a registry of another account.
    """

    lacked: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()
    unshared: tuple[str, ...] = ()
    unknown: tuple[Unknown, ...] = ()

    @property
    def refused(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.stopped, *self.lacked, *self.unshared)))


def rule_of(rules: CacheRules, repository: str) -> CacheRule | None:
    """Return the rule that *repository* falls under: that of the longest prefix, ROOT at last."""
    named = [r for r in rules.items if repository.startswith(f"{r.prefix.rstrip('/')}/")]
    root = next((r for r in rules.items if r.prefix == ROOT), None)
    return max(named, key=lambda r: len(r.prefix), default=root)


def missed(
    image: ImageReference, rules: CacheRules, repository: Repository, asked: AskedImage
) -> CacheRule | None:
    """Return the rule that has to bring *image*, because it is not in the cache."""
    if image.registry != "ecr" or (repository.exists and asked.exists):
        return None
    return rule_of(rules, image.repository)


def upstream_path(rule: CacheRule, repository: str) -> str:
    """Return the name that *repository* of the cache has upstream."""
    name = repository if rule.prefix == ROOT else repository[len(rule.prefix.rstrip("/")) + 1 :]
    inside = (rule.upstream_prefix or ROOT).rstrip("/")
    return name if inside == ROOT else f"{inside}/{name}"


def login_fault(image: ImageReference, arn: str, secret: CacheCredential | Unknown) -> Fault | None:
    """Return what is wrong with the secret of a rule, as far as it shows without its value."""
    if arn.split(":")[3:5] != [image.region, image.account]:
        return "elsewhere"
    if not secret_name(arn).startswith(SECRETS):
        return "name"
    if isinstance(secret, Unknown):
        return None
    if not secret.exists:
        return "missing"
    if secret.deleted_at is not None:
        return "deleted"
    key = secret.kms_key or DEFAULT_KEY
    return None if key == DEFAULT_KEY or key.endswith(f":{DEFAULT_KEY}") else "key"


def secret_name(arn: str) -> str:
    """Return the name of a secret, with the characters that Secrets Manager puts after it."""
    return arn.split(":", 6)[-1]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A pull of *image* through a cache: the *rule* that has to bring it, and what keeps it out.

    *rule* is None where the image is in the cache already, or falls under no rule.
    """

    subject: Subject
    image: ImageReference
    role: ExecutionRole | Unknown
    who: Puller | Unknown
    rule: CacheRule | None
    repository: Repository
    import_: Import


def attempted(rule: Callable[..., T]) -> Callable[..., T]:
    """Let *rule* ask for all facts about a pull through a cache."""
    return on(_attempt, rule)


def _attempt(
    subject: Subject,
    image: ImageReference,
    role: ExecutionRole | Unknown,
    platform: Platform | Unknown,
    rules: CacheRules,
    repository: Repository,
    asked: AskedImage,
    permissions: ImportPermissions | Unknown,
    registry: RegistryPolicy | Unknown,
    own: RepositoryPolicy | Unknown,
    recorded: Recorded | Unknown,
) -> Attempt:
    rule = missed(image, rules, repository, asked)
    if isinstance(role, Unknown):
        return Attempt(subject, image, role, role, rule, repository, Import(unknown=(role,)))
    who = puller(platform, role, recorded)
    keeps = Import()
    if rule is not None:
        keeps = importing(subject, image, role, repository, permissions, registry, own, recorded)
    return Attempt(subject, image, role, who, rule, repository, keeps)


def importing(
    subject: Subject,
    image: ImageReference,
    role: ExecutionRole,
    repository: Repository,
    permissions: ImportPermissions | Unknown,
    registry: RegistryPolicy | Unknown,
    own: RepositoryPolicy | Unknown,
    recorded: Recorded | Unknown,
) -> Import:
    """Return what keeps *role* from importing *image*.

    In one account the registry's or the repository's policy may allow it instead of the role's
    own; from another account both sides must.
    """
    unread = [u for u in (registry, own if repository.exists else None) if isinstance(u, Unknown)]
    if unread or isinstance(registry, Unknown):
        return Import(unknown=tuple(unread))
    actions = (IMPORT,) if repository.exists else (CREATE, IMPORT)
    hung = own.document if isinstance(own, RepositoryPolicy) and repository.exists else None
    document = policy.joined(registry.document, hung)
    foreign = image.account != subject.account
    # What the resource says if the role's own policies allow all, and if they allow nothing.
    full = _decided(role, image, actions, document, [ANYTHING])
    alone = {} if foreign else _decided(role, image, actions, document, [])
    given = _with(alone, Decision.ALLOWED)
    found = shortfall(role, permissions, recorded, [a for a in actions if a not in given])
    return _weighed(full, alone, found)


def _weighed(full: Decided, alone: Decided, found: Shortfall) -> Import:
    """Weigh what the role lacks against what the resource gives: *alone* is empty across accounts."""
    lacked = _names(found.lacked)
    open_ = {a for a in _with(alone, Decision.UNDECIDED) if a in lacked}
    open_ |= set(_with(full, Decision.UNDECIDED))
    return Import(
        lacked=tuple(a for a in lacked if a not in open_),
        stopped=(*_with(full, Decision.EXPLICIT_DENY), *_names(found.stopped)),
        unshared=tuple(_with(full, Decision.IMPLICIT_DENY)),
        unknown=(*found.unknown, *(_open(a) for a in full if a in open_)),
    )


def _decided(
    role: ExecutionRole,
    image: ImageReference,
    actions: Iterable[str],
    document: Document | None,
    own: Sequence[Document],
) -> Decided:
    """Return what *document* decides on each action for a role whose *own* policies are these."""
    context = {"aws:RequestedRegion": image.region or "", "aws:SecureTransport": "true"}
    asked = (Request(role.arn or "", a, repository_arn(image), context) for a in actions)
    return {
        r.action: policy.decide(r, identity=own, resource_policy=document).decision for r in asked
    }


def _with(decided: Decided, decision: Decision) -> list[str]:
    return [action for action, found in decided.items() if found is decision]


def _names(found: tuple[Permission, ...]) -> tuple[str, ...]:
    return tuple(p.action for p in found)


def _open(action: str) -> Unknown:
    return Unknown("RegistryPolicy", f"{action} could not be decided")
