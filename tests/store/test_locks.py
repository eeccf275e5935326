"""Locks and shared computations, over threads and over processes that are killed."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.fixing import SECONDS
from bot.queue import HEARTBEAT
from bot.store import Store
from tests.support.sealing import SEAL


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
    other = Store.at(empty_redis, SEAL)

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


def test_a_killed_holder_frees_the_lock_before_its_job_runs_again(store, empty_redis):
    """
    Within the 5 seconds after which the queue gives the job to another worker.
    """

    def work(begun):
        with Store.at(empty_redis, SEAL).lock("a", SECONDS):
            begun()
            threading.Event().wait(60)

    kill(child(work))
    began = time.monotonic()

    def free():
        with store.lock("a", SECONDS) as held:
            return held

    assert until(free)
    assert time.monotonic() - began < HEARTBEAT / 1000


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
    stores, answers = [Store.at(empty_redis, SEAL) for _ in range(4)], []
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


def test_who_waited_long_enough_finds_out_alone(store):
    """
    A leader that hangs holds nobody for longer than was said.
    """
    with store.flight("same", 30), store.flight("same", 0.5) as late:
        assert late.result is None
