"""Stories of faults, and of what repairs them, told by the people in the workspace."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from bot.catalogue import CAUSES
from playground import scenarios
from tests.harness.table import KINDS
from tests.support.bot import ALICE, AUDIT, BORA, SHOP, SHOP_JA, has

pytestmark = pytest.mark.no_cover  # much work: tracing would double it

PLANNED = {c.id for c in CAUSES if c.plan}
ADVISED = [s.name for s in scenarios.SCENARIOS if s.cause and s.cause not in PLANNED]
ONE_WAY = ("image-digest-missing", "deployment-stalled", "agent-outdated")  # no way back
TYPED = ("registry-secret-malformed",)  # the approver types a login
# One for each kind of step; every fix is repaired and taken back in the harness.
REPAIRED = sorted({case.cause for case, _ in KINDS.values()} | {*ONE_WAY, *TYPED})
LOGIN = {"user": {"user": "robot"}, "password": {"password": "PLANTEDlogin"}}


def ask(bot, name):
    """Paste the error; where ECS says nothing of a pull, name the service. Returns the thread's root."""
    error, scenario = bot.error(name), scenarios.named(name)
    if bot.service.explain(error).recognised:
        return bot.workspace.say(ALICE, SHOP, error)
    arn = f"arn:aws:ecs:{scenario.region}:{scenario.account}:service/{scenario.cluster}/{scenario.service}"
    before = len(bot.workspace.messages(SHOP))
    bot.workspace.command(ALICE, SHOP, "/ecs-pull", arn)
    return bot.workspace.wait(lambda: bot.workspace.messages(SHOP)[before:])[0]


def explained(bot, said, name, button):
    """Return the report; where several services say the same, Alice picks hers."""
    w, scenario = bot.workspace, scenarios.named(name)
    found = w.wait(lambda: settled(bot.replies(SHOP, said.ts)))
    if has(found, "pick_subject"):
        w.click(ALICE, found, "pick_subject")
        bot.form(ALICE, region=scenario.region, cluster=scenario.cluster, service=scenario.service)
    return bot.answer(said, button=button)


def settled(replies):
    buttons = ("pick_subject", "check_again")
    return next((m for m in replies if any(has(m, b) for b in buttons)), None)


@pytest.mark.parametrize("name", ADVISED)
def test_what_only_a_person_can_do_has_no_button(bot, name):
    """
    The cause is told with commands ready to run, and there is nothing to approve.
    """
    said = ask(bot, name)

    found = explained(bot, said, name, "check_again")

    assert f":{name}'" not in str(found.blocks)  # what it explains may have a fix
    assert "aws " in found.words


@pytest.mark.parametrize("name", REPAIRED)
def test_a_fault_is_explained_repaired_watched_and_taken_back(bot, name):
    """
    Pasted by Alice, refused to her, approved by Bora, verified, running, taken back, failing again.
    """
    w, said = bot.workspace, ask(bot, name)
    report = explained(bot, said, name, "show_fix")

    w.click(ALICE, report, "show_fix")
    shown = bot.answer(said, button="approve_fix")
    w.click(ALICE, shown, "approve_fix")
    told = bot.whispered(ALICE, "You may not approve")
    assert "platform" in told.words or "Bora" in told.words
    assert "failing" == bot.health(name)

    w.click(BORA, shown, "approve_fix")
    if name in TYPED:
        w.submit(BORA, w.wait(lambda: w.modal(BORA)), LOGIN)
    repaired = bot.answer(said, "Verified")
    assert repaired.text.startswith("Repaired: ")
    assert shown.ts == repaired.ts
    assert "running" == bot.health(name)
    running = bot.answer(said, "works again")
    for kept in ("Asked for by", "Alice", "Approved by", "Bora"):
        assert kept in running.words
    lines = ["Fix shown", "Approval refused", "Fix approved", "Fix applied and verified"]

    if name not in ONE_WAY:
        lines.append("Fix taken back")
        w.click(BORA, running, "undo_fix")
        undone = bot.answer(said, "Taken back by")
        assert undone.text.startswith("Taken back: ")
        assert "Approved by" in undone.words
        assert "undo_fix" not in str(undone.blocks)
        assert "failing" == bot.health(name)
        w.click(ALICE, report, "check_again")
        assert report.ts == bot.answer(said, button="show_fix").ts
    bot.quiet()
    assert 2 == len([m for m in bot.replies(SHOP, said.ts) if not m.files])
    told = [m.words.partition(" · ")[0] for m in w.messages(AUDIT)]
    assert sorted(lines) == sorted(told)
    if name in ONE_WAY:
        bot.rebuild()


