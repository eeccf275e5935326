"""What is pasted, edited, shared or sent by another bot in a channel."""

from __future__ import annotations

import json

import pytest

from bot.catalogue import CAUSES
from bot.report import report_from_json
from playground import scenarios
from playground.workspace import signed
from tests.support.bot import ALICE, BORA, RANDOM, SHOP, YUKI, post

NAME = "image-tag-missing"
OTHER = "execution-role-lacks-image-read"
SILENT = (
    "Good morning!",
    "The deployment failed again, does anybody know why?",
    'CannotStartContainerError: Error response from daemon: exec: "/app": no such file',
    "ResourceInitializationError: failed to validate logger args",
    "Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:x)",
    "git pull: error: cannot pull with rebase: You have unstaged changes.",
    "<!channel> release at 5",
)  # fmt: skip


@pytest.mark.parametrize("text", SILENT)
def test_silence_on_everything_that_is_no_pull_failure(bot, text):
    """
    The bot says nothing, neither aloud nor in private.
    """
    said = bot.workspace.say(ALICE, SHOP, text)
    bot.quiet()

    assert [] == bot.replies(SHOP, said.ts)
    assert [] == bot.workspace.ephemerals(ALICE)


def test_silence_on_its_own_words(bot):
    """
    The bot repeats errors in its answers and does not answer itself.
    """
    said = bot.workspace.say(ALICE, SHOP, bot.error(NAME))
    bot.answer(said, button="show_fix")
    bot.quiet()

    assert 2 == len(bot.workspace.messages(SHOP))


@pytest.mark.parametrize(
    "shape",
    ["{}", "```{}```", "> {}", "Please help!\n```\n{}\n```\nIt worked yesterday :cry:", "“{}”"],
)
def test_a_pasted_error_gets_one_reply_in_its_thread(bot, shape):
    """
    Plain, in a code block, quoted, between other words: the text's verdict, then the evidence.
    """
    said = bot.workspace.say(ALICE, SHOP, shape.format(bot.error(NAME)))

    found = bot.answer(said, button="show_fix")
    bot.quiet()

    assert 1 == len(bot.replies(SHOP, said.ts))
    assert "is not in repository" in found.text
    assert found.text == found.words.splitlines()[0].strip("*")
    assert found.edited


def test_the_first_verdict_comes_within_a_second(bot):
    """
    The text alone is answered at once, however slow AWS is.
    """
    bot.estate.latency = 0.2
    try:
        said = bot.workspace.say(ALICE, SHOP, bot.error(NAME))
        first = bot.workspace.wait(lambda: bot.replies(SHOP, said.ts), timeout=1)[0]
        assert "Suspects" in first.words
        bot.answer(said, button="show_fix", timeout=20)
    finally:
        bot.estate.latency = 0.0


def test_an_error_in_a_thread_is_answered_in_that_thread(bot):
    """
    The reply goes where the error is.
    """
    root = bot.workspace.say(ALICE, SHOP, "Deployment failed")
    said = bot.workspace.say(ALICE, SHOP, bot.error(NAME), thread_ts=root.ts)

    bot.answer(said, button="show_fix")

    assert 1 == len(bot.replies(SHOP, root.ts))


@pytest.mark.parametrize("lines", [0, 40, 900])
def test_a_text_file_is_read(bot, lines):
    """
    A snippet is answered, also where its preview ends before the error.
    """
    log = "INFO nothing to see on this line\n" * lines + bot.error(NAME)
    said = bot.workspace.say(ALICE, SHOP, "Our log", files=[("deploy.log", log)])

    found = bot.answer(said, button="show_fix")

    assert "is not in repository" in found.text


def test_a_long_file_is_read_up_to_its_limit(bot):
    """
    Of a file only the first 64 kB are read; an error behind them is not seen.
    """
    log = "x" * 70_000 + "\n" + bot.error(NAME)
    said = bot.workspace.say(ALICE, SHOP, "Our log", files=[("deploy.log", log)])
    bot.quiet()

    assert [] == bot.replies(SHOP, said.ts)


