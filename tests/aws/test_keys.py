"""What KMS tells of the key of a repository."""

from datetime import UTC, datetime

import pytest

from bot.aws.accounts import RegistryAccount
from bot.aws.keys import key_grants, repository_key
from bot.facts import KeyGrants, Repository, RepositoryKey

ARN = "arn:aws:ecr:eu-west-1:222233334444:repository/my-app"
KEY = "arn:aws:kms:eu-west-1:222233334444:key/1"
PLAIN = Repository("my-app", ARN, exists=True)
ENCRYPTED = Repository("my-app", ARN, exists=True, key=KEY)
AT = datetime(2026, 5, 1, tzinfo=UTC)


def test_no_key_is_not_asked_for(door):
    """
    ECR's own encryption needs no key that anybody could lose.
    """
    account = RegistryAccount(door({}))

    assert RepositoryKey() == repository_key(account, PLAIN)
    assert KeyGrants() == key_grants(account, PLAIN, RepositoryKey())
    assert [] == account.door.asked


def test_the_state_of_the_key(door):
    """
    As KMS has it, with the day on which it will be gone; unknown to KMS is an answer.
    """
    said = {"Arn": KEY, "KeyState": "PendingDeletion", "DeletionDate": AT, "KeyManager": "CUSTOMER"}
    account = RegistryAccount(door({"describe_key": {"KeyMetadata": said}}))

    assert RepositoryKey(KEY, "PendingDeletion", AT) == repository_key(account, ENCRYPTED)
    assert RepositoryKey(KEY, "Missing") == repository_key(RegistryAccount(door({})), ENCRYPTED)


@pytest.mark.parametrize("kind", ["EncryptionContextSubset", "EncryptionContextEquals"])
@pytest.mark.parametrize(("bound", "held"), [(ARN, True), (ARN + "2", False)])
def test_the_grant_for_the_repository(door, kind, bound, held):
    """
    It is bound to the repository by its encryption context.
    """
    grants = [{"GrantId": "1"}, {"Constraints": {kind: {"aws:ecr:arn": bound}}}]
    account = RegistryAccount(door({"list_grants": {"Grants": grants}}))

    assert KeyGrants(held) == key_grants(account, ENCRYPTED, RepositoryKey(KEY, "Enabled"))


@pytest.mark.parametrize(
    "key", [RepositoryKey(KEY, "Disabled"), RepositoryKey(KEY, "Enabled", managed=True)]
)
def test_grants_are_asked_of_an_enabled_key_of_a_customer(door, key):
    """
    Of another they would tell nothing new.
    """
    account = RegistryAccount(door({}))

    assert KeyGrants() == key_grants(account, ENCRYPTED, key)
    assert [] == account.door.asked
