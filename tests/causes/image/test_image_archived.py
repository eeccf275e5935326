from dataclasses import replace

import pytest

from bot.causes.image.image_archived import CAUSE, decide, plan
from bot.model import Confirmed, RuledOut
from tests.causes.facts import well_worded
from tests.causes.facts_image_network import ASKED, GONE, HUB, IMAGE, NOT_THERE, REPOSITORY, WHEN

ARCHIVED = replace(ASKED, status="ARCHIVED", archived_at=WHEN)
ACTIVATING = replace(ARCHIVED, status="ACTIVATING")


def test_image_of_another_registry():
    """
    Only ECR has this archive.
    """
    assert isinstance(decide(HUB, REPOSITORY, ARCHIVED), RuledOut)


@pytest.mark.parametrize("status", ["ACTIVE", None])
def test_image_that_can_be_pulled(status):
    """
    An active image is in no archive; in Regions without one there is no status.
    """
    assert isinstance(decide(IMAGE, REPOSITORY, replace(ASKED, status=status)), RuledOut)


def test_image_or_repository_that_is_not_there():
    """
    What is missing is another cause.
    """
    assert isinstance(decide(IMAGE, REPOSITORY, NOT_THERE), RuledOut)
    assert isinstance(decide(IMAGE, GONE, ARCHIVED), RuledOut)


def test_archived_image():
    """
    The proof names the image, its status and since when it has it.
    """
    verdict = decide(IMAGE, REPOSITORY, ARCHIVED)

    assert isinstance(verdict, Confirmed)
    assert ("ARCHIVED", "2026-01-31") == (verdict.proof["status"], verdict.proof["since"])
    assert not verdict.mending
    assert well_worded(CAUSE, verdict)


def test_image_on_its_way_out_of_the_archive():
    """
    It cannot be pulled yet, and nothing is left to do but wait: there is no plan.
    """
    verdict = decide(IMAGE, REPOSITORY, ACTIVATING)

    assert isinstance(verdict, Confirmed)
    assert verdict.mending
    assert None is plan(IMAGE, REPOSITORY, ACTIVATING)
    assert well_worded(CAUSE, verdict)


def test_the_very_image_is_restored_in_its_own_registry():
    """
    By digest, because a tag may move; undo archives it again.
    """
    (step,) = plan(IMAGE, REPOSITORY, ARCHIVED).steps

    assert {"imageDigest": ASKED.digest} == step.do.params["imageId"]
    assert (IMAGE.account, REPOSITORY.arn) == (step.account, step.resource)
    targets = [c.params["targetStorageClass"] for c in (step.do, step.undo)]
    assert ["STANDARD", "ARCHIVE"] == targets


def test_plan_makes_the_verdict_ruled_out():
    """
    The status that the plan leaves behind rules the cause out.
    """
    (step,) = plan(IMAGE, REPOSITORY, ARCHIVED).steps
    after = replace(ARCHIVED, status=step.after["imageStatus"])

    assert isinstance(decide(IMAGE, REPOSITORY, after), RuledOut)


def test_no_plan_where_it_is_not_archived():
    """
    What can be pulled is left alone.
    """
    assert None is plan(IMAGE, REPOSITORY, replace(ASKED, status="ACTIVE"))
    assert None is plan(IMAGE, GONE, ARCHIVED)