def test_a_file_elsewhere_is_not_fetched(bot):
    """
    The token goes to Slack alone, whatever a message says about where its file is.
    """
    speaker = bot.parts.queue.worker.say

    assert "" == speaker.read(f"{bot.url}/healthz")
    assert "" == speaker.read("http://169.254.169.254/latest/meta-data/")
    assert "" == speaker.read("file:///etc/passwd")


def test_another_bots_attachment_and_blocks_are_read(bot):
    """
    Alerts carry the error in an attachment, in its fields or in blocks.
    """
    w, error = bot.workspace, bot.error(NAME)
    section = {"type": "section", "text": {"type": "mrkdwn", "text": f"```{error}```"}}
    half = len(error) // 2
    pieces = [{"type": "text", "text": error[:half]}, {"type": "text", "text": error[half:]}]
    rich = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": pieces}]}
    for channel, more in (
        (SHOP, {"attachments": [{"text": error, "color": "danger"}]}),
        ("C02SHOPJA", {"blocks": [section]}),
        (RANDOM, {"blocks": [rich]}),
        ("C09AUDIT", {"attachments": [{"fields": [{"title": "Reason", "value": error}]}]}),
    ):
        said = w.say("Alertmanager", channel, "ECS task stopped", bot=True, **more)
        assert bot.answer(said, button="show_fix")


def test_an_edited_message_is_answered_once_and_in_place(bot):
    """
    An error that comes with an edit is answered; another edit changes that answer.
    """
    w = bot.workspace
    said = w.say(ALICE, SHOP, "It fails, error follows")
    w.edit(ALICE, said, bot.error(NAME))
    first = bot.answer(said, "is not in repository", "show_fix")

    w.edit(ALICE, said, bot.error(OTHER))
    second = bot.answer(said, "checkout-execution", "show_fix")

    assert first.ts == second.ts
    assert 1 == len(bot.replies(SHOP, said.ts))


def test_an_event_that_slack_sends_again_is_answered_once(bot):
    """
    The same event three times gives one reply.
    """
    w = bot.workspace
    event = {
        "type": "message", "channel": SHOP, "channel_type": "channel", "user": ALICE,
        "text": bot.error(NAME), "ts": w.say(ALICE, SHOP, "see below").ts, "event_ts": "1.0",
    }  # fmt: skip
    body = json.dumps({"type": "event_callback", "event_id": "Ev0AGAIN", "team_id": "T01",
                       "api_app_id": "A00", "event": event})  # fmt: skip
    for number in range(3):
        retry = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": "http_timeout"}
        answer = post(bot, body, signed(body, "application/json") | (retry if number else {}))
        assert 200 == answer.status

    w.wait(lambda: bot.replies(SHOP, event["ts"]))
    bot.quiet()
    assert 1 == len(bot.replies(SHOP, event["ts"]))


def test_a_storm_is_one_thread_with_a_counter(bot):
    """
    Another bot repeats one failure: one thread, and it says how often; a second failure is new.
    """
    w = bot.workspace
    said = [w.say("Alertmanager", SHOP, bot.error(NAME), bot=True) for _ in range(12)]

    w.wait(lambda: [m for s in said for m in bot.replies(SHOP, s.ts) if "Seen 12 times" in m.words])
    other = w.say("Alertmanager", SHOP, bot.error(OTHER), bot=True)
    bot.answer(other, button="show_fix")

    assert 1 == len([m for s in said for m in bot.replies(SHOP, s.ts)])


def test_people_who_paste_the_same_are_each_answered(bot):
    """
    A counter is for bots; a person gets an answer.
    """
    for user in (ALICE, BORA):
        said = bot.workspace.say(user, SHOP, bot.error(NAME))
        bot.answer(said, button="show_fix")


def test_a_direct_message_is_always_answered(bot):
    """
    Alone with the bot, a person is told too what it does not understand.
    """
    said = bot.workspace.say(ALICE, "D01ALICE", bot.error(NAME))
    bot.answer(said, button="show_fix")

    bot.workspace.say(ALICE, "D01ALICE", "hello?")
    bot.whispered(ALICE, "not an ECS image pull error")


