"""Locks and shared computations, over threads and over processes that are killed."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from bot.fixing import SECONDS
from bot.queue import HEARTBEAT
from bot.store import Store, StoreAway
from bot.store.locks import LEASE


def until(true, seconds=10.0):
    """Wait until *true* is, and tell whether it came to be."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.01)
    return False


def child(work):
    """Run *work* in a process of its own, and return its id once it has begun."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            work(lambda: os.write(writing, b"."))
        finally:
            os._exit(0)
    os.close(writing)
    assert b"." == os.read(reading, 1)
    os.close(reading)
    return pid


def kill(pid):
    os.kill(pid, 9)
    os.waitpid(pid, 0)


# --- locks ---------------------------------------------------------------------------------


def test_a_lock_is_held_by_one(store, empty_redis):
    """
    Neither the same store nor another process's gets a lock that is held; another one it does.
    """
    other = Store.at(empty_redis)

    with store.lock("a", 60) as held:
        with store.lock("a", 60) as twice, other.lock("a", 60) as elsewhere:
            assert (True, False, False) == (held, twice, elsewhere)
        with other.lock("b", 60) as another:
            assert another
        with other.lock("a", 60) as still:
            assert not still
    with other.lock("a", 60) as free:
        assert free


def test_a_lock_is_free_after_a_failure(store):
    """
    What goes wrong inside does not leave the lock behind.
    """
    with pytest.raises(ValueError, match="inside"), store.lock("a", 60):
        raise ValueError("inside")

    with store.lock("a", 60) as free:
        assert free


def test_nobody_releases_a_lock_of_somebody_else(store, empty_redis):
    """
    Whose lease ran out and went to another one leaves it alone at the end.
    """
    other = Store.at(empty_redis)
    with store.lock("a", 60) as held:
        (key,) = store.redis.keys("*lock*")
        store.redis.delete(key)  # as if its time had run out
        with other.lock("a", 60) as taken:
            assert held
            assert taken
            owner = store.redis.get(key)
            store._release([key], "not the owner")
            assert owner == store.redis.get(key)


def test_locks_are_taken_together_or_not_at_all(store, empty_redis):
    """
    Who needs two of which one is held gets neither; in any order they are the same locks.
    """
    other = Store.at(empty_redis)
    with store.lock("a", 60):
        with other.lock(["b", "a"], 60) as both:
            assert not both
        with other.lock("b", 60) as free:
            assert free
    with store.lock(["a", "b"], 60) as both, other.lock(["b", "a"], 60) as again:
        assert both
        assert not again


def test_a_lock_is_renewed_while_it_is_held(store):
    """
    A lease that would run out in a moment is long again before it does.
    """
    with store.lock("a", 0.8):
        (key,) = store.redis.keys("*lock*")
        store.redis.pexpire(key, 300)

        assert until(lambda: store.redis.pttl(key) > 300, 1)


def test_a_killed_holder_frees_the_lock_before_its_job_runs_again(store, empty_redis):
    """
    Within the 5 seconds after which the queue gives the job to another worker.
    """

    def work(begun):
        with Store.at(empty_redis).lock("a", SECONDS):
            begun()
            threading.Event().wait(60)

    kill(child(work))
    began = time.monotonic()

    def free():
        with store.lock("a", SECONDS) as held:
            return held

    assert until(free)
    assert time.monotonic() - began < HEARTBEAT / 1000


def test_no_redis_no_lock(away):
    """
    A lock guards: without Redis nothing is done under it.
    """
    with pytest.raises(StoreAway), away.lock("a", 60):
        pytest.fail("must not be reached")


# --- flights -------------------------------------------------------------------------------


def ask(store, key, found, answers):
    """Ask as the service does: compute where nobody shares."""
    with store.flight(key, 30) as flight:
        if flight.result is None:
            answers.append(found())
            flight.land(answers[-1])
            return answers[-1]
        return flight.result


def test_different_questions_do_not_wait(store):
    """
    One flight inside another, of another question, leads at once.
    """
    began = time.monotonic()

    with store.flight("one", 30) as one, store.flight("two", 30) as two:
        assert one.result is None
        assert two.result is None

    assert time.monotonic() - began < 0.5


def test_equal_questions_share_one_answer(empty_redis):
    """
    Forty people over four processes' stores: one computation, forty equal answers.
    """
    stores, answers = [Store.at(empty_redis) for _ in range(4)], []
    together = threading.Barrier(40)

    def slow():
        time.sleep(0.3)  # the computation
        return {"n": 1}

    def person(number):
        together.wait()
        return ask(stores[number % 4], "same", slow, answers)

    with ThreadPoolExecutor(40) as pool:
        found = list(pool.map(person, range(40)))

    assert [{"n": 1}] == answers
    assert [{"n": 1}] * 40 == found


def test_an_answer_of_before_is_not_shared(store):
    """
    Who asks after an answer has landed gets a computation of their own.
    """
    answers = []

    ask(store, "same", lambda: "old", answers)
    ask(store, "same", lambda: "new", answers)

    assert ["old", "new"] == answers


def followers(store, key, count, answers):
    """Start *count* askers of *key* and return them with their pool, once all of them wait."""
    pool = ThreadPoolExecutor(count)
    asked = [pool.submit(ask, store, key, lambda: "own", answers) for _ in range(count)]
    assert until(lambda: store.redis.info("clients")["blocked_clients"] >= count)
    return pool, asked


def test_a_failing_leader_frees_the_others(store):
    """
    Each finds out for itself, at once.
    """
    answers = []
    with suppress(ValueError), store.flight("same", 30):
        pool, asked = followers(store, "same", 3, answers)
        raise ValueError("failed")

    began = time.monotonic()
    assert ["own"] * 3 == [a.result(10) for a in asked]
    assert time.monotonic() - began < 1
    pool.shutdown()


def test_a_killed_leader_frees_the_others(store, empty_redis):
    """
    One of them leads when the lease has run out, and the rest shares what it finds.
    """
    answers = []

    def work(begun):
        with Store.at(empty_redis).flight("same", 60):
            begun()
            threading.Event().wait(60)

    pid = child(work)
    pool, asked = followers(store, "same", 3, answers)
    kill(pid)

    assert ["own"] * 3 == [a.result(LEASE + 4) for a in asked]
    assert 1 == len(answers)
    pool.shutdown()


def test_who_waited_long_enough_finds_out_alone(store):
    """
    A leader that hangs holds nobody for longer than was said.
    """
    with store.flight("same", 30), store.flight("same", 0.5) as late:
        assert late.result is None


def test_no_redis_no_sharing(away):
    """
    Without Redis everyone computes, at once.
    """
    answers = []

    assert "own" == ask(away, "same", lambda: "own", answers)
    assert "own" == ask(away, "same", lambda: "own", answers)
    assert 2 == len(answers)
