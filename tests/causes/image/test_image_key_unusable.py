import pytest

from bot.causes.image.image_key_unusable import CAUSE, UNUSABLE, advise, decide
from bot.facts import KeyGrants, RepositoryKey
from bot.model import Confirmed, RuledOut, Undecided
from tests.causes.facts import well_worded
from tests.causes.facts_image_network import (
    ACCOUNT,
    HOST,
    IMAGE,
    NOTHING_RECORDED,
    OLD,
    REGION,
    REPOSITORY,
    WHEN,
    recorded,
    unknown,
)

ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1"
ENABLED, MISSING = RepositoryKey(ARN, "Enabled"), RepositoryKey(ARN, "Missing")
HELD, REVOKED = KeyGrants(), KeyGrants(held=False)
REFUSED = recorded(
    "CannotPullContainerError: failed to copy: httpReadSeeker: failed open: unexpected status code "
    f"https://{HOST}/v2/team/shop/blobs/{OLD}: 403 Forbidden"
)


def judged(key, grants=HELD, said=NOTHING_RECORDED):
    return decide(IMAGE, REPOSITORY, key, grants, said)


@pytest.mark.parametrize("said", [NOTHING_RECORDED, REFUSED])
def test_key_that_can_be_used(said):
    """
    No key of its own, or an enabled one with its grant: a refused layer has another cause.
    """
    assert isinstance(judged(RepositoryKey(), said=said), RuledOut)
    assert isinstance(judged(ENABLED, said=said), RuledOut)


@pytest.mark.parametrize(("key", "grants"), [(MISSING, HELD), (ENABLED, REVOKED)])
def test_what_was_not_found_is_the_cause_only_where_a_layer_was_refused(key, grants):
    """
    A key or a grant may be somewhere that we do not see; ECS's record decides.
    """
    assert isinstance(judged(key, grants), Undecided)
    assert isinstance(judged(key, grants, unknown("Recorded")), Undecided)
    verdict = judged(key, grants, REFUSED)

    assert isinstance(verdict, Confirmed)
    assert well_worded(CAUSE, verdict)


def test_grants_that_could_not_be_read():
    """
    They leave an enabled key open, and do not excuse a disabled one.
    """
    unread = unknown("KeyGrants")

    assert isinstance(judged(ENABLED, unread, REFUSED), Undecided)
    assert isinstance(judged(RepositoryKey(ARN, "Disabled"), unread), Confirmed)


@pytest.mark.parametrize("state", UNUSABLE)
def test_key_that_cannot_be_used(state):
    """
    The proof names the key and its state, and when it will be gone for good.
    """
    verdict = judged(RepositoryKey(ARN, state, WHEN if "Deletion" in state else None))

    assert isinstance(verdict, Confirmed)
    assert (ARN, state) == (verdict.proof["key"], verdict.proof["state"])
    assert well_worded(CAUSE, verdict)


def test_a_person_gives_the_key_back():
    """
    There is no plan: the commands are for the key's owner, the deletion is cancelled first.
    """
    assert CAUSE.plan is None
    assert ["enable_key"] == [c.operation for c in advise(RepositoryKey(ARN, "Disabled"))]
    assert ["cancel_key_deletion", "enable_key"] == [
        c.operation for c in advise(RepositoryKey(ARN, "PendingDeletion"))
    ]
    assert ["describe_key"] == [c.operation for c in advise(MISSING)]
