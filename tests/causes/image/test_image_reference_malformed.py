import pytest

from bot.aws.reference import split
from bot.causes.image.image_digest_missing import decide as digest_missing
from bot.causes.image.image_reference_malformed import CAUSE, decide, plan
from bot.causes.image.image_tag_missing import decide as tag_missing
from bot.causes.image.repository_missing import decide as repository_missing
from bot.facts import CacheRules, MendedReference, RepositoriesElsewhere, Tags
from bot.model import Confirmed, RuledOut, Undecided
from tests.causes.facts import well_worded
from tests.causes.facts_image_network import (
    GONE,
    HOST,
    HUB,
    IMAGE,
    NO_SERVICE,
    NOT_THERE,
    REPOSITORY,
    SERVICE,
    definition,
    unknown,
)

UPPER = f"{HOST}/Team/Shop:v1.0.0"
MEANT, UNSURE = MendedReference(f"{HOST}/team/shop:v1.0.0"), MendedReference()
WRITTEN = {
    "empty": "",
    "variable": f"{HOST}/shop:${{TAG}}",
    "scheme": f"https://{HOST}/shop:v1",
    "space": f"{HOST}/shop:v1 ",
    "host": ".dkr.ecr.eu-west-1.amazonaws.com/shop:v1",
    "slash": f"{HOST}//shop:v1",
    "upper": UPPER,
    "tag-empty": f"{HOST}/shop:",
    "tag": f"{HOST}/shop:-v1",
    "digest": f"{HOST}/shop@sha256:1",
    "long": f"{HOST}/{'a' * 250}",
    "other": f"{HOST}/shop::v1",
}


@pytest.mark.parametrize("image", [IMAGE, HUB])
def test_reference_that_can_be_pulled(image):
    """
    Whether there is such an image is another question.
    """
    assert isinstance(decide(image, definition(image.written), UNSURE), RuledOut)


def test_what_somebody_pasted():
    """
    Without a task definition a malformed image may only have been cut off on its way.
    """
    unread = unknown("TaskDefinition")

    assert isinstance(decide(split(f"{HOST}/team/", ""), unread, UNSURE), Undecided)
    assert isinstance(decide(IMAGE, unread, UNSURE), RuledOut)


@pytest.mark.parametrize("kind", WRITTEN)
def test_every_fault_is_worded(kind):
    """
    The proof names the container, what is written, and what is wrong with it.
    """
    written = WRITTEN[kind]
    verdict = decide(split(written, "app"), definition(written), UNSURE)

    assert isinstance(verdict, Confirmed)
    assert ("app", written, kind) == tuple(
        verdict.proof[k] for k in ("container", "image", "fault")
    )
    assert written in ("", WRITTEN["space"]) or well_worded(CAUSE, verdict)


@pytest.mark.parametrize("written", [w for w in WRITTEN.values() if w.startswith(HOST)])
def test_nothing_is_missing_that_could_not_be_asked_for(written):
    """
    No repository, tag or digest of such a name can exist: these causes leave it alone.
    """
    image = split(written, "app")

    nowhere = RepositoriesElsewhere(())
    assert isinstance(repository_missing(image, GONE, nowhere, CacheRules(())), RuledOut)
    assert isinstance(tag_missing(image, REPOSITORY, NOT_THERE, Tags(()), CacheRules(())), RuledOut)
    asked = definition(written)
    assert isinstance(digest_missing(image, REPOSITORY, NOT_THERE, asked, Tags(())), RuledOut)


def test_another_container_of_the_task():
    """
    Each image of a task must be pulled, whichever one the record speaks of.
    """
    verdict = decide(IMAGE, definition(IMAGE.written, "redis:"), UNSURE)

    assert isinstance(verdict, Confirmed)
    assert ("log", "redis:") == (verdict.proof["container"], verdict.proof["image"])


def test_what_was_meant_is_told():
    """
    It is known where ECR has it, and not known is not none.
    """
    told = decide(split(UPPER, "app"), definition(UPPER), MEANT)
    unread = decide(split(UPPER, "app"), definition(UPPER), unknown("MendedReference"))

    assert MEANT.written == told.proof["meant"]
    assert well_worded(CAUSE, told)
    assert None is unread.proof["meant"]


def test_no_plan_where_it_is_not_sure_what_was_meant():
    """
    A guess is no repair, and a task without a service is a person's.
    """
    image = split(UPPER, "app")

    assert None is plan(SERVICE, definition(UPPER), image, UNSURE)
    assert None is plan(NO_SERVICE, definition(UPPER), image, MEANT)
    assert None is plan(SERVICE, definition(), IMAGE, MEANT)


def test_plan_makes_the_verdict_ruled_out():
    """
    Every container that writes the same gets the reference that was meant; others are left alone.
    """
    written = definition(UPPER, "public.ecr.aws/x/log:1", UPPER)
    steps = plan(SERVICE, written, split(UPPER, "app"), MEANT).steps
    images = [c["image"] for c in steps[0].do.params["containerDefinitions"]]

    assert [MEANT.written, "public.ecr.aws/x/log:1", MEANT.written] == images
    assert isinstance(decide(split(images[0], "app"), definition(*images), UNSURE), RuledOut)
    assert all(s.undo for s in steps)
