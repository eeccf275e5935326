"""A stopped task is remembered longer than AWS does, without what must not be kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from bot.facts import ContainerState, StoppedTask, Subject
from bot.snapshots import from_json, remembering, to_json
from bot.store import Forgetful, Store
from tests.support.sealing import SEAL

SHOP = Subject("222233334444", "eu-west-1", "main", "shop")
ARN = "arn:aws:ecs:eu-west-1:222233334444:task/main/"
NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
SECRET = "AKIA" + "IOSFODNN7EXAMPLE"

TEXT = st.text("abc 123", max_size=9)
SOME = st.none() | TEXT
MOMENT = st.none() | st.datetimes(timezones=st.just(UTC))
TASKS = st.builds(
    StoppedTask, SOME, SOME, SOME, TEXT,
    st.lists(st.builds(ContainerState, TEXT, TEXT, SOME), max_size=3).map(tuple),
    SOME, SOME, SOME, SOME, SOME, SOME, MOMENT, MOMENT, st.booleans(),
)  # fmt: skip


def task(name, minutes=0, **more):
    return StoppedTask(
        ARN + name, reason=f"why {name}", stopped_at=NOW + timedelta(minutes=minutes), **more
    )


@pytest.fixture
def store(empty_redis):
    return Store.at(empty_redis, SEAL)


@pytest.fixture
def remember(store):
    return remembering(store)


@given(TASKS)
def test_a_task_comes_back_as_it_was(found):
    """
    All that it says, in the types that the rules expect.
    """
    back = from_json(to_json(found))

    # An empty reason of a container is no reason.
    said = tuple(ContainerState(c.name, c.image, c.reason or None) for c in found.containers)
    assert said == back.containers
    assert (found.arn, found.reason, found.created_at, found.stopped_at, found.group) == (
        back.arn, back.reason, back.created_at, back.stopped_at, back.group,
    )  # fmt: skip


def test_a_field_of_a_newer_version_is_left_out():
    """
    What another version of the bot kept can still be read.
    """
    assert task("1") == from_json({**to_json(task("1")), "of_tomorrow": 1})


def test_nothing_is_remembered_of_what_never_failed(remember):
    """
    Another service, another Region, another account: no task stays no task.
    """
    remember(SHOP, task("1"))
    nothing = StoppedTask()

    for other in (
        Subject("222233334444", "eu-west-1", "main", "cart"),
        Subject("222233334444", "us-east-1", "main", "shop"),
        Subject("333344445555", "eu-west-1", "main", "shop"),
        Subject("222233334444", "eu-west-1", "main"),
    ):
        assert nothing == remember(other, nothing)


def test_another_task_is_not_the_one_asked_for(remember):
    """
    A task that was never seen is not answered by its service's newest one.
    """
    remember(SHOP, task("1"))
    other = Subject("222233334444", "eu-west-1", "main", "shop", task="2")

    assert StoppedTask() == remember(other, StoppedTask())


def test_what_aws_knows_is_told_as_it_is(remember):
    """
    A task that AWS still shows is never replaced by one that is remembered.
    """
    remember(SHOP, task("1"))

    assert task("2", 1) == remember(SHOP, task("2", 1))


def test_what_aws_forgot_is_remembered(remember):
    """
    By service the newest one, by id or ARN that one; told as remembered.
    """
    remember(SHOP, task("1"))
    remember(SHOP, task("2", 1))

    assert ARN + "2" == remember(SHOP, StoppedTask()).arn
    for named in ("1", ARN + "1"):
        asked = Subject("222233334444", "eu-west-1", "main", "shop", task=named)
        found = remember(asked, StoppedTask())
        assert (ARN + "1", True) == (found.arn, found.remembered)


def test_an_older_task_that_was_asked_for_by_id_does_not_become_the_newest(remember):
    """
    Looking at yesterday's task does not hide today's.
    """
    remember(SHOP, task("2", 1))
    remember(Subject("222233334444", "eu-west-1", "main", "shop", task="1"), task("1"))

    assert ARN + "2" == remember(SHOP, StoppedTask()).arn


def test_secrets_in_reasons_are_not_kept(remember, empty_redis):
    """
    Neither in the task's reason nor in a container's.
    """
    said = f"cannot pull: denied for {SECRET}"
    remember(SHOP, task("1", containers=(ContainerState("app", "shop:v1", said),)))
    remember(SHOP, StoppedTask(ARN + "2", reason=said))

    with Redis.from_url(empty_redis, decode_responses=True) as client:
        kept = [client.get(k) for k in client.keys("*") if client.type(k) == "string"]
    assert kept
    assert not [text for text in kept if SECRET in text]


def test_without_a_store_nothing_is_remembered():
    """
    One command on the command line tells what AWS tells.
    """
    remember = remembering(Forgetful())

    assert task("1") == remember(SHOP, task("1"))
    assert StoppedTask() == remember(SHOP, StoppedTask())
