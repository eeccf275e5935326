"""Decisions that have a reason: declined, and approved alone where the account allows it."""

from __future__ import annotations

from dataclasses import replace

import pytest

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
    Others may put it away; to decline is to decide.
    """
    w = bot.workspace
    said, shown = proposal(bot, ALICE)
    w.click(MALLORY, shown, "decline_fix")
    reasoned(bot, MALLORY, "no")

    bot.whispered(MALLORY, "You may not approve")
    assert has(bot.workspace.thread(SHOP, said.ts)[-1], "approve_fix")


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

    w.click(BORA, done, "undo_fix")
    strict.answer(said, "Taken back by")


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
