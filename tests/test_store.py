"""The store over a real Redis: what it keeps, what happens once, and how it fails."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from bot import redis_server
from bot.facts import Subject
from bot.model import Call, Plan, Step, plan_from_json, plan_to_json
from bot.store import Forgetful, Overtaken, Store, StoreAway

SHOP = Subject("222233334444", "eu-west-1", "main", "shop")
PATIENCE = 10.0  # seconds that a test waits at most
KEY = "AKIA" + "IOSFODNN7EXAMPLE"


@pytest.fixture
def store(empty_redis):
    return Store.at(empty_redis)


def report(account="222233334444", at=None):
    at = at or datetime.now(UTC)
    return {"subject": {"account": account}, "checked_at": at.isoformat(), "headline": "x"}


def fix(status="shown", message=None, digest="h1", **more):
    return {"status": status, "hash": digest, "message": message, **more}


def until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)


def in_a_process(work):
    """Run *work* in a process of its own and return its id."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return child


# --- answers -------------------------------------------------------------------------------


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


# --- stopped tasks -------------------------------------------------------------------------


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


# --- one flight ----------------------------------------------------------------------------


def test_equal_questions_share_one_answer(store):
    """
    Twenty at once: one computes, all get it.
    """
    computed = []

    def ask(_):
        with store.flight("f", 30) as flight:
            if flight.result is None:
                computed.append(1)
                until(lambda: store.redis.info("clients")["blocked_clients"] == 19)
                flight.land({"answer": 42})
                return {"answer": 42}
            return flight.result

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(ask, range(20)))

    assert [{"answer": 42}] * 20 == answers
    assert 1 == len(computed)


def test_the_next_question_is_computed_anew(store):
    """
    A flight that has landed is over.
    """
    with store.flight("f", 30) as first:
        first.land({"n": 1})

    with store.flight("f", 30) as second:
        assert second.result is None


def test_a_leader_that_fails_frees_the_others_at_once(store):
    """
    Each finds out for itself why.
    """
    leading, waiting = threading.Event(), threading.Event()

    def fail():
        with store.flight("f", 30):
            leading.set()
            waiting.wait(PATIENCE)
            raise ValueError("no answer")

    def ask():
        leading.wait(PATIENCE)
        waiting.set()
        with store.flight("f", 30) as flight:
            return flight.result

    with ThreadPoolExecutor(2) as pool:
        failing, asking = pool.submit(fail), pool.submit(ask)

        assert asking.result(PATIENCE) is None
        with pytest.raises(ValueError, match="no answer"):
            failing.result(PATIENCE)


def test_a_leader_that_is_killed_is_replaced(store, empty_redis):
    """
    kill -9 of the leading process: within its lease somebody else leads.
    """

    def lead():
        other = Store.at(empty_redis)
        with other.flight("f", 30):
            other.redis.set("leading", 1)
            signal.pause()

    child = in_a_process(lead)
    until(lambda: store.redis.get("leading"))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)

    with store.flight("f", 30) as flight:
        assert flight.result is None
        flight.land({"n": 1})


# --- locks ---------------------------------------------------------------------------------


def test_a_lock_has_one_holder_and_is_renewed(store):
    """
    Held longer than its life, it is still held; given back, it is free.
    """
    with store.lock("a", 0.2) as held:
        assert held
        end = time.monotonic() + 0.6
        while time.monotonic() < end:
            with store.lock("a", 0.2) as other:
                assert not other
    with store.lock("a", 0.2) as again:
        assert again


def test_locks_of_several_names_are_taken_together(store):
    """
    Two fixes that share one resource exclude each other, and the loser keeps none of its names.
    """
    with store.lock(["role", "service"], 5) as held, store.lock(["policy", "role"], 5) as other:
        assert (held, other) == (True, False)
        with store.lock("policy", 5) as free:
            assert free


def test_the_lock_of_a_killed_worker_is_free_soon(store, empty_redis):
    """
    Before the queue gives the dead worker's job to another one.
    """

    def hold():
        other = Store.at(empty_redis)
        with other.lock("a", 1):
            other.redis.set("holding", 1)
            signal.pause()

    child = in_a_process(hold)
    until(lambda: store.redis.get("holding"))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)

    def free():
        with store.lock("a", 1) as held:
            return held

    until(free)


def test_a_lost_lock_is_not_given_back_for_its_new_holder(store):
    """
    Who was frozen too long does not free what somebody else holds now.
    """
    with store.lock("a", 5):
        store.redis.set("ecs-pull:lock:a", "somebody else")

    assert "somebody else" == store.redis.get("ecs-pull:lock:a")


# --- fixes ---------------------------------------------------------------------------------


def test_a_fix_is_claimed_once_by_any_number_of_processes(store, empty_redis):
    """
    A thousand approvals from four processes: one of them counts.
    """
    store.create_fix("f1", fix())

    def approve():
        mine = Store.at(empty_redis)

        def claim(n):
            if mine.claim_fix("f1", "shown", fix("approved", by=n)):
                mine.redis.rpush("won", n)

        with ThreadPoolExecutor(50) as pool:
            list(pool.map(claim, range(250)))

    children = [in_a_process(approve) for _ in range(4)]

    assert [0] * 4 == [os.waitpid(child, 0)[1] for child in children]
    assert 1 == store.redis.llen("won")
    assert "approved" == store.fix("f1")["status"]


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


def test_only_undecided_fixes_wait(store):
    """
    Newest first; what was decided does not wait any more.
    """
    for name in ("a", "b", "c"):
        store.create_fix(name, fix(id=name))
    store.claim_fix("b", "shown", fix("dismissed", id="b"))

    assert ["c", "a"] == [f["id"] for f in store.open_fixes()]


