"""Without Redis the bot is slower where it may be, and does nothing where it must not."""

from __future__ import annotations

import os
import signal
import socket
import time
from datetime import UTC, datetime, timedelta

import pytest

from bot import redis_server
from bot.facts import Subject
from bot.store import Forgetful, Store, StoreAway
from tests.support.sealing import SEAL
from tests.support.waiting import PATIENCE

SHOP = Subject("222233334444", "eu-west-1", "main", "shop")


def report(account="222233334444", at=None):
    at = at or datetime.now(UTC)
    return {"subject": {"account": account}, "checked_at": at.isoformat(), "headline": "x"}


def fix(status="shown", message=None, digest="h1", **more):
    return {"status": status, "hash": digest, "message": message, **more}


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
    return Store.at(server.url, SEAL)


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
    store = Store.at(server.url, SEAL)
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
        store = Store.at(f"redis://127.0.0.1:{silent.getsockname()[1]}/0", SEAL)
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
