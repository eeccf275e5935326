"""``/ecs-pull scan``: one message in the channel, every service in its thread."""

from __future__ import annotations

from playground import scenarios
from tests.support.bot import ALICE, AUDIT, RANDOM, SHOP, SHOP_JA, YUKI

BROKEN = [s for s in scenarios.SCENARIOS if s.cause]


def scanned(bot, user=ALICE, channel=SHOP, words="cannot pull"):
    bot.workspace.command(user, channel, "/ecs-pull", "scan")
    said = bot.workspace.wait(
        lambda: next((m for m in bot.workspace.messages(channel) if words in m.text), None), 30
    )
    bot.quiet()
    return said


def test_one_message_says_what_fails_and_the_thread_says_it_all(bot):
    """
    Each broken service is named with its headline; the healthy ones are not.
    """
    said = scanned(bot)
    thread = "\n".join(m.words for m in bot.replies(SHOP, said.ts))

    assert [said.ts] == [m.ts for m in bot.workspace.messages(SHOP) if m.thread_ts in (None, m.ts)]
    assert f"{len(BROKEN)} of {len(scenarios.SCENARIOS)}" in said.text
    assert all(f"{s.cluster}/{s.service}`" in thread for s in BROKEN)
    assert "main/console" not in thread


def test_the_language_is_that_of_the_channel(bot):
    """
    Yuki reads Japanese.
    """
    said = scanned(bot, YUKI, SHOP_JA, "プルできません")

    assert "原因" in said.text


def test_an_account_that_the_channel_may_not_see_is_not_looked_at(bot):
    """
    The tools account is open to another channel alone.
    """
    scanned(bot)
    assert "111122223333" not in looked_at(bot)

    scanned(bot, channel=AUDIT)
    assert "111122223333" in looked_at(bot)


def test_a_job_that_runs_twice_says_it_once(bot):
    """
    A worker was killed at the end: another one updates the same message.
    """
    asked = {"user": ALICE, "channel": SHOP, "source": "trigger-1"}
    for _ in range(2):
        bot.parts.queue.worker.run("scan", {"asked": asked})
    roots = [m for m in bot.workspace.messages(SHOP) if m.thread_ts in (None, m.ts)]

    assert 1 == len(roots)
    once = [m for m in bot.replies(SHOP, roots[0].ts) if "main/shop-web`" in m.words]
    assert 1 == len(once)


def test_where_the_bot_is_not_it_speaks_to_one_person(bot):
    """
    Nothing is looked at for a message that cannot be posted.
    """
    bot.workspace.leave("U00BOT", RANDOM)
    try:
        bot.workspace.command(ALICE, RANDOM, "/ecs-pull", "scan")
        bot.whispered(ALICE, "/invite")
        bot.quiet()
    finally:
        bot.workspace.join("U00BOT", RANDOM)
        refused = bot.workspace.core.refusals
        refused[:] = [
            r for r in refused if r.error != "not_in_channel"
        ]  # Slack's answer was wanted

    assert set() == looked_at(bot)


def looked_at(bot):
    """The accounts whose clusters were listed."""
    return {c.account for c in bot.estate.calls if c.action == "ecs:ListClusters"}
