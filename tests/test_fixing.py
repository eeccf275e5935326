"""A plan is applied once, whatever dies meanwhile; what somebody else changed is never touched."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace

import pytest

from bot import fixing
from bot.aws.client import Refused
from bot.fixing import Stopped, resume, undo
from bot.model import Plan
from bot.store import Overtaken, Store, StoreAway
from tests.support.doors import (
    FAMILY_ARN,
    PLANS,
    Aws,
    ListJournal,
    allowing,
    attachment_step,
    fresh,
    repository_step,
)
from tests.support.sealing import SEAL

REVISION = PLANS["revision"]


def never(seconds):
    raise AssertionError("nothing is tried again")


def phases(journal):
    return [(e["step"], e["phase"]) for e in journal.entries()]


def refusing(operation, *, retryable, times=1):
    """Return what refuses the first *times* calls of *operation*."""
    left = [times]

    def before(call):
        if call.operation == operation and left[0]:
            left[0] -= 1
            raise Refused("Throttled" if retryable else "AccessDenied", "no", retryable=retryable)

    return before


# --- what must not happen ------------------------------------------------------------------


def test_nothing_is_begun_where_a_later_step_would_stop():
    """
    Somebody deployed meanwhile: not even the first step is done.
    """
    aws, journal = Aws(), ListJournal()
    aws.kept["service"]["taskDefinition"] = f"{FAMILY_ARN}:9"

    with pytest.raises(Stopped) as stopped:
        resume(REVISION, aws.door, journal, never)

    assert (1, {"taskDefinition": f"{FAMILY_ARN}:9"}) == (stopped.value.step, stopped.value.live)
    assert [] == aws.kept["writes"]
    assert [(1, "stopped")] == phases(journal)


def test_somebody_elses_change_after_ours_is_not_taken_back():
    """
    Undo finds another policy than the one it left, shows it, and touches nothing.
    """
    aws, journal = Aws(), ListJournal()
    resume(PLANS["repository"], aws.door, journal, never)
    aws.kept["repository_policy"] = allowing("ecr:ListImages")

    with pytest.raises(Stopped) as stopped:
        undo(PLANS["repository"], aws.door, journal, never)

    assert allowing("ecr:ListImages") == stopped.value.live == aws.kept["repository_policy"]


def test_what_stood_so_before_is_not_taken_back():
    """
    A policy that somebody attached before us is theirs: skipped, and left alone by undo.
    """
    plan = Plan((attachment_step(),), "low")
    aws, journal = Aws(), ListJournal()
    aws.kept["attached"] = [plan.steps[0].after["policyArn"]]

    resume(plan, aws.door, journal, never)
    undo(plan, aws.door, journal, never)

    assert [] == aws.kept["writes"]
    assert [(0, "after")] == phases(journal)


def test_a_step_that_cannot_be_journaled_is_not_done():
    """
    Without the store there is no record, and without a record no change.
    """

    def away(entry):
        raise StoreAway("ConnectionError")

    aws = Aws()

    with pytest.raises(StoreAway):
        resume(REVISION, aws.door, ListJournal(before=away), never)

    assert [] == aws.kept["writes"]


def test_what_is_refused_is_not_tried_again():
    """
    A refusal for want of a permission is final; the steps before it can be taken back.
    """
    aws, journal = Aws(before=refusing("update_service", retryable=False)), ListJournal()

    with pytest.raises(Refused):
        resume(REVISION, aws.door, journal, never)
    undo(REVISION, aws.door, journal, never)

    assert ["register_task_definition", "deregister_task_definition"] == aws.kept["writes"]


def test_a_resource_that_vanishes_stops_the_fix():
    """
    The role is deleted between the look and the call.
    """
    aws, journal = Aws(), ListJournal()
    plan = Plan((attachment_step(),), "low")

    def vanish(entry):
        if entry["phase"] == "before":
            aws.kept["gone"] = ["role"]

    journal.before = vanish

    with pytest.raises(Stopped) as stopped:
        resume(plan, aws.door, journal, never)

    assert 0 == stopped.value.step
    assert "stopped" == journal.entries()[-1]["phase"]


# --- what must ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PLANS)
def test_undo_restores_every_field(name):
    """
    Applied and taken back, the account is what it was, field by field.
    """
    aws, journal = Aws(), ListJournal()
    was = aws.settings()

    done = resume(PLANS[name], aws.door, journal, never)
    assert was != aws.settings()
    undone = undo(PLANS[name], aws.door, journal, never)

    assert was == aws.settings()
    assert len(PLANS[name].steps) == len(done.calls)
    assert all(c["request_id"] for c in (*done.calls, *undone.calls))


def test_the_answer_of_a_step_reaches_the_next_one():
    """
    The service runs the revision that AWS named; only that name is kept of the answer.
    """
    aws, journal = Aws(), ListJournal()

    outcome = resume(REVISION, aws.door, journal, never)

    arn = f"{FAMILY_ARN}:8"
    assert arn == aws.kept["service"]["taskDefinition"]
    assert [{"taskDefinition": {"taskDefinitionArn": arn}}, {}] == outcome.answers


def test_applying_again_does_nothing_and_tells_the_same():
    """
    A job that runs twice changes nothing the second time.
    """
    aws, journal = Aws(), ListJournal()
    first = resume(REVISION, aws.door, journal, never)
    wrote = list(aws.kept["writes"])

    again = resume(REVISION, aws.door, journal, never)

    assert first == again
    assert wrote == aws.kept["writes"]


def test_taking_back_again_does_nothing():
    """
    Nor does a second undo.
    """
    aws, journal = Aws(), ListJournal()
    resume(REVISION, aws.door, journal, never)
    undo(REVISION, aws.door, journal, never)
    wrote = list(aws.kept["writes"])

    undo(REVISION, aws.door, journal, never)

    assert wrote == aws.kept["writes"]


@pytest.mark.parametrize("heard", [True, False], ids=["heard", "not heard"])
@pytest.mark.parametrize("name", PLANS)
def test_a_call_without_an_answer_is_made_once(name, heard):
    """
    Whether AWS heard it is seen in the live value; only what it did not hear is said again.
    """
    aws, journal, waited = Aws(), ListJournal(), []
    operation = PLANS[name].steps[0].do.operation
    lost = refusing(operation, retryable=True)
    setattr(aws, "after" if heard else "before", lost)
    once = fresh()

    resume(PLANS[name], aws.door, journal, waited.append)

    expected = Aws(kept=once)
    resume(PLANS[name], expected.door, ListJournal(), never)
    assert expected.kept == aws.kept
    assert [fixing.PAUSES[0]] == waited


def test_patience_ends():
    """
    A throttle that does not pass is told.
    """
    aws, waited = Aws(before=refusing("set_repository_policy", retryable=True, times=9)), []

    with pytest.raises(Refused):
        resume(PLANS["repository"], aws.door, ListJournal(), waited.append)

    assert list(fixing.PAUSES) == waited


# --- killed at any moment -------------------------------------------------------------------


class Life:
    """Counts the moments of a worker, and ends it at one of them as kill -9 does."""

    def __init__(self, moments):
        self.left = moments

    def moment(self, *_):
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1


class Mortal:
    """The journal in Redis, with a moment to die before and after each entry."""

    def __init__(self, journal, life):
        self.journal, self.life = journal, life

    def append(self, entry):
        self.life.moment()
        self.journal.append(entry)
        self.life.moment()

    def entries(self):
        return self.journal.entries()


def in_a_process(work):
    """Run *work* in a process of its own; True where it lived to the end."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL), "it ends, or it is killed"
    return status == 0


