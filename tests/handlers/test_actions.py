"""Buttons, the details, the App Home."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.bot import ALICE, AUDIT, BORA, MALLORY, RANDOM, READS, SHOP, has

NAME = "image-tag-missing"


def report(bot, name=NAME, channel=SHOP):
    said = bot.workspace.say(ALICE, channel, bot.error(name))
    return said, bot.answer(said, button="show_fix")


def proposal(bot, name=NAME):
    said, found = report(bot, name)
    bot.workspace.click(ALICE, found, "show_fix")
    return said, bot.answer(said, button="approve_fix")


def test_showing_a_fix_changes_nothing(bot):
    """
    The exact change, its risk, its way back and who may approve; AWS was only read.
    """
    _, shown = proposal(bot)

    for word in ("Proposed fix", "Risk", "Undo", "@Bora", "@platform", "v1.0.1"):
        assert word in shown.words
    wrote = [c.action for c in bot.estate.calls if not c.action.partition(":")[2].startswith(READS)]
    assert [] == wrote
    assert ["shown"] == bot.events()


@pytest.mark.parametrize("user", [ALICE, MALLORY])
def test_who_may_not_approve_is_told_who_may(bot, user):
    """
    In private, in the thread; the buttons stay for those who may.
    """
    said, shown = proposal(bot)
    bot.workspace.click(user, shown, "approve_fix")

    told = bot.whispered(user, "You may not approve")

    assert "@Bora" in told.words
    assert said.ts == told.thread_ts
    assert has(bot.workspace.thread(SHOP, said.ts)[-1], "approve_fix")
    assert [] == bot.workspace.ephemerals(BORA)


def test_anyone_may_dismiss_and_it_stays_told_who_did(bot):
    """
    After the buttons are gone the message says who decided; a late click is told the same.
    """
    w = bot.workspace
    said, shown = proposal(bot)
    w.click(MALLORY, shown, "dismiss_fix")
    away = bot.answer(said, "Dismissed by")

    assert "Mallory" in away.words
    assert away.text.startswith("Dismissed: ")
    assert not has(away, "approve_fix")

    w.click(BORA, shown, "approve_fix", stale=True)
    assert "dismissed by @Mallory" in bot.whispered(BORA, "already decided").words
    assert "failing" == bot.health(NAME)


def test_two_approvals_at_once_are_one(bot):
    """
    Of two clicks one decides; the fix is applied once.
    """
    w = bot.workspace
    said, shown = proposal(bot, "execution-role-lacks-image-read")
    w.click(BORA, shown, "approve_fix")
    w.click(BORA, shown, "approve_fix", stale=True)
    done = bot.answer(said, "Verified", "undo_fix")
    bot.quiet()

    attached = [c for c in bot.estate.calls if c.action == "iam:AttachRolePolicy"]
    assert 1 == len(attached)
    w.click(BORA, done, "undo_fix")
    bot.answer(said, "Taken back by")


def test_only_approvers_may_undo(bot):
    """
    Taking back is a change too.
    """
    w = bot.workspace
    said, shown = proposal(bot, "execution-role-lacks-image-read")
    w.click(BORA, shown, "approve_fix")
    done = bot.answer(said, "Verified", "undo_fix")

    w.click(MALLORY, done, "undo_fix")
    bot.whispered(MALLORY, "You may not approve")
    assert not [c for c in bot.estate.calls if c.action == "iam:DetachRolePolicy"]

    w.click(BORA, done, "undo_fix")
    bot.answer(said, "Taken back by")


def test_a_fix_that_was_overtaken_is_not_applied(bot):
    """
    Somebody repaired it meanwhile: the approval changes nothing and says why.
    """
    w, iam = bot.workspace, bot.estate.client("iam", "222233334444", "us-east-1")
    said, shown = proposal(bot, "execution-role-lacks-image-read")
    policy = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
    iam.attach_role_policy(RoleName="checkout-execution", PolicyArn=policy)
    try:
        w.click(BORA, shown, "approve_fix")
        found = bot.answer(said, "Not applied")
        assert not has(found, "approve_fix")
    finally:
        iam.detach_role_policy(RoleName="checkout-execution", PolicyArn=policy)


def test_aws_refuses_a_step_and_the_reader_knows_how_far_it_went(bot):
    """
    The fix role may not: nothing half done is left unsaid, and the audit channel hears of it.
    """
    w = bot.workspace
    said, shown = proposal(bot, "execution-role-lacks-image-read")
    bot.estate.deny("ecs-pull-fix", "iam:AttachRolePolicy")
    w.click(BORA, shown, "approve_fix")

    found = bot.answer(said, "AWS refused it")

    assert found.text.startswith("Not repaired: ")
    assert "0 of" in found.words
    w.wait(lambda: [m for m in w.messages(AUDIT) if "Fix stopped" in m.words])


def test_a_choice_of_fixes_is_shown_in_place(bot):
    """
    Another variant shows another change in the same message, to be approved anew.
    """
    w = bot.workspace
    said, shown = proposal(bot, "execution-role-lacks-image-read")
    if not has(shown, "choose_fix"):
        pytest.skip("the fix has one variant")
    w.pick(ALICE, shown, "choose_fix", "inline-policy")

    other = bot.answer(said, "put-role-policy", "approve_fix")

    assert shown.ts == other.ts
    assert "attach-role-policy" not in other.words
    w.click(BORA, shown, "approve_fix", stale=True)
    bot.whispered(BORA, "changed since you saw it")


def test_check_again_looks_anew_and_in_place(bot):
    """
    The answer is updated, with fresh evidence.
    """
    said, found = report(bot)
    bot.estate.calls.clear()
    bot.workspace.click(ALICE, found, "check_again")
    bot.workspace.wait(lambda: bot.replies(SHOP, said.ts)[0].edited != found.edited)
    bot.quiet()

    assert [found.ts] == [m.ts for m in bot.replies(SHOP, said.ts)]
    assert [c for c in bot.estate.calls if c.action == "ecs:DescribeServices"]


def test_the_details_hold_what_the_thread_has_no_room_for(bot):
    """
    Proof, what was ruled out and why, in a modal.
    """
    _, found = report(bot)
    bot.workspace.click(ALICE, found, "details")

    view = bot.workspace.modal(ALICE)

    assert "Ruled out" in view.words
    assert "repository-missing" in view.words


def test_several_services_are_a_question_and_the_choice_is_answered_in_place(bot):
    """
    Two services failed with one text: pick one, and the same message becomes its diagnosis.
    """
    w = bot.workspace
    said = w.say(ALICE, SHOP, bot.error("public-ip-missing"))
    asked = bot.answer(said, "Pick one", "pick_subject")
    w.click(ALICE, asked, "pick_subject")
    bot.form(ALICE, service="gateway")

    found = bot.answer(said, button="show_fix")

    assert asked.ts == found.ts
    assert 1 == len(bot.replies(SHOP, said.ts))


def test_a_message_that_was_forgotten_says_so(bot):
    """
    After its memory is gone, each button tells what to do instead.
    """
    w = bot.workspace
    _, found = report(bot)
    bot.quiet()
    bot.service.store.redis.flushdb()
    for button in ("show_fix", "check_again", "details"):
        w.core.state.whispers.clear()
        w.click(ALICE, found, button)
        bot.whispered(ALICE, "Paste the error again")


def test_the_home_shows_waiting_approvals_to_approvers_alone(bot):
    """
    Recent diagnoses for everyone; what waits, for those who may decide it.
    """
    w = bot.workspace
    proposal(bot)
    for user in (ALICE, BORA):
        w.open_home(user)
    bora = w.wait(lambda: w.home(BORA) and w.home(ALICE) and w.home(BORA))

    assert "Waiting for your approval" in bora.words
    assert "Waiting for your approval" not in w.home(ALICE).words
    assert "is not in repository" in w.home(ALICE).words


def test_a_hidden_account_does_not_exist_outside_its_channels(bot):
    """
    What is said of it is what is said of an account that nobody has ever heard of.
    """
    w = bot.workspace
    for account in ("111122223333", "999988887777"):
        w.command(MALLORY, RANDOM, "/ecs-pull", f"arn:aws:ecs:us-east-1:{account}:service/main/x")
    w.wait(lambda: len(w.ephemerals(MALLORY)) == 2)

    hidden, unknown = sorted(m.words for m in w.ephemerals(MALLORY))
    assert unknown.replace("999988887777", "111122223333") == hidden
    assert "tools" not in hidden
    assert [] == w.messages(RANDOM)


@pytest.fixture
def closed(bot):
    """Closes an account to all channels but one, as an admin would in the accounts file."""
    book = bot.service.accounts

    def close(alias):
        items = tuple(replace(a, channels=(AUDIT,)) if a.alias == alias else a for a in book.items)
        bot.service.accounts = replace(book, items=items)

    yield close
    bot.service.accounts = book


@pytest.mark.parametrize("job", ["choose_fix", "dismiss_fix", "approve_fix", "take_home"])
def test_no_click_reaches_a_fix_of_an_account_that_its_channel_does_not_see(bot, closed, job):
    """
    Whoever learned the id of a fix does nothing with it from elsewhere.
    """
    proposal(bot)
    bot.quiet()
    fix = bot.service.waiting()[0]
    closed("prod")
    more = {"choose_fix": {"choice": "x"}, "approve_fix": {"shown": fix.hash[:16]}}
    bot.parts.queue(job, channel=RANDOM, user=BORA, fix=fix.id, **more.get(job, {}))

    bot.whispered(BORA, "not open to this channel")
    assert fix == bot.service.fix(fix.id)
    assert [] == bot.workspace.messages(RANDOM)


@pytest.mark.parametrize("button", ["show_fix", "check_again", "details"])
def test_an_answer_ends_where_its_account_is_closed_to_the_channel(bot, closed, button):
    """
    The buttons of an older message tell nothing more of it.
    """
    said, found = report(bot)
    bot.quiet()
    closed("prod")
    bot.estate.calls.clear()
    bot.workspace.click(ALICE, found, button)

    if button == "check_again":
        bot.answer(said, "not open to this channel")
    else:
        bot.whispered(ALICE, "not open to this channel")
    assert bot.workspace.modal(ALICE) is None
    assert [] == list(bot.estate.calls)


def test_a_fix_is_open_once_in_a_thread(bot):
    """
    Whoever presses the button again is told that it is there, and who asked for it.
    """
    w = bot.workspace
    said, found = report(bot)
    w.click(ALICE, found, "show_fix")
    w.click(ALICE, found, "show_fix")
    bot.answer(said, button="approve_fix")
    bot.quiet()
    w.click(BORA, found, "show_fix")

    told = bot.whispered(BORA, "is open in this thread already")
    assert "waiting for approval" in told.words
    assert "@Alice" in told.words
    assert 1 == len([m for m in bot.replies(SHOP, said.ts) if has(m, "approve_fix")])
    assert 1 == len(bot.service.waiting())


def test_a_fix_that_nobody_decided_on_in_time_gives_way_to_a_fresh_one(bot):
    """
    The old proposal says so and loses its buttons; the new one can be approved.
    """
    w, clock = bot.workspace, bot.service.clock
    said, found = report(bot)
    w.click(ALICE, found, "show_fix")
    old = bot.answer(said, button="approve_fix")
    bot.quiet()
    bot.service.clock = lambda: clock() + timedelta(hours=2)
    try:
        w.click(ALICE, found, "show_fix")
        away = bot.answer(said, "Nobody decided within the hour")
        new = bot.answer(said, button="approve_fix")
    finally:
        bot.service.clock = clock
        bot.quiet()

    assert old.ts == away.ts != new.ts
    assert "expired" in bot.events()


def test_the_answer_says_what_has_become_of_its_fault(bot):
    """
    No fault and no fix is offered above a repaired service; undone, both are there again.
    """
    w = bot.workspace
    said, shown = proposal(bot, "execution-role-lacks-image-read")
    w.click(BORA, shown, "approve_fix")
    done = bot.answer(said, "Verified", "undo_fix")
    first = bot.answer(said, "Resolved: ", "check_again")

    assert bot.replies(SHOP, said.ts)[0].ts == first.ts
    assert first.text.startswith("Resolved: checkout")
    assert "Before: " in first.words
    assert not has(first, "show_fix")

    w.click(BORA, done, "undo_fix")
    bot.answer(said, "Taken back by")
    again = bot.answer(said, button="show_fix")
    assert first.ts == again.ts
    assert "Resolved" not in again.words


def test_a_message_that_people_deleted_keeps_nothing_from_being_done(bot):
    """
    What was decided is carried out although nothing can be shown of it there.
    """
    speaker = bot.parts.queue.worker.say

    speaker.update(SHOP, "1.000001", {"text": "x", "blocks": []})

    assert "message_not_found" == bot.workspace.core.refusals.pop().error
