"""Decisions that have a reason: declined, and approved alone where the account allows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.store import StoreAway
from tests.support.bot import ALICE, AUDIT, BORA, MALLORY, SHOP, has

NAME = "execution-role-lacks-image-read"
WHY = "checkout is down and nobody answers"


def proposal(bot, user):
    """A fix that *user* asked for."""
    said = bot.workspace.say(ALICE, SHOP, bot.error(NAME))
    bot.workspace.click(user, bot.answer(said, button="show_fix"), "show_fix")
    return said, bot.answer(said, button="approve_fix")


def reasoned(bot, user, reason):
    """Type *reason* into the open modal and send it."""
    w = bot.workspace
    view = w.wait(lambda: w.modal(user))
    return w.submit(user, view, {"reason": {"reason": reason}})


def attached(bot):
    return [c for c in bot.estate.calls if c.action == "iam:AttachRolePolicy"]


@pytest.fixture
def strict(bot):
    """Every account asks for a second person, and allows to do without in an emergency."""
    book = bot.service.accounts
    items = tuple(replace(a, second_person=True, break_glass=True) for a in book.items)
    bot.service.accounts = replace(book, items=items)
    yield bot
    bot.service.accounts = book


def test_nobody_but_an_approver_declines(bot):
    """
    Others may put it away; to decline is to decide, so they are told so and get no form.
    """
    w = bot.workspace
    said, shown = proposal(bot, ALICE)
    w.click(MALLORY, shown, "decline_fix")

    told = bot.whispered(MALLORY, "You may not approve")
    assert said.ts == told.thread_ts
    assert w.modal(MALLORY) is None
    assert has(bot.workspace.thread(SHOP, said.ts)[-1], "approve_fix")


def test_a_form_that_was_opened_in_time_does_not_decline_what_is_decided(bot):
    """
    The form is no decision: whoever sends it late is told what was decided.
    """
    w = bot.workspace
    _, shown = proposal(bot, ALICE)
    w.click(BORA, shown, "decline_fix")
    w.wait(lambda: w.modal(BORA))
    w.click(MALLORY, shown, "dismiss_fix")
    bot.quiet()
    reasoned(bot, BORA, "late")

    bot.whispered(BORA, "already decided")
    assert "declined" not in bot.events()
    w.click(BORA, shown, "decline_fix", stale=True)
    assert w.modal(BORA) is None


def test_a_declined_fix_says_who_and_why(bot):
    """
    The thread and the audit channel keep the reason; it pings nobody and holds no secret.
    """
    w = bot.workspace
    said, shown = proposal(bot, ALICE)
    w.click(BORA, shown, "decline_fix")
    reasoned(bot, BORA, "<!channel> we change\nthis in code, token=abcd1234efgh")

    away = bot.answer(said, "Declined by @Bora: ")
    told = w.wait(lambda: [m for m in w.messages(AUDIT) if "Fix declined" in m.words])[0]
    for found in (away, told):
        assert "we change this in code" in found.words
        assert "abcd1234efgh" not in found.words
        assert "<!channel>" not in str(found.blocks)
    assert not has(away, "approve_fix")
    w.click(BORA, shown, "approve_fix", stale=True)
    assert "declined by @Bora" in bot.whispered(BORA, "already decided").words
    assert [] == attached(bot)
    assert "declined" in bot.events()


def test_a_fix_is_declined_without_a_reason_too(bot):
    """
    Nobody has to explain a no.
    """
    said, shown = proposal(bot, ALICE)
    bot.workspace.click(BORA, shown, "decline_fix")
    reasoned(bot, BORA, "")

    assert "Declined by @Bora:" not in bot.answer(said, "Declined by @Bora").words


def test_the_glass_is_not_offered_where_the_account_does_not_allow_it(strict):
    """
    Whoever asked waits for a second person.
    """
    book = strict.service.accounts
    items = tuple(replace(a, break_glass=False) for a in book.items)
    strict.service.accounts = replace(book, items=items)
    _, shown = proposal(strict, BORA)
    strict.workspace.click(BORA, shown, "approve_fix")

    assert not has(strict.whispered(BORA, "asks for a second person"), "break_glass")


def test_the_glass_is_not_offered_to_who_may_not_approve(strict):
    """
    A developer who asked is no approver, whatever the reason.
    """
    _, shown = proposal(strict, ALICE)
    strict.workspace.click(ALICE, shown, "approve_fix")

    assert not has(strict.whispered(ALICE, "You may not approve"), "break_glass")
    assert [] == attached(strict)


def test_blanks_are_no_reason(strict):
    """
    The modal stays open until something is said.
    """
    w = strict.workspace
    _, shown = proposal(strict, BORA)
    w.click(BORA, shown, "approve_fix")
    w.click(BORA, strict.whispered(BORA, "asks for a second person"), "break_glass")
    reasoned(strict, BORA, " " * 20)

    assert {"reason"} == set(w.modal(BORA).errors)
    w.close(BORA, w.modal(BORA))
    strict.quiet()
    assert [] == attached(strict)


def test_in_an_emergency_an_approver_does_without_a_second_person(strict):
    """
    With a reason, told to all who may approve before anything is changed, and kept in the thread.
    """
    w = strict.workspace
    said, shown = proposal(strict, BORA)
    assert "in an emergency" in shown.words
    w.click(BORA, shown, "approve_fix")
    w.click(BORA, strict.whispered(BORA, "asks for a second person"), "break_glass")
    assert [] == attached(strict)
    reasoned(strict, BORA, WHY)

    done = strict.answer(said, "Verified", "undo_fix")
    alarm = next(m for m in w.messages(AUDIT) if "Break-glass" in m.words)
    assert "@platform" in alarm.words
    assert WHY in alarm.words
    assert "alone (break-glass)" in done.words
    assert WHY in done.words
    kept = strict.events()
    assert kept.index("break-glass") < kept.index("applied")

    w.core.state.whispers.clear()
    w.click(BORA, done, "undo_fix")
    w.click(BORA, strict.whispered(BORA, "asks for a second person"), "break_glass")
    assert "Take back alone" in w.wait(lambda: w.modal(BORA)).words
    reasoned(strict, BORA, "it made checkout slower")
    strict.answer(said, "Taken back by")
    alarm = next(m for m in w.messages(AUDIT) if "takes a fix of their own back" in m.words)
    assert "it made checkout slower" in alarm.words
    kept = strict.events()
    assert kept.index("undo-break-glass") < kept.index("undone")


def test_a_fix_is_taken_home_as_files_and_changes_nothing(bot):
    """
    For a team that changes only through code: three files in the thread, and the buttons stay.
    """
    w = bot.workspace
    said, shown = proposal(bot, ALICE)
    menu = next(e for b in shown.blocks for e in b.get("elements", ()) if e["type"] == "overflow")
    w.click(MALLORY, shown, "take_home", option=menu["options"][0]["value"])

    posted = bot.answer(said, "The same change as files")
    assert ["fix.sh", "fix.tf", "fix.yaml"] == [f.name for f in posted.files]
    assert all(b"AmazonECSTaskExecutionRolePolicy" in f.content for f in posted.files)
    assert has(shown, "approve_fix")
    assert [] == attached(bot)
    w.wait(lambda: [m for m in w.messages(AUDIT) if "taken home" in m.words])
    assert "taken-home" in bot.events()


def test_who_asked_for_a_fix_does_not_take_it_back_alone(strict):
    """
    An undo is a change as well: a second person does it, and the refusal is in the audit.
    """
    w = strict.workspace
    said, _ = proposal(strict, BORA)
    strict.service.accounts = replace(
        strict.service.accounts,
        items=tuple(replace(a, break_glass=False) for a in strict.service.accounts.items),
    )
    fix = strict.service.waiting()[0]
    approved = strict.service.approve(
        fix.id, user="U09", groups={"S01PLATFORM"}, shown=fix.hash[:16]
    )
    strict.parts.queue("apply_fix", fix=approved.id)
    done = strict.answer(said, "Verified", "undo_fix")
    w.click(BORA, done, "undo_fix")

    assert not has(strict.whispered(BORA, "asks for a second person"), "break_glass")
    w.wait(lambda: [m for m in w.messages(AUDIT) if "Undo refused" in m.words])
    assert "undo-not-approved" in strict.events()
    strict.service.request_undo(fix.id, user="U09", groups={"S01PLATFORM"})
    strict.parts.queue("take_back_fix", fix=fix.id)
    strict.answer(said, "Taken back by")


def test_an_approval_that_waited_too_long_ends_in_the_thread_and_in_the_audit(bot):
    """
    The queue was down: not applied when it is back, and nobody is left with "Applying".
    """
    w = bot.workspace
    said, _ = proposal(bot, ALICE)
    fix = bot.service.waiting()[0]
    decided = bot.service.approve(fix.id, user=BORA, groups=(), shown=fix.hash[:16])
    long_ago = replace(decided, decided_at=decided.decided_at - timedelta(hours=1))
    bot.service.keep(replace(long_ago, message=bot.service.fix(fix.id).message))
    bot.parts.queue("apply_fix", fix=fix.id)

    ended = bot.answer(said, "Not applied: this waited for more than an hour")
    assert not has(ended, "approve_fix")
    assert not has(ended, "undo_fix")
    w.wait(lambda: [m for m in w.messages(AUDIT) if "its approval has ended" in m.words])
    assert [] == attached(bot)


def test_an_approval_that_never_gets_its_turn_ends_as_well(bot):
    """
    Another fix of the same resource held it up to the end: told, audited, and not done later.
    """
    w = bot.workspace
    said, _ = proposal(bot, ALICE)
    fix = bot.service.waiting()[0]
    bot.service.approve(fix.id, user=BORA, groups=(), shown=fix.hash[:16])
    with bot.service.store.lock({f"fix:{s.resource}" for s in fix.plan.steps}, 30):
        bot.parts.queue("apply_fix", fix=fix.id, turn=1000)
        bot.answer(said, "another fix of the same resource")
    bot.parts.queue("apply_fix", fix=fix.id)
    bot.quiet()

    assert "expired" == bot.service.fix(fix.id).status
    assert "expired" in bot.events()
    assert [] == attached(bot)
    w.wait(lambda: [m for m in w.messages(AUDIT) if "its approval has ended" in m.words])


def test_a_fix_that_stopped_halfway_can_be_taken_back(bot):
    """
    What was done before AWS refused the rest is offered to be undone, and is undone.
    """
    w = bot.workspace
    said, shown = proposal(bot, ALICE)
    bot.estate.deny("ecs-pull-fix", "ecs:UpdateService")
    w.click(BORA, shown, "approve_fix")
    half = bot.answer(said, "1 of 2 changes were made", "undo_fix")
    bot.estate.allow_all()

    w.click(BORA, half, "undo_fix")
    bot.answer(said, "Taken back by")


def test_an_overtaken_approval_is_told_to_the_audit_channel(bot):
    """
    Somebody repaired it meanwhile.
    """
    w, iam = bot.workspace, bot.estate.client("iam", "222233334444", "us-east-1")
    said, shown = proposal(bot, ALICE)
    policy = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
    iam.attach_role_policy(RoleName="checkout-execution", PolicyArn=policy)
    try:
        w.click(BORA, shown, "approve_fix")
        bot.answer(said, "Not applied")
        w.wait(lambda: [m for m in w.messages(AUDIT) if "the account has changed" in m.words])
        assert "stale" in bot.events()
    finally:
        iam.detach_role_policy(RoleName="checkout-execution", PolicyArn=policy)


@pytest.fixture
def applying(bot):
    """Lets something happen before a fix is applied: each given error once."""
    errors, apply = [], bot.service.apply

    def breaking(fix_id):
        if errors:
            raise errors.pop(0)
        return apply(fix_id)

    bot.service.apply = breaking
    yield errors
    del bot.service.apply


def test_a_fix_is_carried_out_although_the_store_was_away_for_a_moment(bot, applying):
    """
    What was decided and maybe begun is not left by halves.
    """
    w = bot.workspace
    said, shown = proposal(bot, ALICE)
    applying.append(StoreAway("gone"))
    w.click(BORA, shown, "approve_fix")

    done = bot.answer(said, "Verified", "undo_fix", timeout=20)
    w.click(BORA, done, "undo_fix")
    bot.answer(said, "Taken back by")


def test_a_fix_that_breaks_on_our_side_does_not_stay_unended(bot, applying):
    """
    Nobody is left with "Applying": the thread has a reference, and the audit channel hears of it.
    """
    w = bot.workspace
    said, shown = proposal(bot, ALICE)
    applying.append(RuntimeError("a bug"))
    w.click(BORA, shown, "approve_fix")

    ended = bot.answer(said, "Something broke on my side before this was done to the end")
    assert not has(ended, "undo_fix")
    w.wait(lambda: [m for m in w.messages(AUDIT) if "Fix stopped" in m.words])
    assert "broke" in bot.events()
    assert [] == attached(bot)
