"""What CloudTrail and the lifecycle policy tell of an image that is gone."""

import json
from datetime import UTC, datetime

import pytest

from bot.aws.accounts import RegistryAccount
from bot.aws.client import NotFound
from bot.aws.lifecycle import READ_AT_MOST, expiry, lifecycle_rules
from bot.aws.reference import split
from bot.facts import AskedImage, Expiry, LifecycleRules, Repository

AT, EARLIER = datetime(2026, 5, 2, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
HOST = "222233334444.dkr.ecr.eu-west-1.amazonaws.com"
IMAGE = split(f"{HOST}/my-app:v1", "app")
PINNED = split(f"{HOST}/my-app@sha256:{'a' * 64}", "app")
THERE = Repository("my-app", "arn:aws:ecr:eu-west-1:222233334444:repository/my-app", exists=True)
GONE = AskedImage(exists=False)


def event(*tags, at=AT, repository="my-app", action="expire", digest="sha256:" + "a" * 64):
    selection = {"countType": "Image count more than", "countNumber": 3}
    rule = {"rulePriority": 2, "description": "keep three", "action": action,
            "lifecycleEventSelection": selection}  # fmt: skip
    done = {"lifecycleEventImage": {"digest": digest, "tagList": list(tags)}, "rulePriority": 2}
    details = {
        "repositoryName": repository,
        "lifecycleEventPolicy": {"lifecycleEventRules": [rule]},
        "lifecycleEventImageActions": [done],
    }
    return {"EventTime": at, "CloudTrailEvent": json.dumps({"serviceEventDetails": details})}


@pytest.fixture
def looked(door):
    def looked(*events, image=IMAGE, found=THERE, asked=GONE):
        looked.door = door({"lookup_events": {"Events": list(events)}})
        return expiry(RegistryAccount(looked.door), image, found, asked)

    return looked


@pytest.mark.parametrize(
    ("found", "asked"),
    [(THERE, AskedImage(True, "sha256:a")), (Repository("x", "", exists=False), GONE)],
)
def test_what_is_there_is_not_looked_up(looked, door, found, asked):
    """
    Neither events nor rules are asked for where nothing was removed.
    """
    rules = RegistryAccount(door({}))

    assert Expiry() == looked(event("v1"), found=found, asked=asked)
    assert LifecycleRules() == lifecycle_rules(rules, found, asked)
    assert [] == looked.door.asked == rules.door.asked


def test_the_run_that_removed_it(looked):
    """
    The newest run that lists the tag, with its rule.
    """
    found = looked(event("v1", at=EARLIER), event("v0", "v1"), event("v2"))

    assert (AT, 2, "keep three", True, 3) == (
        found.at, found.priority, found.description, found.by_count, found.number,
    )  # fmt: skip


def test_a_pinned_image_is_looked_for_by_its_digest(looked):
    """
    Which tags it had does not matter.
    """
    assert AT == looked(event(), image=PINNED).at
    assert None is looked(event(digest="sha256:" + "b" * 64), image=PINNED).at


@pytest.mark.parametrize(
    "other", [event("v2"), event("v1", repository="another"), event("v1", action="transition")]
)
def test_runs_that_did_something_else(looked, other):
    """
    Another tag, another repository, or a move to the archive.
    """
    assert Expiry() == looked(other)


def test_events_without_end(looked):
    """
    A Region has one history for all repositories: where not all of it was read, that is said.
    """
    many = [event("v2")] * READ_AT_MOST["MaxItems"]

    assert Expiry(whole=False) == looked(*many)


def test_the_rules_that_remove_images(door):
    """
    A rule that archives removes nothing; no policy has no rules.
    """
    rules = [
        {"rulePriority": 1, "action": {"type": "expire"}},
        {"rulePriority": 2, "action": {"type": "transition"}},
    ]
    policy = {"lifecyclePolicyText": json.dumps({"rules": rules})}

    def read(answer):
        return lifecycle_rules(RegistryAccount(door({"get_lifecycle_policy": answer})), THERE, GONE)

    assert LifecycleRules((1,)) == read(policy)
    assert LifecycleRules() == read(NotFound("LifecyclePolicyNotFoundException"))
