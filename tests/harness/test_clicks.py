"""A thousand clicks on one button, over four processes: one approval, applied once."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from redis import Redis

from bot.question import Impossible
from bot.service import Service
from bot.store import Store
from playground import scenarios
from tests.harness.bench import ACCOUNTS, BORA, done, undone
from tests.harness.table import Case
from tests.support.sealing import SEAL
from tests.support.waiting import in_a_process, until

PROCESSES, THREADS = 4, 250
CASE = Case("execution-role-lacks-image-read")


def clicking(bench, fix):
    """Return the work of one process: all click at once, then each job that could be is run."""

    def work():
        with Redis.from_url(bench.redis_url) as redis, ThreadPoolExecutor(4) as pool:
            service = Service(ACCOUNTS, bench.doors(), Store.at(bench.redis_url, SEAL), pool)
            go, said = threading.Event(), []

            def click():
                go.wait(30)
                try:
                    service.approve(fix.id, user=BORA, groups=(), shown=fix.hash[:16])
                    said.append("approved")
                except Impossible as reason:
                    said.append(reason.name)

            threads = [threading.Thread(target=click) for _ in range(THREADS)]
            for thread in threads:
                thread.start()
            redis.rpush("ready", 1)
            redis.blpop("go", 30)
            go.set()
            for thread in threads:
                thread.join()
            redis.rpush("said", *said)
            redis.rpush("applied", service.apply(fix.id).state)

    return work


def test_a_thousand_clicks_over_four_processes_apply_it_once(bench):
    """
    One click is taken, all others are told so; four workers that run the job make each call once.
    """
    bench.break_anew(CASE)
    fix = bench.ask(CASE)
    bench.writes()
    with Redis.from_url(bench.redis_url, decode_responses=True) as redis:
        children = [in_a_process(clicking(bench, fix)) for _ in range(PROCESSES)]
        until(lambda: redis.llen("ready") == PROCESSES)
        redis.rpush("go", *range(PROCESSES))
        assert {0} == {os.waitpid(child, 0)[1] for child in children}
        said, applied = (redis.lrange(name, 0, -1) for name in ("said", "applied"))

    assert PROCESSES * THREADS == len(said)
    assert 1 == said.count("approved")
    assert {"approved", "decided"} == set(said)
    assert {"verified"} <= set(applied) <= {"verified", "unverified", "busy"}
    assert done(fix.plan) == bench.writes()
    events = [e["event"] for e in bench.audited(fix)]
    assert [1, 1, 1] == [events.count(e) for e in ("approved", "applied", "verified")]
    assert "running" == bench.health(CASE)
    assert "undone" == bench.undo(fix).state
    assert undone(fix.plan) == bench.writes()
    bench.estate.tick()
    assert "failing" == scenarios.health(bench.estate, CASE.scenario)


class Slow(Store):
    """A store whose worker is overtaken by another one just before it gets the lock."""

    def overtaken(self, by):
        self.by = [by]
        return self

    @contextmanager
    def lock(self, names, seconds):
        while self.by:
            self.by.pop()()
        with super().lock(names, seconds) as alone:
            yield alone


def test_a_worker_that_was_overtaken_leaves_the_record_alone(bench):
    """
    What another worker has applied, or taken back, meanwhile is not judged by what was read before.
    """
    bench.break_anew(CASE)
    fix, service, told = bench.approve(bench.ask(CASE)), bench.service, []
    bench.writes()

    def overtaken(by):
        store = Slow.at(bench.redis_url, SEAL).overtaken(lambda: told.append(by(fix.id).state))
        return Service(ACCOUNTS, service.doors, store, bench.pool)

    assert "verified" == overtaken(service.apply).apply(fix.id).state
    assert "verified" == service.fix(fix.id).status
    service.request_undo(fix.id, user=BORA, groups=())
    assert "undone" == overtaken(service.undo).undo(fix.id).state

    assert ["verified", "undone"] == told
    assert done(fix.plan) + undone(fix.plan) == bench.writes()
    events = [e["event"] for e in bench.audited(fix)]
    assert [1, 1] == [events.count(e) for e in ("applied", "undone")]