def survives(url, path, plan, how, prepare):
    """Kill the worker that does *how* at every moment in turn; yield what the next one leaves."""
    moments, alive = 0, False
    while not alive:
        path.unlink(missing_ok=True)
        name = f"{path.name}-{how.__name__}-{moments}"
        prepare(Store.at(url, SEAL).journal_of(name))
        died_at = moments

        def work(name=name, died_at=died_at):
            life = Life(died_at)
            aws = Aws(path, before=life.moment, after=life.moment)
            how(plan, aws.door, Mortal(Store.at(url, SEAL).journal_of(name), life), never)

        alive = in_a_process(work)
        aws, journal = Aws(path), Store.at(url, SEAL).journal_of(name)
        how(plan, aws.door, journal, never)
        yield aws.load()
        moments += 1
    assert moments > 3 * len([s for s in plan.steps if how is resume or s.undo])


@pytest.mark.parametrize("name", PLANS)
def test_a_worker_killed_at_any_moment_leaves_the_fix_applied_once(empty_redis, tmp_path, name):
    """
    kill -9 before and after each entry and each call: the next worker ends where one would have.
    """
    expected = Aws()
    resume(PLANS[name], expected.door, ListJournal(), never)

    for state in survives(empty_redis, tmp_path / name, PLANS[name], resume, lambda journal: None):
        assert expected.kept == state


@pytest.mark.parametrize("name", PLANS)
def test_a_worker_killed_while_undoing_leaves_it_undone_once(empty_redis, tmp_path, name):
    """
    The same for taking back.
    """
    path = tmp_path / name
    expected, kept = Aws(), ListJournal()
    resume(PLANS[name], expected.door, kept, never)
    applied = json.dumps(expected.kept)
    undo(PLANS[name], expected.door, kept, never)

    def prepare(journal):
        path.write_text(applied)
        for entry in kept.entries():
            if not entry["phase"].startswith("undo"):
                journal.append(entry)

    for state in survives(empty_redis, path, PLANS[name], undo, prepare):
        assert expected.kept == state


def test_a_call_whose_answer_died_with_its_worker_is_told_without_its_request():
    """
    AWS heard the call and nobody the answer: it was made, so it is told, and so is its undo.
    """

    class Gone(BaseException):
        pass

    def die(call):
        raise Gone

    plan, aws, journal = Plan((repository_step(),), "low"), Aws(after=die), ListJournal()
    told = []
    for how in (resume, undo):
        with pytest.raises(Gone):
            how(plan, aws.door, journal, never)
        told += how(plan, Aws(kept=aws.kept).door, journal, never).calls

    assert ["set_repository_policy", "delete_repository_policy"] == aws.kept["writes"]
    assert aws.kept["writes"] == [c["operation"] for c in told]
    assert {None} == {c["request_id"] for c in told}


def test_a_frozen_worker_does_not_go_on(empty_redis):
    """
    Another worker finished the fix while this one slept: its next entry is refused.
    """
    store, aws = Store.at(empty_redis, SEAL), Aws()
    sleeper = store.journal_of("f")
    assert [] == sleeper.entries()
    resume(REVISION, aws.door, store.journal_of("f"), never)

    with pytest.raises(Overtaken):
        sleeper.append({"step": 0, "phase": "before"})


def test_a_changed_policy_is_put_back_as_it_was():
    """
    Undo of a replaced policy restores the old document, not its absence.
    """
    old = allowing("ecr:ListImages")
    step = repository_step()
    back = replace(step.do, params={**step.do.params, "policyText": json.dumps(old)})
    plan = Plan((replace(step, before=old, undo=back),), "low")
    aws, journal = Aws(), ListJournal()
    aws.kept["repository_policy"] = old

    resume(plan, aws.door, journal, never)
    assert step.after == aws.kept["repository_policy"]
    undo(plan, aws.door, journal, never)

    assert old == aws.kept["repository_policy"]
