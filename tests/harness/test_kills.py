"""A worker that dies at any moment of any fix: the next one ends it, once, or says why not."""

from __future__ import annotations

import itertools
import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot import fixing
from bot.actions import OBSERVES
from bot.opening import Opening
from tests.harness.bench import BORA, done, undone
from tests.harness.mortal import PER_STEP, Killed, Life, MortalDoor, MortalJournal, kill_9
from tests.harness.settings import everything, touched
from tests.harness.table import CHOICES, FIXES, KINDS, LOGIN
from tests.support.waiting import in_a_process, until

pytestmark = pytest.mark.no_cover  # much work: tracing would double it
# Other tags make the same calls with another value; other grants make other calls.
DIFFERENT = [c for c in FIXES if c.choice not in CHOICES["image-tag-missing"][1:]]
EVERY = pytest.mark.parametrize("built", DIFFERENT, ids=str, indirect=True)


def never(seconds):
    raise AssertionError("nothing is tried again")


def applied_with_a_login(plan, door_of, journal, wait):
    """Do as the process of a listener and then a worker: the former makes what waits for a login."""
    if plan.asking:
        fixing.enter(plan, door_of, journal, LOGIN, wait)
    return fixing.resume(plan, door_of, journal, wait)


def survived(how, plan, door_of, journal, life):
    """Do *how* as a worker that may die; True where it lived to the end."""
    try:
        how(plan, lambda s: MortalDoor(door_of(s), life), MortalJournal(journal, life), never)
    except Killed:
        return False
    return True


@EVERY
def test_killed_at_any_moment_a_fix_is_applied_once_and_undone_once(bench, broken):
    """
    After each entry and each call of applying, and of taking back: each call was made once.
    """
    plan, store = bench.ask(broken).plan, bench.service.store
    door_of = Opening(bench.service.doors, plan, BORA, "kills")
    was = touched(bench.estate, plan)
    bench.writes()

    for moment in itertools.count():
        journal = f"{broken}-{moment}"
        lived = survived(
            applied_with_a_login, plan, door_of, store.journal_of(journal), Life(moment)
        )
        outcome = applied_with_a_login(plan, door_of, store.journal_of(journal), never)
        assert done(plan) == bench.writes(), moment
        assert done(plan) == [action_of(c) for c in outcome.calls], moment
        lived &= survived(fixing.undo, plan, door_of, store.journal_of(journal), Life(moment))
        outcome = fixing.undo(plan, door_of, store.journal_of(journal), never)
        assert undone(plan) == bench.writes(), moment
        assert undone(plan) == [action_of(c) for c in outcome.calls], moment
        assert was == touched(bench.estate, plan), moment
        bench.purge(plan)
        if lived:
            break
    assert moment == PER_STEP * len(plan.steps)


def action_of(call):
    return f"{call['service']}:{call['operation'].title().replace('_', '')}"


@EVERY
def test_a_worker_that_nobody_heard_of_again_is_followed_by_one_that_ends(bench, broken):
    """
    AWS heard the first change, its worker is gone: applied once, verified, audited, taken back.
    """
    was = everything(bench.estate)
    fix = bench.approve(bench.ask(broken))
    bench.writes()
    with pytest.raises(Killed):
        bench.apply(fix, bench.mortal(Life(1)))
    assert "applying" == bench.service.fix(fix.id).status

    applied = bench.service.apply(fix.id)

    assert "verified" == applied.state
    assert done(fix.plan) == bench.writes()
    assert "running" == bench.health(broken)
    bench.service.request_undo(fix.id, user=BORA, groups=())
    if undone(fix.plan):
        with pytest.raises(Killed):
            bench.mortal(Life(1)).undo(fix.id)
    assert "undone" == bench.service.undo(fix.id).state
    assert undone(fix.plan) == bench.writes()
    assert was == everything(bench.estate)
    calls = [action_of(c) for e in bench.audited(fix) for c in e.get("calls", ())]
    assert done(fix.plan) + undone(fix.plan) == calls
    bench.purge(fix.plan)


def test_each_kind_of_step_has_a_case():
    """
    A new kind of step is killed as well.
    """
    assert OBSERVES.keys() == KINDS.keys()


def test_killed_by_the_system_after_a_call_of_each_kind(bench):
    """
    kill -9 once AWS has heard the change, for each kind of step: another process ends it, once.
    """
    bench.break_anew(*(case for case, _ in KINDS.values()))
    fixes = {kind: bench.approve(bench.ask(case)) for kind, (case, _) in KINDS.items()}
    bench.writes()
    for kind, fix in fixes.items():
        number = KINDS[kind][1]
        assert kind == fix.plan.steps[number].kind
        _, status = os.waitpid(in_a_process(dying(bench, fix, PER_STEP * number + 1)), 0)
        assert signal.SIGKILL == status

    for kind, fix in fixes.items():
        applied = []
        until(lambda fix=fix, applied=applied: busy_no_more(bench, fix, applied))
        assert "verified" == applied[-1].state
        assert "running" == bench.health(KINDS[kind][0])

    assert sorted(a for f in fixes.values() for a in done(f.plan)) == sorted(bench.writes())
    for fix in fixes.values():
        assert "undone" == bench.undo(fix).state
        bench.purge(fix.plan)


def dying(bench, fix, moment):
    """Return the work of a process that applies *fix*, up to a moment."""

    def work():
        bench.mortal_doors = None  # nor any other connection of the parent
        with ThreadPoolExecutor(4) as pool:
            bench.apply(fix, bench.mortal(Life(moment, kill_9), pool))

    return work


def busy_no_more(bench, fix, applied):
    """Tell whether the lease of the dead worker is over, and the fix was applied."""
    applied.append(bench.service.apply(fix.id))
    return applied[-1].state != "busy"
