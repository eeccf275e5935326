"""The KMS key of a repository: whether ECR can use it. What it encrypts is never read."""

from __future__ import annotations

from typing import Any

from bot.aws.accounts import RegistryAccount
from bot.aws.client import NotFound
from bot.facts import KeyGrants, Repository, RepositoryKey
from bot.model import Call

MISSING = "Missing"


def repository_key(there: RegistryAccount, found: Repository) -> RepositoryKey:
    """The key that encrypts the repository; most have none of their own, which asks nothing."""
    if not found.exists or found.key is None:
        return RepositoryKey()
    try:
        said = there.call(Call("kms", "describe_key", {"KeyId": found.key}))["KeyMetadata"]
    except NotFound:
        return RepositoryKey(found.key, MISSING)
    return RepositoryKey(
        said["Arn"],
        said["KeyState"],
        said.get("DeletionDate"),
        managed=said.get("KeyManager") == "AWS",
    )


def key_grants(there: RegistryAccount, found: Repository, key: RepositoryKey) -> KeyGrants:
    """Whether ECR still has its grant for the repository; asked of an enabled key of a customer."""
    if key.arn is None or key.state != "Enabled" or key.managed:
        return KeyGrants()
    listed = there.pages(Call("kms", "list_grants", {"KeyId": key.arn}), "Grants")
    return KeyGrants(any(_for(found.arn, grant) for grant in listed))


def _for(repository: str, grant: dict[str, Any]) -> bool:
    """Tell whether *grant* is bound to the repository by its encryption context."""
    bound = grant.get("Constraints") or {}
    kinds = ("EncryptionContextSubset", "EncryptionContextEquals")
    return any(repository in (bound.get(kind) or {}).values() for kind in kinds)


COLLECTORS = (repository_key, key_grants)
