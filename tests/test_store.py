"""What the store keeps and gives back: answers, stopped tasks, conversations; and no secret."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis

from bot.facts import Subject
from bot.store import Store
from tests.support.sealing import SEAL
from tests.support.waiting import PATIENCE

SHOP = Subject("222233334444", "eu-west-1", "main", "shop")

KEY = "AKIA" + "IOSFODNN7EXAMPLE"


@pytest.fixture
def store(empty_redis):
    made = Store.at(empty_redis, SEAL)
    yield made
    made.redis.connection_pool.disconnect()


def report(account="222233334444", at=None):
    at = at or datetime.now(UTC)
    return {"subject": {"account": account}, "checked_at": at.isoformat(), "headline": "x"}


def fix(status="shown", message=None, digest="h1", **more):
    return {"status": status, "hash": digest, "message": message, **more}


def test_an_answer_of_before_a_change_is_forgotten_even_if_it_lands_later(store):
    """
    A diagnosis that began before a fix is not shown after it; another account's is.
    """
    store.put_report("old", report(), ttl=60)
    store.put_report("other", report("333344445555"), ttl=60)
    slow = report()
    store.forget_reports("222233334444")
    store.put_report("slow", slow, ttl=60)
    store.put_report("new", report(at=datetime.now(UTC) + timedelta(seconds=1)), ttl=60)

    found = [name for name in ("old", "slow", "other", "new") if store.report(name)]

    assert ["other", "new"] == found


def test_an_answer_has_an_age_and_an_end(store, empty_redis):
    """
    What was kept comes back with its age, and not for ever.
    """
    data = report()
    store.put_report("f", data, ttl=60)

    kept, age = store.report("f")

    assert data == kept
    assert 0 <= age < PATIENCE
    assert 0 < Redis.from_url(empty_redis).ttl("ecs-pull:report:f") <= 60


def test_every_key_is_ours_and_none_stays_for_ever(store, empty_redis):
    """
    One prefix; only the audit stream and the list of what waits have no end.
    """
    store.put_report("f", report(), ttl=60)
    store.put_snapshot(SHOP, "arn:task/main/t1", {"reason": "x"})
    store.create_fix("f1", fix())
    store.journal_of("f1").append({"step": 0})
    store.audit({"event": "shown"})
    store.put_thread("C1", "1.0", {"user": "U1"})
    store.note_diagnosis("222233334444", {"at": 1.0})
    store.storm("C1", "k", "1.0", timedelta(minutes=10))
    store.first_time("Ev1")
    store.set_language("U1", "ja")
    store.set_group("S1", ["U1"], 300)
    redis = Redis.from_url(empty_redis, decode_responses=True)

    keys = redis.keys("*")

    assert [] == [k for k in keys if not k.startswith("ecs-pull:")]
    assert ["ecs-pull:audit", "ecs-pull:waiting"] == sorted(k for k in keys if redis.ttl(k) == -1)


def test_secrets_in_texts_are_not_kept(store, empty_redis):
    """
    Whatever people paste and AWS records is redacted on its way in.
    """
    said = {"question": {"text": f"denied for {KEY}"}, "list": [KEY]}
    store.put_thread("C1", "1.0", said)
    store.put_report("f", {**report(), "reason": KEY}, ttl=60)
    store.put_snapshot(SHOP, "arn:task/main/t1", {"reason": KEY})
    store.note_diagnosis("222233334444", {"at": 1.0, "headline": KEY})
    store.audit({"event": "shown", "where": KEY})
    redis = Redis.from_url(empty_redis)

    dumped = b"".join(redis.dump(k) for k in redis.keys("*"))

    assert KEY.encode() not in dumped
    assert "denied for [redacted]" == store.thread("C1", "1.0")["question"]["text"]


def stopped(minute, definition="shop:7"):
    at = datetime(2026, 1, 31, 9, minute, tzinfo=UTC)
    arn = f"arn:aws:ecs:eu-west-1:222233334444:task-definition/{definition}"
    return {"stopped_at": at.isoformat(), "definition": arn, "minute": minute, "group": None}


def test_an_older_task_does_not_hide_a_newer_one(store):
    """
    The newest by the time it stopped, not by the time somebody asked; each by its own id.
    """
    store.put_snapshot(SHOP, "arn:task/main/new", stopped(5))
    store.put_snapshot(SHOP, "arn:task/main/old", stopped(1))

    by_id = Subject("222233334444", "eu-west-1", "main", task="old")

    assert 5 == store.snapshot(SHOP)["minute"]
    assert 1 == store.snapshot(by_id)["minute"]
    assert store.snapshot(Subject("333344445555", "eu-west-1", "main", "shop")) is None


def test_a_task_of_another_revision_says_nothing(store):
    """
    After a fix the service runs a new revision: the old failure is not remembered for it.
    """
    store.put_snapshot(SHOP, "arn:task/main/t1", stopped(5))

    def asked(definition):
        return store.snapshot(
            Subject(*("222233334444", "eu-west-1", "main", "shop"), None, definition)
        )

    assert asked("arn:aws:ecs:eu-west-1:222233334444:task-definition/shop:8") is None
    assert asked("shop:7")["minute"] == asked("shop")["minute"] == 5


def test_a_task_that_was_asked_for_by_id_is_found_by_its_service(store):
    """
    ECS says which service a task belongs to.
    """
    by_id = Subject("222233334444", "eu-west-1", "main", task="t1")
    store.put_snapshot(by_id, "arn:task/main/t1", {**stopped(5), "group": "service:shop"})

    assert 5 == store.snapshot(SHOP)["minute"]


def test_a_late_update_does_not_take_an_approval_back(store):
    """
    Whoever posted the message is late; where it is stays known, and the approval stands.
    """
    store.create_fix("f1", fix())
    store.claim_fix("f1", "shown", fix("approved", by="U1"))

    store.update_fix("f1", fix("shown", message="1.5"))

    assert fix("approved", message="1.5", by="U1") == store.fix("f1")
    assert not store.claim_fix("f1", "shown", fix("approved", by="U2"))


def test_another_plan_may_be_shown_again_but_not_after_it_was_applied(store):
    """
    A stale plan is replaced before it runs; what runs is never replaced.
    """
    store.create_fix("f1", fix("approved"))
    store.update_fix("f1", fix("shown", digest="h2"))
    assert "shown" == store.fix("f1")["status"]

    store.update_fix("f1", fix("applying", digest="h2"))
    store.update_fix("f1", fix("shown", digest="h3"))

    assert ("applying", "h2") == (store.fix("f1")["status"], store.fix("f1")["hash"])


def test_an_event_is_taken_once(store):
    """
    A hundred deliveries of one event: one is new. Another one is new too.
    """
    with ThreadPoolExecutor(20) as pool:
        taken = list(pool.map(lambda _: store.first_time("Ev1"), range(100)))

    assert 1 == sum(taken)
    assert store.first_time("Ev2")


def test_a_storm_is_counted_where_it_began(store):
    """
    The same failure in the same channel; elsewhere it is another storm.
    """
    ten = timedelta(minutes=10)

    counted = [store.storm("C1", "k", thread, ten) for thread in ("1.0", "2.0", "3.0")]

    assert [(1, "1.0"), (2, "1.0"), (3, "1.0")] == counted
    assert (1, "9.0") == store.storm("C2", "k", "9.0", ten)


def test_the_last_diagnoses_are_those_of_the_accounts_asked(store):
    """
    Newest first, over several accounts, and no other's.
    """
    for at, account in enumerate(["222233334444", "333344445555", "123456789012"] * 2):
        store.note_diagnosis(account, {"at": float(at)})

    found = store.recent(["222233334444", "333344445555"], 3)

    assert [4.0, 3.0, 1.0] == [e["at"] for e in found]


def test_people_and_groups_are_remembered(store):
    """
    And unknown ones are unknown.
    """
    assert store.language("U1") is store.group("S1") is store.thread("C1", "1.0") is None
    store.set_language("U1", "ja")
    store.set_group("S1", ["U1"], 300)

    assert ("ja", ["U1"]) == (store.language("U1"), store.group("S1"))


def test_a_colon_makes_no_other_key(store):
    """
    Names of people and places cannot reach into one another.
    """
    store.put_thread("a:b", "c", {"n": 1})

    assert store.thread("a", "b:c") is None
