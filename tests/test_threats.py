"""Somebody who can write to Redis or runs in the worker, and the page that says who can do what."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from dramatiq import Message
from redis import Redis

from bot.facts import Subject
from bot.fix import fix_to_json
from bot.model import Call, Plan
from bot.question import Impossible
from bot.store import StoreAway
from bot.symptom import EMPTY
from playground import scenarios
from tests.support.bot import BORA, MALLORY, SHOP

PAGE = Path("docs/security.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"


def proposed(bot, name):
    found = scenarios.named(name)
    where = Subject(found.account, found.region, found.cluster, found.service)
    return bot.service.propose(
        where, EMPTY, found.cause, asked_by=BORA, channel=SHOP, thread="1.0", report="1.1"
    )


def begun(fix):
    """The record of *fix* as it is when its change has begun."""
    return replace(fix, status="applying", decided_by=BORA, decided_at=datetime.now(UTC))


@pytest.fixture
def redis(bot):
    with Redis.from_url(bot.redis.url, decode_responses=True) as client:
        yield client


def test_a_record_that_nobody_sealed_is_none(bot, redis):
    """
    Who writes to Redis, and has not our secret, makes no fix: neither as it was once, nor another's.
    """
    fix, other = proposed(bot, "image-tag-missing"), proposed(bot, "repository-policy-denies")
    store = bot.service.store
    store.update_fix(other.id, fix_to_json(begun(other)))
    key, sealed = store.key("fix", fix.id), redis.hget(store.key("fix", other.id), "fix")
    bot.estate.calls.clear()

    for forged in (json.dumps(fix_to_json(begun(fix))), sealed, sealed[:-4], ""):
        redis.hset(key, mapping={"fix": forged, "status": "applying", "rank": 2})
        with pytest.raises(Impossible, match="forgotten"):
            bot.service.apply(fix.id)
        assert fix.id not in {f.id for f in bot.service.waiting()}

    assert [] == bot.estate.calls


@pytest.mark.parametrize("forged", ["{}", "another's", "moved"])
def test_a_journal_that_nobody_sealed_stops_everything(bot, redis, forged):
    """
    An entry that none of our workers wrote at its place: no step is made by it.
    """
    fix, store = proposed(bot, "image-tag-missing"), bot.service.store
    store.update_fix(fix.id, fix_to_json(begun(fix)))
    entry = {"step": 0, "phase": "after", "at": "2026-01-31", "answer": {}}
    store.journal_of("another").append(entry)
    journal = store.journal_of(fix.id)
    journal.append(entry)
    journal.append(entry)
    own = redis.lrange(store.key("journal", fix.id), 0, -1)
    theirs = redis.lrange(store.key("journal", "another"), 0, 0)
    placed = {"{}": ["{}"], "another's": theirs, "moved": own[::-1]}[forged]
    redis.delete(store.key("journal", fix.id))
    redis.rpush(store.key("journal", fix.id), *placed)
    bot.estate.calls.clear()

    with pytest.raises(StoreAway):
        bot.service.apply(fix.id)

    assert [] == [c for c in bot.estate.calls if "ecs-pull-fix" in c.principal]


def test_a_click_that_nobody_made_is_not_taken(bot):
    """
    A job in an approver's name that no listener of ours enqueued does nothing.
    """
    fix = proposed(bot, "image-tag-missing")
    click = {"fix": fix.id, "shown": fix.hash[:16], "user": BORA, "channel": SHOP}
    another = bot.parts.queue.seal.close(click, "job:dismiss_fix")
    for payload in (click, {"sealed": json.dumps(click)}, {"sealed": another}):
        forged = Message(
            queue_name="interactive", actor_name="approve_fix", args=(), kwargs=payload, options={}
        )
        bot.parts.queue.broker.enqueue(forged)
    bot.quiet()

    assert "shown" == bot.service.fix(fix.id).status
    assert "approved" not in bot.events()


def test_a_group_that_was_forged_in_redis_approves_nothing(bot, redis):
    """
    Who writes themselves into the cached group of approvers is in it no more than before.
    """
    store = bot.service.store
    redis.set(store.key("group", "S01PLATFORM"), json.dumps([MALLORY]))

    assert store.group("S01PLATFORM") is None


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