def test_nobody_claims_what_is_not_there(store):
    """
    An unknown id, or another status, is no approval.
    """
    assert store.fix("none") is None
    assert not store.claim_fix("none", "shown", fix("approved"))


NAMES = st.text(min_size=1, max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
CALLS = st.builds(Call, NAMES, NAMES, st.dictionaries(NAMES, VALUES, max_size=3))
STEPS = st.builds(
    Step, NAMES, NAMES, NAMES, NAMES, VALUES, VALUES, CALLS, st.none() | CALLS
)  # fmt: skip
PLANS = st.builds(Plan, st.lists(STEPS, max_size=3).map(tuple), st.sampled_from(["low", "high"]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(PLANS)
def test_a_plan_comes_back_as_it_was(store, plan):
    """
    Equality is the stale check, so the way through Redis loses nothing.
    """
    store.update_fix("f1", fix(plan=plan_to_json(plan), digest=plan.hash))

    kept = plan_from_json(store.fix("f1")["plan"])

    assert plan == kept
    assert plan.hash == kept.hash


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.dictionaries(NAMES, VALUES, max_size=3), max_size=4))
def test_a_journal_comes_back_as_it_was(store, entries):
    """
    Entry by entry, in order.
    """
    store.redis.flushdb()
    journal = store.journal_of("f1")
    for entry in entries:
        journal.append(entry)

    assert entries == store.journal_of("f1").entries()


def test_a_journal_has_one_writer(store):
    """
    Whoever has not read the newest entry cannot add one.
    """
    one, other = store.journal_of("f1"), store.journal_of("f1")
    one.entries()
    other.entries()
    one.append({"step": 0})

    with pytest.raises(Overtaken):
        other.append({"step": 1})
    assert [{"step": 0}] == store.journal_of("f1").entries()


def test_the_audit_stream_keeps_the_order(store):
    """
    Every event, oldest first, from any point on.
    """
    for n in range(3):
        store.audit({"event": "shown", "n": n})

    events = store.audit_since()

    assert [0, 1, 2] == [e["n"] for e in events]
    assert [2] == [e["n"] for e in store.audit_since(events[2]["id"])]


# --- conversations -------------------------------------------------------------------------


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


# --- Redis away ----------------------------------------------------------------------------

READS = {
    "report": (lambda s: s.report("f"), None),
    "snapshot": (lambda s: s.snapshot(SHOP), None),
    "recent": (lambda s: s.recent(["222233334444"], 3), []),
    "open_fixes": (lambda s: s.open_fixes(), []),
    "language": (lambda s: s.language("U1"), None),
    "group": (lambda s: s.group("S1"), None),
    "first_time": (lambda s: s.first_time("Ev1"), True),
    "put_report": (lambda s: s.put_report("f", report(), ttl=1), None),
    "storm": (lambda s: s.storm("C1", "k", "1.0", timedelta(1)), (1, "")),
}
GUARDS = {
    "create": lambda s: s.create_fix("f", fix()),
    "fix": lambda s: s.fix("f"),
    "update": lambda s: s.update_fix("f", fix()),
    "claim": lambda s: s.claim_fix("f", "shown", fix()),
    "entries": lambda s: s.journal_of("f").entries(),
    "append": lambda s: s.journal_of("f").append({}),
    "audit": lambda s: s.audit({}),
    "lock": lambda s: s.lock("a", 1).__enter__(),
    "thread": lambda s: s.thread("C1", "1.0"),
}


@pytest.fixture(scope="module")
def gone():
    server = redis_server.start()
    server.stop()
    return Store.at(server.url)


@pytest.mark.parametrize("name", READS)
def test_what_only_saves_time_is_done_without(gone, name):
    """
    Without Redis the bot is slower, not silent.
    """
    ask, expected = READS[name]

    assert expected == ask(gone)
    assert not gone.healthy
    assert not gone.ping()


@pytest.mark.parametrize("name", GUARDS)
def test_what_guards_a_change_raises(gone, name):
    """
    Without Redis nothing is changed in AWS.
    """
    with pytest.raises(StoreAway):
        GUARDS[name](gone)


def test_a_diagnosis_without_redis_is_computed(gone):
    """
    There is nobody to share with.
    """
    with gone.flight("f", 5) as flight:
        flight.land({"n": 1})
        assert flight.result is None


def test_redis_that_dies_in_the_middle_fails_closed_and_comes_back_healthy():
    """
    A lock is held, Redis is killed: the journal refuses; with Redis back all is well.
    """
    server = redis_server.start()
    store = Store.at(server.url)
    try:
        with store.lock("a", 1) as held:
            assert held
            os.killpg(server.process.pid, signal.SIGKILL)
            server.process.wait(PATIENCE)
            with pytest.raises(StoreAway):
                store.journal_of("f").append({"step": 0})
    finally:
        server.stop()
    assert not store.healthy


def test_a_redis_that_hangs_is_given_up_within_three_seconds():
    """
    An ack cannot wait for a server that accepts and says nothing.
    """
    with socket.create_server(("127.0.0.1", 0)) as silent:
        store = Store.at(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        began = time.monotonic()

        assert store.first_time("Ev1")
        assert time.monotonic() - began < 3


def test_the_store_of_one_command_knows_nothing_and_guards_nothing():
    """
    The command line without Redis: questions are answered, fixes are not kept.
    """
    store = Forgetful()

    assert store.report("f") is store.snapshot(SHOP) is None
    with pytest.raises(StoreAway):
        store.create_fix("f", fix())
