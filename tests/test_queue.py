"""Jobs start at once, run again when their worker is killed, and are counted."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import dramatiq
import pytest
from dramatiq.middleware import TimeLimitExceeded
from redis import Redis

from bot import queue
from bot.jobs import Queue, QueueAway
from tests.support.sealing import SEAL
from tests.support.working import RAN, start


def until(true, seconds=10.0):
    """Wait until *true* gives something, and return it."""
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.005)
    return found


@pytest.fixture(autouse=True)
def quiet():
    """Keep dramatiq from telling of failures that are meant here."""
    logger = logging.getLogger("dramatiq")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    yield
    logger.setLevel(before)


@pytest.fixture
def brokers():
    """Make brokers, and close their connections in the end."""
    made = []

    def make(url):
        made.append(queue.broker(url))
        return made[-1]

    yield make
    for one in made:
        one.client.connection_pool.disconnect()


@pytest.fixture
def client(empty_redis):
    with Redis.from_url(empty_redis, decode_responses=True) as made:
        yield made


@pytest.fixture
def jobs(empty_redis):
    """A queue with a worker in this process."""
    made, running = start(empty_redis)
    yield made
    running.stop()
    made.broker.client.connection_pool.disconnect()


def ran(client):
    return client.lrange(RAN, 0, -1)


# --- not taken -----------------------------------------------------------------------------


def test_a_job_that_redis_does_not_take_is_told_at_once(brokers):
    """
    Refused connections raise what the listeners know, in less than Slack's three seconds.
    """
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening
        jobs = Queue(brokers(f"redis://127.0.0.1:{nobody.getsockname()[1]}/0"), SEAL)
        began = time.monotonic()

        with pytest.raises(QueueAway):
            jobs("greet", n=1)

    assert time.monotonic() - began < 1


def test_a_job_that_redis_does_not_answer_is_told_in_time(brokers):
    """
    A Redis that takes the connection and says nothing.
    """
    with socket.create_server(("127.0.0.1", 0)) as silent:
        jobs = Queue(brokers(f"redis://127.0.0.1:{silent.getsockname()[1]}/0"), SEAL)
        began = time.monotonic()

        with pytest.raises(QueueAway):
            jobs("greet", n=1)

    assert time.monotonic() - began < 3


def test_an_unknown_job_is_our_mistake(empty_redis, brokers):
    """
    A name that no worker knows is not queued.
    """
    with pytest.raises(KeyError):
        Queue(brokers(empty_redis), SEAL)("no_such_job")


def test_dead_letters_cannot_be_counted_without_redis(brokers):
    """
    The figures are told without them.
    """
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        away = brokers(f"redis://127.0.0.1:{nobody.getsockname()[1]}/0")
        away.declare_queue("interactive")

        assert queue.dead_letters(away) is None
        assert "dead" not in queue.counters(away).exposition()


# --- run -----------------------------------------------------------------------------------


def test_the_queue_has_a_database_of_its_own(jobs, client, empty_redis):
    """
    Cleaning up after a dead worker looks at every key: the store's are elsewhere.
    """
    jobs("greet", n=1)
    until(lambda: ran(client))

    assert [RAN] == client.keys("*")


def test_a_lone_job_starts_at_once(jobs, client):
    """
    An idle worker looks often: dramatiq's own way would take 0.4 seconds and more.
    """
    took = []
    for number in range(1, 8):
        began = time.monotonic()
        jobs("greet", n=number)
        until(lambda wanted=number: client.llen(RAN) == wanted)
        took.append(time.monotonic() - began)

    assert sorted(took)[1] < 0.3


def test_a_job_starts_after_its_delay(jobs, client):
    """
    Not before, and soon after; what was queued later goes first.
    """
    began = time.monotonic()
    jobs("watch_fix", delay=0.6, n="late")
    jobs("greet", n="now")

    until(lambda: client.llen(RAN) == 2)

    assert 0.55 < time.monotonic() - began < 2
    assert ["now", "late"] == [r.split(":")[1] for r in ran(client)]


def test_a_job_runs_too_long_and_is_ended(empty_redis, brokers):
    """
    Time limits fire in a process that was not started by dramatiq's command line.
    """
    on = brokers(empty_redis)
    ended = []

    @dramatiq.actor(broker=on, time_limit=200, max_retries=0)
    def endless():
        try:
            while True:
                time.sleep(0.01)
        except TimeLimitExceeded:
            ended.append(True)
            raise

    running = queue.start_worker(on, threads=1)
    endless.send()

    until(lambda: ended, 5)
    until(lambda: queue.dead_letters(on) == {"default": 1}, 5)
    running.stop()


def test_a_running_job_ends_before_its_worker_does(empty_redis, brokers):
    """
    Being told to stop breaks into nothing: a fix is ended, and a thread that a job starts gets to run.
    """
    on = brokers(empty_redis)
    begun, ended = threading.Event(), []

    @dramatiq.actor(broker=on, max_retries=0)
    def working():
        for _ in range(50):
            with ThreadPoolExecutor(1) as pool:
                begun.set()
                ended.append(pool.submit(time.sleep, 0.01).result())

    running = queue.start_worker(on, threads=1)
    working.send()
    assert begun.wait(5)
    running.stop()

    assert 50 == len(ended)
    assert {"default": 0} == queue.dead_letters(on)


def test_what_the_queue_does_is_counted(jobs, client):
    """
    Taken, done, failed, given up: as Prometheus reads it.
    """
    jobs("greet", n=1)
    jobs("apply_fix", fails=True)  # never tried again: a person decides
    counted = queue.counters(jobs.broker)

    until(lambda: counted.done["greet"] and counted.failed["apply_fix"])
    until(lambda: queue.dead_letters(jobs.broker)["interactive"] == 1)

    lines = counted.exposition().splitlines()
    assert 'ecs_pull_jobs_enqueued_total{job="apply_fix"} 1' in lines
    assert 'ecs_pull_jobs_done_total{job="greet"} 1' in lines
    assert 'ecs_pull_jobs_failed_total{job="apply_fix"} 1' in lines
    assert 'ecs_pull_jobs_dead{queue="interactive"} 1' in lines


def test_a_failed_answer_is_tried_again(jobs, client):
    """
    Questions are, fixes are not.
    """
    jobs("greet", fails=True)
    jobs("apply_fix", fails=True)

    until(lambda: queue.counters(jobs.broker).failed["greet"] == 2)

    assert 1 == len([r for r in ran(client) if "apply_fix" in r])


# --- killed --------------------------------------------------------------------------------


def worker(url):
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.working", url], stdout=subprocess.PIPE
    )
    assert b"started\n" == process.stdout.readline()
    return process


def end(process):
    process.kill()
    process.communicate()


@pytest.mark.slow
def test_the_job_of_a_killed_worker_runs_again_elsewhere(client, empty_redis, brokers):
    """
    Within seven seconds, on a worker that was there all the time.
    """
    first = worker(empty_redis)
    Queue(brokers(empty_redis), SEAL)("show_fix", hold=True)
    until(lambda: ran(client))
    second = worker(empty_redis)
    end(first)
    began = time.monotonic()

    until(lambda: client.llen(RAN) == 2, 12)
    took = time.monotonic() - began
    end(second)

    assert took < 7
    assert [f"show_fix::{p.pid}" for p in (first, second)] == ran(client)
