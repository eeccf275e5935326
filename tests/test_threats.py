"""Somebody who can write to Redis, and the page that says who can do what."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from bot.facts import Subject
from bot.fix import fix_to_json
from bot.model import Call, Plan
from bot.symptom import EMPTY
from playground import scenarios
from tests.support.bot import BORA, SHOP

PAGE = Path("docs/security.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"


def proposed(bot, name):
    found = scenarios.named(name)
    where = Subject(found.account, found.region, found.cluster, found.service)
    return bot.service.propose(
        where, EMPTY, found.cause, asked_by=BORA, channel=SHOP, thread="1.0", report="1.1"
    )


def test_a_plan_that_was_forged_in_redis_is_not_run(bot):
    """
    A record that says approved is planned again from the account; another plan is not applied.
    """
    fix = proposed(bot, "execution-role-lacks-image-read")
    step = next(s for s in fix.plan.steps if s.kind.startswith("role-"))
    role = step.resource.rpartition("/")[2]
    do = Call("iam", "attach_role_policy", {"RoleName": role, "PolicyArn": ADMIN})
    plan = Plan((replace(step, kind="role-policy-attachment", do=do),), "low")
    forged = replace(fix, plan=plan, status="approved", decided_by=BORA, decided_at=fix.asked_at)
    bot.service.store.update_fix(fix.id, fix_to_json(forged))
    bot.estate.calls.clear()

    assert "stale" == bot.service.apply(fix.id).state
    assert [] == [c for c in bot.estate.calls if "ecs-pull-fix" in c.principal]


def test_a_plan_beyond_the_fix_role_is_denied_even_when_it_is_run(bot):
    """
    A record forged as begun is run as it stands; then the role itself refuses an administrator.
    """
    fix = proposed(bot, "execution-role-lacks-image-read")
    step = next(s for s in fix.plan.steps if s.kind.startswith("role-"))
    role = step.resource.rpartition("/")[2]
    do = Call("iam", "attach_role_policy", {"RoleName": role, "PolicyArn": ADMIN})
    begun = replace(
        step, kind="role-policy-attachment", before=None, after={"policyArn": ADMIN}, do=do
    )
    forged = replace(
        fix, plan=Plan((begun,), "low"), status="applying", decided_by=BORA, decided_at=fix.asked_at,
    )  # fmt: skip
    bot.service.store.update_fix(fix.id, fix_to_json(forged))

    applied = bot.service.apply(fix.id)

    assert ("refused", "AccessDenied") == (applied.state, applied.code)
    assert "refused" in bot.events()


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_the_page_names_tests_that_there_are(path, name):
    """
    No promise without a test.
    """
    assert re.search(rf"^def {name}\(", Path(path).read_text("utf-8"), re.MULTILINE)


def test_every_promise_has_a_test():
    """
    In each table the last column, where the test stands, is never empty.
    """
    rows = [r for r in PAGE.splitlines() if r.startswith("|") and "---" not in r]
    promises = [r for r in rows if not r.rstrip("| ").endswith(("test", "why"))]

    assert len(promises) > 20
    assert [] == [r for r in promises if "::" not in r]
