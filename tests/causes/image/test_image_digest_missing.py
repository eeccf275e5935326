from dataclasses import replace

from bot.causes.image.image_digest_missing import advise, decide, plan
from bot.facts import TaggedImage, Tags
from bot.model import Confirmed, RuledOut
from tests.causes.facts_image_network import (
    ASKED,
    GONE,
    HUB,
    IMAGE,
    NEW,
    NO_SERVICE,
    NOT_THERE,
    OLD,
    REPOSITORY,
    SERVICE,
    WHEN,
    definition,
    tags,
    unknown,
)

PINNED = replace(IMAGE, written=f"{IMAGE.written}@{OLD}", digest=OLD)
UNREAD = unknown("Tags")
MOVED = Tags((TaggedImage("v1.0.0", NEW, WHEN),))
BY_ECS, BY_US = definition(), definition(PINNED.written)
BARE = definition(f"{IMAGE.host}/team/shop@{OLD}")


def test_missing_repository_is_another_cause():
    """
    Without a repository, the repository is missing, not the digest.
    """
    assert isinstance(decide(PINNED, GONE, NOT_THERE, BY_ECS, UNREAD), RuledOut)


def test_missing_tag_is_another_cause():
    """
    Without a digest, nothing is pinned.
    """
    assert isinstance(decide(IMAGE, REPOSITORY, NOT_THERE, BY_ECS, MOVED), RuledOut)


def test_digest_that_is_there_or_elsewhere():
    """
    A digest that ECR finds is not missing, and Docker Hub's are not ECR's.
    """
    hub = replace(HUB, digest=OLD)

    assert isinstance(decide(PINNED, REPOSITORY, ASKED, BY_ECS, MOVED), RuledOut)
    assert isinstance(decide(hub, REPOSITORY, NOT_THERE, BY_ECS, MOVED), RuledOut)


def test_tag_moved_on():
    """
    The proof tells who pinned the digest, and what the tag points to now.
    """
    by_ecs = decide(PINNED, REPOSITORY, NOT_THERE, BY_ECS, MOVED)
    by_us = decide(PINNED, REPOSITORY, NOT_THERE, BY_US, MOVED)

    assert isinstance(by_ecs, Confirmed)
    assert ("deployment", NEW) == (by_ecs.proof["pinned_by"], by_ecs.proof["now"])
    assert "definition" == by_us.proof["pinned_by"]


def test_tag_is_read_from_the_task_definition():
    """
    What ECS pinned lost its tag; the task definition still has it, and none means latest.
    """
    bare = replace(PINNED, tag=None)
    untagged = definition(f"{IMAGE.host}/team/shop")

    assert "v1.0.0" == decide(bare, REPOSITORY, NOT_THERE, BY_ECS, MOVED).proof["tag"]
    assert "latest" == decide(bare, REPOSITORY, NOT_THERE, untagged, MOVED).proof["tag"]
    assert None is decide(bare, REPOSITORY, NOT_THERE, BARE, MOVED).proof["tag"]


def test_tags_that_could_not_be_listed():
    """
    The digest is gone even where nobody may say what the tag points to; then nothing is planned.
    """
    verdict = decide(PINNED, REPOSITORY, NOT_THERE, BY_ECS, UNREAD)

    assert isinstance(verdict, Confirmed)
    assert (None, False) == (verdict.proof["now"], verdict.proof["listed"])
    assert None is plan(SERVICE, BY_ECS, PINNED, UNREAD)


def test_no_plan_without_tag_or_service():
    """
    Nothing is shipped that no tag of the task definition names.
    """
    assert None is plan(SERVICE, BY_ECS, PINNED, tags("v2"))
    assert None is plan(SERVICE, BARE, replace(PINNED, tag=None), tags("v2"))
    assert None is plan(NO_SERVICE, BY_ECS, PINNED, MOVED)
    assert None is plan(replace(SERVICE, controller="EXTERNAL"), BY_ECS, PINNED, MOVED)


def test_a_new_deployment_resolves_the_tag_again():
    """
    What ECS pinned takes one forced deployment, which nothing takes back.
    """
    made = plan(SERVICE, BY_ECS, PINNED, MOVED)

    assert "high" == made.risk
    assert [("service-deployment", None)] == [(s.kind, s.undo) for s in made.steps]
    assert made == plan(SERVICE, BY_ECS, PINNED, MOVED)


def test_a_pin_of_the_task_definition_is_renewed():
    """
    A forced deployment would ask for the same digest again, so the pin itself is moved.
    """
    made = plan(SERVICE, BY_US, PINNED, MOVED)

    assert f"{IMAGE.written}@{NEW}" == made.steps[0].after["containers"]["app"]["image"]
    assert all(s.undo for s in made.steps)


def test_plan_makes_the_verdict_ruled_out():
    """
    What the tag points to now is there.
    """
    assert isinstance(
        decide(replace(PINNED, digest=NEW), REPOSITORY, replace(ASKED, digest=NEW), BY_ECS, MOVED),
        RuledOut,
    )


def test_advice_lists_what_is_there():
    """
    A person looks at the images that have a tag.
    """
    call = advise(PINNED)[0]

    assert {"tagStatus": "TAGGED"} == call.params["filter"]
