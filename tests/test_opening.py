"""One session for all that a fix does in an account; several where one could not hold it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from bot.aws.client import Refused
from bot.fixing import resume
from bot.model import Plan
from bot.opening import Opening
from tests.support.doors import (
    PLANS,
    Aws,
    FakeDoor,
    ListJournal,
    attachment_step,
    deployment_step,
    repository_step,
)


@dataclass
class Sessions:
    """Hands out doors and keeps for which steps; *most* are allowed in one session."""

    aws: Aws = field(default_factory=Aws)
    most: int = 99
    code: str = "PackedPolicyTooLarge"
    opened: list = field(default_factory=list)

    def fix(self, account, region, *, approver, plan, reference, steps):
        if len(steps) > self.most:
            raise Refused(self.code, "too large")
        self.opened.append([s.kind for s in steps])
        return FakeDoor(self.aws, account, region)


def applied(plan, sessions):
    resume(plan, Opening(sessions, plan, "U02BORA", "fx1"), ListJournal(), lambda _: None)


@pytest.mark.parametrize("name", PLANS)
def test_a_fix_opens_one_session_for_each_account(name):
    """
    The role is assumed no more often than there are accounts.
    """
    sessions, plan = Sessions(), PLANS[name]
    applied(plan, sessions)

    assert len({s.account for s in plan.steps}) == len(sessions.opened)
    assert [s.kind for s in plan.steps] == [k for part in sessions.opened for k in part]


def test_what_sts_finds_too_large_is_asked_for_step_by_step():
    """
    It packs the policy with the tags: only it knows.
    """
    sessions, plan = Sessions(most=1), PLANS["revision"]
    applied(plan, sessions)

    assert [[s.kind] for s in plan.steps] == sessions.opened


def test_another_refusal_is_not_tried_in_parts():
    """
    A role that does not trust the bot will not trust it for less.
    """
    sessions = Sessions(most=1, code="AccessDenied")

    with pytest.raises(Refused):
        applied(PLANS["revision"], sessions)
    assert [] == sessions.opened


def test_a_policy_too_long_for_one_session_is_parted_before_sts_is_asked():
    """
    Steps with long names have a session for as many as fit.
    """
    long = [replace(deployment_step(), resource=f"arn:{n}" + "x" * 900) for n in range(4)]
    plan = Plan((attachment_step(), repository_step(), *long), "low")
    sessions = Sessions()
    door_of = Opening(sessions, plan, "U02BORA", "fx1")
    for step in plan.steps:
        door_of(step)

    assert 6 == sum(map(len, sessions.opened))
    assert 2 < len(sessions.opened) < 6
