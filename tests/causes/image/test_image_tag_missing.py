from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.causes.image.image_tag_missing import choices, decide, plan
from bot.facts import CacheRules, Choice, Tags
from bot.model import Confirmed, RuledOut
from tests.causes.facts_image_network import (
    ASKED,
    GONE,
    HUB,
    IMAGE,
    NEW,
    NO_SERVICE,
    NOT_THERE,
    REPOSITORY,
    SERVICE,
    definition,
    tags,
    unknown,
)

UNREAD = unknown("Tags")
TWO = tags("v1.0.1", "v0.9.0")


def test_missing_repository_is_another_cause():
    """
    Without a repository, the repository is missing, not the tag.
    """
    assert isinstance(decide(IMAGE, GONE, NOT_THERE, Tags(()), CacheRules()), RuledOut)


def test_missing_digest_is_another_cause():
    """
    With a digest, the tag is not even looked at.
    """
    pinned = replace(IMAGE, digest=NEW)

    assert isinstance(decide(pinned, REPOSITORY, NOT_THERE, TWO, CacheRules()), RuledOut)


def test_image_of_another_registry():
    """
    ECR knows nothing about the tags of Docker Hub.
    """
    assert isinstance(decide(HUB, REPOSITORY, NOT_THERE, TWO, CacheRules()), RuledOut)


def test_tag_that_is_there():
    """
    A tag that ECR finds is not missing, whether or not it is among the tags listed.
    """
    assert isinstance(decide(IMAGE, REPOSITORY, ASKED, TWO, CacheRules()), RuledOut)
    assert isinstance(decide(IMAGE, REPOSITORY, ASKED, UNREAD, CacheRules()), RuledOut)


def test_tag_pushed_meanwhile():
    """
    A tag that appears between two calls is there.
    """
    assert isinstance(decide(IMAGE, REPOSITORY, NOT_THERE, tags("v1.0.0"), CacheRules()), RuledOut)


def test_nearest_tags_are_told():
    """
    The proof names the tag asked for and the tags that come closest.
    """
    verdict = decide(IMAGE, REPOSITORY, NOT_THERE, tags("latest", "v1.0.1", "v0.9.0"), CacheRules())

    assert isinstance(verdict, Confirmed)
    assert ("team/shop", "v1.0.0") == (verdict.proof["repository"], verdict.proof["tag"])
    assert ["v1.0.1", "v0.9.0"] == verdict.proof["similar"]


def test_tags_that_could_not_be_listed():
    """
    The tag is missing even where the others may not be listed; then nothing is suggested.
    """
    verdict = decide(IMAGE, REPOSITORY, NOT_THERE, UNREAD, CacheRules())

    assert isinstance(verdict, Confirmed)
    assert not verdict.proof["listed"]
    assert () == choices(IMAGE, UNREAD)
    assert None is plan(SERVICE, definition(), IMAGE, UNREAD, Choice())


def test_no_plan_without_a_service():
    """
    A task that no service runs is started again by whoever started it.
    """
    assert None is plan(NO_SERVICE, definition(), IMAGE, TWO, Choice())


def test_no_plan_without_a_similar_tag():
    """
    No tag is picked that nobody could have meant.
    """
    assert None is plan(SERVICE, definition(), IMAGE, tags("main"), Choice())
    assert None is plan(SERVICE, definition(), IMAGE, TWO, Choice("main"))


def test_the_nearest_tag_is_the_default():
    """
    Whoever picks nothing gets the nearest tag, and the choices start with it.
    """
    by_default = plan(SERVICE, definition(), IMAGE, TWO, Choice())

    assert ("v1.0.1", "v0.9.0") == choices(IMAGE, TWO)
    assert by_default == plan(SERVICE, definition(), IMAGE, TWO, Choice("v1.0.1"))
    assert by_default != plan(SERVICE, definition(), IMAGE, TWO, Choice("v0.9.0"))


def test_only_the_containers_that_ask_for_the_tag_change():
    """
    A second container with the same image is repaired too, another image is left alone.
    """
    three = definition(IMAGE.written, "public.ecr.aws/x/log:1", IMAGE.written)
    step = plan(SERVICE, three, IMAGE, TWO, Choice()).steps[0]
    images = {c["name"]: c["image"] for c in step.do.params["containerDefinitions"]}

    repaired = f"{IMAGE.host}/team/shop:v1.0.1"
    assert {"app": repaired, "log": "public.ecr.aws/x/log:1", "proxy": repaired} == images


def test_every_step_can_be_undone():
    """
    The service goes back to the old revision, and the new one is deregistered.
    """
    steps = plan(SERVICE, definition(), IMAGE, TWO, Choice()).steps

    assert ["deregister_task_definition", "update_service"] == [s.undo.operation for s in steps]
    assert SERVICE.definition == steps[1].undo.params["taskDefinition"]


def test_plan_makes_the_verdict_ruled_out():
    """
    The tag that the plan picks is there.
    """
    image = plan(SERVICE, definition(), IMAGE, TWO, Choice()).steps[0].after["containers"]["app"]
    after = replace(IMAGE, tag=image["image"].rpartition(":")[2])

    assert isinstance(decide(after, REPOSITORY, ASKED, TWO, CacheRules()), RuledOut)


@given(st.lists(st.from_regex(r"v[0-9]\.[0-9]\.[0-9]", fullmatch=True), max_size=8))
def test_same_facts_same_plan(names):
    """
    Planning twice on the same facts gives equal plans, or none twice.
    """
    once, again = (plan(SERVICE, definition(), IMAGE, tags(*names), Choice()) for _ in range(2))

    assert once == again