def test_a_story_in_japanese(bot):
    """
    In a Japanese channel every word is Japanese, and every button.
    """
    w, name = bot.workspace, "execution-role-lacks-image-read"
    said = w.say(ALICE, SHOP_JA, bot.error(name))
    report = bot.answer(said, button="show_fix")

    w.click(ALICE, report, "show_fix")
    shown = bot.answer(said, button="approve_fix")
    w.click(ALICE, shown, "approve_fix")
    bot.whispered(ALICE, "承認する権限がありません")
    w.click(BORA, shown, "approve_fix")
    repaired = bot.answer(said, button="undo_fix")
    assert repaired.text.startswith("修復しました")
    assert "running" == bot.health(name)
    running = bot.answer(said, "稼働")
    w.click(BORA, running, "undo_fix")

    undone = bot.answer(said, "元に戻しました")
    assert undone.text.startswith("元に戻しました")
    assert "failing" == bot.health(name)


@pytest.fixture
def later(bot):
    """Let the clocks of the bot and of AWS run ahead."""
    clock = bot.service.clock

    def ahead(seconds):
        bot.service.clock = lambda: clock() + timedelta(seconds=seconds)
        bot.estate.set_clock(lambda: time.time() + seconds)

    yield ahead
    bot.service.clock = clock
    bot.rebuild()  # it holds tasks of a time to come


@pytest.fixture
def untagged(bot, later):
    """A service with two faults: its role may not read the image, and the tag is gone as well."""
    ecr = bot.estate.client("ecr", "222233334444", "ap-northeast-1")
    image = {"imageTag": "v1.0.0"}
    ecr.batch_delete_image(repositoryName="checkout", imageIds=[image])
    return "execution-role-lacks-image-read"


def applied(bot, name):
    w, said = bot.workspace, ask(bot, name)
    w.click(ALICE, bot.answer(said, button="show_fix"), "show_fix")
    w.click(BORA, bot.answer(said, button="approve_fix"), "approve_fix")
    return said, bot.answer(said, "Verified", "undo_fix")


def taken_back(bot, said, fixed):
    bot.workspace.click(BORA, fixed, "undo_fix")
    bot.answer(said, "Taken back by")


def test_the_next_error_is_diagnosed_in_the_same_thread(bot, untagged, later):
    """
    The fix helped and another fault shows: told with the fix, and explained below it.
    """
    said, fixed = applied(bot, untagged)
    later(45)  # a pull that fails has taken a while

    bot.estate.tick()
    again = bot.answer(said, "failed again", "undo_fix")
    found = bot.workspace.wait(lambda: settled(bot.replies(SHOP, said.ts)[2:]))

    assert fixed.ts == again.ts
    assert again.text.startswith("Applied, but checkout failed again")
    assert 3 == len(bot.replies(SHOP, said.ts))
    assert "Tag v1.0.0 is not in repository checkout" == found.text
    taken_back(bot, said, fixed)


def test_the_watch_ends_and_says_what_to_look_at(bot, untagged, later):
    """
    No new task within the time that was told: the reader knows where to look.
    """
    said, fixed = applied(bot, untagged)
    assert "up to 15 minutes" in fixed.words
    later(16 * 60)

    ended = bot.answer(said, "within 15 minutes", "undo_fix")

    assert "circuit breaker" in ended.words
    taken_back(bot, said, fixed)
