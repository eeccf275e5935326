"""Every listed fix: asked, previewed, approved, applied, denied more, verified, undone, state equal."""

from __future__ import annotations

import pytest

from bot.aws.client import Refused
from bot.model import Call
from bot.opening import Opening
from bot.permissions import action, fix_policy, needed, parts
from bot.question import Impossible
from bot.render import preview, words
from bot.service import BY_ID
from tests.harness.bench import ACCOUNTS, ALICE, BORA, done, undone
from tests.harness.outside import changes, outside
from tests.harness.settings import changed, everything
from tests.harness.table import CHOICES, FIXES
from tests.support.estate import unbound
from tests.support.hostile import message_harm

pytestmark = pytest.mark.no_cover  # much work: tracing would double it

EVERY = pytest.mark.parametrize("built", FIXES, ids=str, indirect=True)


def leaves(value, path=()):
    """Every setting inside *value*, with where it stands."""
    if isinstance(value, dict) and "$answer" not in value:
        return {
            k: v for name, inner in value.items() for k, v in leaves(inner, (*path, name)).items()
        }
    if isinstance(value, (list, tuple)):
        return {k: v for n, inner in enumerate(value) for k, v in leaves(inner, (*path, n)).items()}
    return {path: preview.NEW if isinstance(value, dict) else value}


def named(message):
    return str(message["blocks"]).replace("&lt;", "<").replace("&gt;", ">")


# --- nothing is left out --------------------------------------------------------------------


@EVERY
def test_every_way_to_fix_it_is_listed(bench, broken):
    """
    What an approver may choose from stands in the table, the default first.
    """
    offered = bench.ask(broken).choices

    assert CHOICES.get(broken.cause, offered[:1]) == offered


def test_every_change_of_the_fix_role_is_tried():
    """
    What is asked outside of a plan is all that the fix role may ever change.
    """
    tried = {
        f"{c.service}:{c.operation.replace('_', '')}"
        for c in changes("r", "r", "s", "f", "x", "z", "g")
    }
    may = {
        a.lower()
        for s in fix_policy("*")["Statement"]
        if s["Effect"] == "Allow"
        for a in s["Action"]
    }

    reads = ("get", "list", "describe", "pass", "tag")
    assert {a for a in may if not a.partition(":")[2].startswith(reads)} == tried


# --- what must not happen -------------------------------------------------------------------


@EVERY
def test_asking_and_previewing_change_nothing(bench, broken):
    """
    Whoever asks, looks, or may not approve has changed nothing anywhere.
    """
    fix = bench.ask(broken)
    for user in (ALICE, "U03MALLORY", ""):
        with pytest.raises(Impossible):
            bench.service.approve(fix.id, user=user, groups=(), shown=fix.hash[:16])
    assert "shown" == bench.service.apply(fix.id).fix.status

    assert [] == bench.writes()


@EVERY
def test_the_preview_names_every_change(bench, broken):
    """
    Each setting that is not as before, and each resource, stands in what the approver reads.
    """
    fix = bench.ask(broken)
    said = preview.diff(fix.plan, "en").splitlines()

    for step in fix.plan.steps:
        assert any(step.resource.split(":", 5)[-1] in line for line in said if line[0:1] == "#")
        before, after = leaves(step.before), leaves(step.after)
        for sign, here, there in (("-", before, after), ("+", after, before)):
            for path, value in here.items():
                if value is not None and there.get(path, None) != value:
                    shown = [line for line in said if line.startswith(sign)]
                    text = str(value).lower() if isinstance(value, bool) else str(value)
                    assert any(text in line for line in shown), (path, value, said)
    for language in words.LANGUAGES:
        shown = preview.proposed(
            fix, BY_ID[fix.cause], ACCOUNTS.find(broken.scenario.account), language
        )
        assert [] == message_harm(shown)
        assert all(s.resource.rpartition("/")[2] in named(shown) for s in fix.plan.steps)


@EVERY
def test_outside_its_plan_a_session_is_denied(bench, broken):
    """
    Each step's session: no other resource, no other change, no administrator, nothing deleted.
    """
    fix = bench.ask(broken)
    door_of = Opening(bench.service.doors, fix.plan, BORA, fix.id)
    bench.estate.calls.clear()

    for step in fix.plan.steps:
        together = next(p for p in parts(fix.plan) if step in p)
        door = unbound(door_of(step))
        for call in outside(step, needed(together, fix.plan)):
            with pytest.raises(Refused, match=r"AccessDenied|UnauthorizedOperation"):
                door.call(call)

    assert {"sts:AssumeRole"} == {c.action for c in bench.estate.calls if c.allowed}


# --- the story ------------------------------------------------------------------------------


@EVERY
def test_a_fix_repairs_is_verified_watched_audited_and_taken_back(bench, broken):
    """
    Exactly the change that was shown, once; a task runs; undone, every account is as it was.
    """
    was = everything(bench.estate)
    fix = bench.ask(broken)
    plan = fix.plan
    bench.approve(fix)

    applied = bench.apply(fix)
    again = bench.service.apply(fix.id)

    assert ("verified", "verified") == (applied.state, again.state)
    assert done(plan) == bench.writes()
    assert changed(was, everything(bench.estate)) <= {s.resource for s in plan.steps}
    assert "running" == bench.health(broken)
    assert "running" == bench.service.watch(applied.fix).state

    back = bench.undo(fix)

    assert "undone" == back.state
    assert undone(plan) == bench.writes()
    assert was == everything(bench.estate)
    assert ("failing" if plan.steps[0].undo else "running") == bench.health(broken)
    told(bench.audited(fix), fix, plan)
    bench.purge(plan)


def told(events, fix, plan):
    """The audit stream has who decided what, and each call with the id that CloudTrail has."""
    shown = [e for e in events if e["event"] == "shown"]
    later = events[len(shown) :]
    assert ["approved", "applied", "verified", "undo-approved", "undone"] == [
        e["event"] for e in later
    ]
    assert {ALICE} == {e["who"] for e in shown}
    assert {BORA} == {e["who"] for e in later}
    assert {fix.hash} == {e["hash"] for e in (shown[-1], *later)}  # what was seen last is approved
    calls = [e["calls"] for e in later if e["event"] in ("applied", "undone")]
    for found, expected in zip(calls, (done(plan), undone(plan)), strict=True):
        assert expected == [action(Call(c["service"], c["operation"], {})) for c in found]
    ids = [c["request_id"] for made in calls for c in made]
    assert all(ids)
    assert len(ids) == len(set(ids))