def test_a_mention_in_a_direct_message_is_answered(bot):
    """
    Slack tells of no mention there: the message itself is all that comes.
    """
    for text in ("<@U00BOT> main/shop-web", f"<@U00BOT> {bot.error(OTHER)}"):
        said = bot.workspace.say(ALICE, "D01ALICE", text)
        bot.answer(said, button="check_again")
        bot.quiet()
        assert 1 == len(bot.replies("D01ALICE", said.ts))


# --- by name -------------------------------------------------------------------------------------


def test_a_mention_with_an_error_is_answered_in_its_thread(bot):
    """
    Called by name with an error, the bot answers once, although two events tell of it.
    """
    said = bot.workspace.say(ALICE, SHOP, f"<@U00BOT> why? {bot.error(NAME)}")

    bot.answer(said, button="show_fix")
    bot.quiet()

    assert 1 == len(bot.replies(SHOP, said.ts))


@pytest.mark.parametrize(
    "name",
    ["execution-role-untrusted", "execution-role-trust-unmet", "log-group-missing"],
)
def test_a_failure_before_the_pull_is_answered_when_asked(bot, name):
    """
    In a channel it is silence; asked by name, the bot finds the service and says how.
    """
    error, cause = bot.error(name), scenarios.named(name)
    bare = bot.workspace.say(ALICE, SHOP, error)
    asked = bot.workspace.say(ALICE, SHOP, f"<@U00BOT> {error}")

    found = bot.answer(asked, button="check_again")
    bot.quiet()

    assert [] == bot.replies(SHOP, bare.ts)
    assert 1 == len(bot.replies(SHOP, asked.ts))
    assert f"main/{cause.service}" in found.words
    assert "Nobody" in found.words
    kept = bot.service.store.thread(SHOP, found.ts)
    assert name == report_from_json(kept["report"], CAUSES).confirmed[0].id


def test_a_mention_in_a_thread_takes_what_the_thread_is_about(bot):
    """
    Without an error of its own, the mention means the one that the thread began with.
    """
    root = bot.workspace.say(ALICE, SHOP, bot.error(NAME))
    bot.answer(root, button="show_fix")

    bot.workspace.say(BORA, SHOP, "<@U00BOT>", thread_ts=root.ts)
    bot.workspace.wait(lambda: len(bot.replies(SHOP, root.ts)) == 2)
    bot.quiet()

    assert "is not in repository" in bot.replies(SHOP, root.ts)[1].text


def test_a_mention_without_words_is_told_how_to_ask(bot):
    """
    Nothing to explain: how to ask, to that person alone, in their language.
    """
    bot.workspace.say(ALICE, SHOP, "<@U00BOT>")
    bot.whispered(ALICE, "opens a form")

    bot.workspace.say(YUKI, RANDOM, "<@U00BOT>")
    bot.whispered(YUKI, "フォーム")


def test_a_private_answer_stands_where_it_is_seen(bot):
    """
    In the thread where somebody acted; in the channel, where nobody has replied yet.
    """
    w = bot.workspace
    root = w.say("Deployer", SHOP, "failed", bot=True)
    w.shortcut(ALICE, "explain_pull_error", root)
    alone = bot.whispered(ALICE, "not an ECS image pull error")
    reply = w.say(BORA, SHOP, "why?", thread_ts=root.ts)
    w.shortcut(BORA, "explain_pull_error", reply)

    assert alone.thread_ts is None
    assert root.ts == bot.whispered(BORA, "not an ECS image pull error").thread_ts


def test_the_shortcut_explains_what_another_bot_said(bot):
    """
    The message shortcut answers in the thread of the message it was used on.
    """
    said = bot.workspace.say("Deployer", SHOP, "failed", bot=True)
    bot.workspace.shortcut(ALICE, "explain_pull_error", said)
    bot.whispered(ALICE, "not an ECS image pull error")

    w = bot.workspace
    w.leave("U00BOT", SHOP)
    alert = w.say("Deployer", SHOP, bot.error(NAME), bot=True)
    w.join("U00BOT", SHOP)
    w.shortcut(ALICE, "explain_pull_error", alert)
    bot.answer(alert, button="show_fix")
