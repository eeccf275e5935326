from dataclasses import replace

import pytest

from bot.causes.image.image_not_replicated import CAUSE, advise, decide
from bot.facts import Replication
from bot.model import Confirmed, RuledOut
from tests.causes.facts import well_worded
from tests.causes.facts_image_network import ACCOUNT, ASKED, HUB, IMAGE, NEW, NOT_THERE

FAILED = Replication("FAILED", "333344445555", "eu-west-1", "AccessDenied")
UNDER_WAY = Replication("IN_PROGRESS", ACCOUNT, "us-east-1")


@pytest.mark.parametrize("status", [None, "COMPLETE"])
def test_replication_that_is_done_or_was_never_set_up(status):
    """
    What arrived once and is gone again has another cause.
    """
    assert isinstance(decide(IMAGE, NOT_THERE, Replication(status)), RuledOut)


def test_image_that_is_there_or_not_in_ecr():
    """
    An image that can be pulled was brought here somehow.
    """
    assert isinstance(decide(IMAGE, ASKED, FAILED), RuledOut)
    assert isinstance(decide(HUB, NOT_THERE, FAILED), RuledOut)


@pytest.mark.parametrize("replication", [FAILED, UNDER_WAY, replace(FAILED, account=ACCOUNT)])
@pytest.mark.parametrize("image", [IMAGE, replace(IMAGE, digest=NEW)])
def test_replication_that_has_not_brought_it(image, replication):
    """
    The proof names the source and how far the image has come.
    """
    verdict = decide(image, NOT_THERE, replication)

    assert isinstance(verdict, Confirmed)
    assert (replication.status, replication.account) == (
        verdict.proof["status"], verdict.proof["source"],
    )  # fmt: skip
    assert well_worded(CAUSE, verdict)


def test_who_may_replicate_is_looked_at_across_accounts():
    """
    In one account nobody has to be let in.
    """
    assert ["describe_image_replication_status", "get_registry_policy"] == [
        c.operation for c in advise(IMAGE, FAILED)
    ]
    assert ["describe_image_replication_status"] == [c.operation for c in advise(IMAGE, UNDER_WAY)]
