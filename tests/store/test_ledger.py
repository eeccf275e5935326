"""Fixes are kept, decided once, and their journals and the audit are complete."""

from __future__ import annotations

import os
import threading
from collections import Counter
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.facts import Subject
from bot.fix import Fix, fix_from_json, fix_to_json
from bot.model import Call, Plan, Step
from bot.store import Store
from tests.support.sealing import SEAL

TEXT = st.text(max_size=12)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
CALL = st.builds(Call, TEXT, TEXT, st.dictionaries(TEXT, VALUE, max_size=3))
STEP = st.builds(Step, TEXT, TEXT, TEXT, TEXT, VALUE, VALUE, CALL, st.none() | CALL)
PLANS = st.builds(
    Plan, st.lists(STEP, max_size=3).map(tuple), st.sampled_from(["low", "medium", "high"])
)
MOMENT = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
FIXES = st.builds(
    Fix, TEXT, TEXT, st.builds(Subject, TEXT, TEXT, st.none() | TEXT), PLANS, TEXT, MOMENT, TEXT,
    TEXT, TEXT, choices=st.lists(TEXT, max_size=3).map(tuple), decided_at=st.none() | MOMENT,
    proof=st.dictionaries(TEXT, VALUE, max_size=3), outcome=st.dictionaries(TEXT, VALUE, max_size=3),
)  # fmt: skip


def fix(status="shown"):
    return {"id": "f", "status": status}


def test_fixes_come_back_as_they_were(store):
    """
    Through Redis and back every fix is equal.
    """

    @settings(max_examples=60, deadline=None)
    @given(FIXES)
    def check(kept):
        store.create_fix("f", fix_to_json(kept))

        assert kept == fix_from_json(store.fix("f"))

    check()


def test_a_fix_that_was_never_shown_is_not_known(store):
    """
    Unknown is None, and it can neither be claimed nor opened.
    """
    assert store.fix("none") is None
    assert not store.claim_fix("none", "shown", fix("approved"))
    assert [] == store.open_fixes()


def test_a_fix_of_another_status_cannot_be_claimed(store):
    """
    A claim says what it expects, and changes nothing where that is not so.
    """
    store.create_fix("f", fix("dismissed"))

    assert not store.claim_fix("f", "shown", fix("approved"))
    assert fix("dismissed") == store.fix("f")


def test_a_fix_is_claimed_once_by_a_thousand_threads_of_four_processes(store, empty_redis):
    """
    Whoever clicks, and wherever the job runs: one approval works.
    """
    store.create_fix("f", fix())
    children = []
    for process in range(4):
        pid = os.fork()
        if pid == 0:
            try:
                claim_by_many(empty_redis, process)
            finally:
                os._exit(0)
        children.append(pid)
    for pid in children:
        os.waitpid(pid, 0)

    counted = Counter(store.redis.lrange("claims", 0, -1))
    assert {"won": 1, "lost": 999} == counted
    assert "approved" == store.fix("f")["status"]


def claim_by_many(url, process):
    own, begin = Store.at(url, SEAL), threading.Event()

    def claim(thread):
        begin.wait()
        won = own.claim_fix("f", "shown", {**fix("approved"), "by": f"{process}-{thread}"})
        own.redis.rpush("claims", "won" if won else "lost")

    threads = [threading.Thread(target=claim, args=(n,)) for n in range(250)]
    for thread in threads:
        thread.start()
    begin.set()
    for thread in threads:
        thread.join()


def test_a_journal_keeps_its_order(store, empty_redis):
    """
    What one process appends another reads, in order; other fixes have journals of their own.
    """
    store.journal_of("f").append({"step": 0, "phase": "before"})
    Store.at(empty_redis, SEAL).journal_of("f").append(
        {"step": 0, "phase": "after", "answer": {"a": [1]}}
    )

    assert ["before", "after"] == [e["phase"] for e in store.journal_of("f").entries()]
    assert [] == store.journal_of("g").entries()
