"""Nothing is applied without an allowed person who saw this very plan in time."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.fix import (
    LIFETIME,
    UNDO_LIFETIME,
    authorisation,
    fix_from_json,
    fix_to_json,
    may_decline,
    may_undo,
    with_plan,
)
from bot.fixes import Fixes
from bot.model import Plan
from bot.question import Impossible
from tests.support.reports import ACCOUNT, ALICE, BOB, FIXABLE, NOW, fix_of

FIX = fix_of("image-tag-missing")
GLASS = replace(ACCOUNT, second_person=True, break_glass=True)
ACCOUNTS = st.one_of(
    st.none(),
    st.builds(
        replace,
        st.just(ACCOUNT),
        fix_role=st.sampled_from([None, "arn:aws:iam::222233334444:role/fix"]),
        approvers=st.lists(st.sampled_from([ALICE, BOB, "S01PLATFORM"])).map(tuple),
        second_person=st.booleans(),
        break_glass=st.booleans(),
        fixes=st.sampled_from([None, (), ("image-tag-missing",), ("other",)]),
    ),
)
STATUSES = st.sampled_from(
    ["shown", "approved", "applying", "applied", "verified", "failed", "dismissed", "undone"]
)
USERS = st.sampled_from([ALICE, BOB, ""])
GROUPS = st.lists(st.sampled_from(["S01PLATFORM", "S02OTHER"]))
TIMES = st.integers(-10, 4000).map(lambda s: NOW + timedelta(seconds=s))
REASONS = st.sampled_from(["", "  ", "\n", "checkout is down and nobody answers"])
SHOWN = st.one_of(st.integers(0, 64).map(lambda n: FIX.hash[:n]), st.text(max_size=70))


def allowed(
    fix=FIX, account=ACCOUNT, user=ALICE, groups=(), now=NOW, shown=FIX.hash[:16], because=""
):
    return authorisation(
        fix, account, user=user, groups=groups, now=now, shown=shown, because=because
    )


@given(ACCOUNTS, STATUSES, USERS, GROUPS, TIMES, SHOWN, REASONS)
def test_no_way_around(account, status, user, groups, now, shown, because):
    """
    Whoever passes is an approver, in time, the first to decide, and saw this plan.
    """
    fix = replace(FIX, status=status)
    if allowed(fix, account, user, groups, now, shown, because) is None:
        assert account.fix_role
        assert account.fixes is None or FIX.cause in account.fixes
        assert {user, *groups} & set(account.approvers)
        if account.second_person and user == FIX.asked_by:
            assert account.break_glass
            assert because.strip()
        assert "shown" == status
        assert now < NOW + LIFETIME
        assert len(shown) >= 16
        assert FIX.hash.startswith(shown)


@given(ACCOUNTS, STATUSES, USERS, GROUPS, TIMES, SHOWN, REASONS)
def test_breaking_the_glass_lifts_the_second_person_alone(
    account, status, user, groups, now, shown, because
):
    """
    With a reason nobody may do what is not allowed without one where no second person is asked for.
    """
    asked = (replace(FIX, status=status), account, user, groups, now, shown)
    lenient = (asked[0], account and replace(account, second_person=False), *asked[2:])

    if allowed(*asked, because) is None:
        assert allowed(*lenient) is None
    if not (account and account.break_glass):
        assert allowed(*asked) == allowed(*asked, because)


@dataclass
class OneFix:
    """A store of one fix, and the accounts that it changes."""

    kept: dict
    accounts: dict

    def find(self, name):
        return self.accounts[name]

    def fix(self, fix_id):
        return self.kept

    def claim_fix(self, fix_id, status, fix):
        found, self.kept = self.kept["status"] == status, fix
        return found

    def audit(self, event):
        pass


APPROVING = st.builds(
    replace,
    st.just(ACCOUNT),
    approvers=st.sampled_from([(ALICE,), (ALICE, BOB), ("S01PLATFORM",), ()]),
    second_person=st.booleans(),
    break_glass=st.booleans(),
    fixes=st.sampled_from([None, None, ()]),
)


@given(
    APPROVING,
    APPROVING,
    st.sampled_from(["shown", "shown", "approved"]),
    USERS,
    GROUPS,
    st.sampled_from([NOW, NOW + LIFETIME - timedelta(seconds=1), NOW + LIFETIME]),
    st.sampled_from([16, 64, 15]),
    REASONS,
)
@example(ACCOUNT, ACCOUNT, "shown", ALICE, [], NOW, 16, "")
@example(ACCOUNT, GLASS, "shown", ALICE, [], NOW, 16, "it burns")
@example(ACCOUNT, replace(ACCOUNT, approvers=(BOB,)), "shown", ALICE, [], NOW, 16, "")
def test_every_account_that_is_changed_must_allow_it(
    home, other, status, user, groups, now, digits, because
):
    """
    A fix of two accounts is approved where each of them alone would approve it, and only there.
    """
    step = replace(FIX.plan.steps[0], account="333344445555")
    fix = with_plan(FIX, Plan((*FIX.plan.steps, step), "low"))
    fix, shown = replace(fix, status=status), fix.hash[:digits]
    world = OneFix(fix_to_json(fix), {FIX.subject.account: home, "333344445555": other})
    expected = [allowed(fix, a, user, groups, now, shown, because) for a in (home, other)]

    try:
        fixes = Fixes(world, None, world, None, lambda: now)
        fixes.approve(fix.id, user=user, groups=groups, shown=shown, because=because)
    except Impossible as reason:
        assert next(e for e in expected if e) == reason.name
        assert status == world.kept["status"]
    else:
        assert [None, None] == expected
        assert ("approved", user) == (world.kept["status"], world.kept["decided_by"])


@given(ACCOUNTS, STATUSES, USERS, GROUPS)
def test_only_approvers_decline(account, status, user, groups):
    """
    Whoever declines could have approved, and is the first to decide.
    """
    fix = replace(FIX, status=status)
    if may_decline(fix, account, user=user, groups=groups) is None:
        assert {user, *groups} & set(account.approvers)
        assert "shown" == status


@pytest.mark.parametrize(
    ("expected", "changes"),
    [
        ("no_fix", {"account": None}),
        ("no_approvers", {"account": replace(ACCOUNT, approvers=())}),
        ("not_approver", {"user": BOB}),
        ("second_person", {"account": replace(ACCOUNT, second_person=True)}),
        ("second_person", {"account": GLASS}),
        ("second_person", {"account": GLASS, "because": " "}),
        (
            "second_person",
            {"account": replace(ACCOUNT, second_person=True), "because": "it burns"},
        ),
        ("not_approver", {"account": GLASS, "user": BOB, "because": "it burns"}),
        (None, {"account": GLASS, "because": "it burns"}),
        ("decided", {"fix": replace(FIX, status="approved")}),
        ("expired", {"now": NOW + LIFETIME}),
        ("changed", {"shown": FIX.hash[:15]}),
        ("changed", {"shown": ""}),
        ("changed", {"shown": "0" * 16}),
        ("changed", {"shown": FIX.hash + "0"}),
        ("changed", {"fix": with_plan(FIX, Plan(FIX.plan.steps, "high"))}),
        (None, {}),
        (
            None,
            {
                "user": BOB,
                "groups": ["S01PLATFORM"],
                "account": replace(ACCOUNT, second_person=True),
            },
        ),
    ],
)
def test_each_refusal_has_its_reason(expected, changes):
    """
    A person learns why not.
    """
    assert expected == allowed(**changes)


@given(ACCOUNTS, STATUSES, USERS, GROUPS, st.integers(-10, 200_000), st.booleans(), REASONS)
def test_no_way_around_for_undo(account, status, user, groups, later, dated, because):
    """
    Only an approver takes back, only what was applied, only for a day, and no first person alone.
    """
    fix = replace(FIX, status=status, decided_at=NOW if dated else None)
    now = NOW + timedelta(seconds=later)
    if may_undo(fix, account, user=user, groups=groups, now=now, because=because) is None:
        first = account.second_person and user == fix.asked_by
        assert not first or (account.break_glass and because.strip())
        assert account.may_fix(FIX.cause)
        assert {user, *groups} & set(account.approvers)
        assert status in ("applied", "verified", "failed")
        assert dated
        assert now < NOW + UNDO_LIFETIME


def test_an_approver_takes_back_in_time():
    """
    Whoever may approve may undo.
    """
    fix = replace(FIX, status="verified", decided_at=NOW)

    assert may_undo(fix, ACCOUNT, user=ALICE, groups=(), now=NOW) is None


@pytest.mark.parametrize("name", FIXABLE)
def test_a_fix_survives_storage(name):
    """
    What comes back from the store is the same plan with the same hash.
    """
    fix = fix_of(name, status="applied", decided_by=BOB, decided_at=NOW, outcome={"calls": 2})
    back = fix_from_json(json.loads(json.dumps(fix_to_json(fix))))

    assert fix.hash == back.hash
    assert fix_to_json(fix) == fix_to_json(back)
    assert fix.expires_at == back.expires_at


def test_another_plan_is_not_approved():
    """
    An approval is for one plan.
    """
    fix = with_plan(
        replace(
            FIX, status="approved", decided_by=BOB, decided_at=NOW, break_glass=True, reason="x"
        ),
        Plan((), "low"),
        "b",
    )

    assert ("shown", None, None, "b") == (fix.status, fix.decided_by, fix.decided_at, fix.choice)
    assert (False, "") == (fix.break_glass, fix.reason)
