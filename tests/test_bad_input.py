"""What goes wrong is said in one clear sentence, with the next step; what is hostile stays inert."""

from __future__ import annotations

import json
import logging
import time
from urllib.parse import urlencode

import pytest

from bot.aws.accounts import Doors
from playground.workspace import signed
from tests.support.bot import (
    ALICE,
    BORA,
    MALLORY,
    RANDOM,
    SHOP,
    SHOP_JA,
    has,
    post,
    running,
)
from tests.support.estate import session

NAME = "image-tag-missing"
TASK = "arn:aws:ecs:ap-northeast-1:222233334444:task/main/0123456789abcdef0123456789abcdef"
SERVICE = "arn:aws:ecs:ap-northeast-1:222233334444:service/{}/{}"
LANGUAGES = ((SHOP, 0), (SHOP_JA, 1))
HOSTILE = (
    "<!channel> <!here> <!everyone>",
    "<@U02BORA> <!subteam^S01PLATFORM>",
    "<https://evil.example/|https://console.aws.amazon.com/>",
    "```` `*_~ ```code``` > quote",
    "{{ 7*7 }} {% raw %} ${jndi:ldap://x} %(x)s {0}",
    "\u202e\u200b\ufeff\x00\x07 rtl",
    "&lt;!channel&gt; &amp;amp;",
    "a" * 4000,
    "😀" * 500,
)


def reply(bot, channel, text, words):
    """Ask for *text* by command; return the message that says *words*, aloud or in private."""
    w = bot.workspace
    w.command(ALICE, channel, "/ecs-pull", text)

    def found():
        said = [*w.messages(channel), *w.ephemerals(ALICE)]
        return next((m for m in said if words in m.words), None)

    return w.wait(found, 30)


@pytest.mark.parametrize(("channel", "lang"), LANGUAGES)
@pytest.mark.parametrize(
    ("text", "words", "next_step"),
    [
        ("nowhere/shop-web", ("no cluster", "クラスター"), ""),
        ("main/nobody", ("no service", "サービス `nobody`"), ""),
        (TASK, ("stopped tasks for about an hour", "約 1 時間"), "/ecs-pull"),
        (SERVICE.format("main", "x").replace("ap-northeast-1", "eu-west-3"),
         ("no Region", "リージョン"), "ap-northeast-1"),
        (SERVICE.format("main", "x").replace("222233334444", "999988887777"),
         ("do not know account", "999988887777"), "accounts.yaml"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_said(bot, channel, lang, text, words, next_step):
    """
    A cluster, a service, a task, a Region, an account: each has its own sentence.
    """
    found = reply(bot, channel, text, words[lang])

    assert next_step in found.words
    assert ":hourglass" not in found.words


@pytest.mark.parametrize(("channel", "lang"), LANGUAGES)
def test_a_role_that_cannot_be_assumed_is_named(bot, channel, lang):
    """
    The trust is gone: the role, and what to check.
    """
    iam = bot.estate.client("iam", "222233334444", "us-east-1")
    before = iam.get_role(RoleName="ecs-pull-read")["Role"]["AssumeRolePolicyDocument"]
    ec2 = {
        "Effect": "Allow",
        "Principal": {"Service": "ec2.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    closed = {"Version": "2012-10-17", "Statement": [ec2]}
    iam.update_assume_role_policy(RoleName="ecs-pull-read", PolicyDocument=json.dumps(closed))
    doors = bot.service.doors
    bot.service.doors = Doors(
        bot.service.accounts, endpoint_url=bot.estate.url, session=session(bot.estate)
    )
    try:
        found = reply(bot, channel, "main/shop-web", ("could not assume", "引き受け")[lang])
        assert "role/ecs-pull-read" in found.words
    finally:
        iam.update_assume_role_policy(RoleName="ecs-pull-read", PolicyDocument=json.dumps(before))
        bot.service.doors = doors


@pytest.mark.parametrize(("channel", "lang"), LANGUAGES)
def test_a_throttled_aws_is_said(bot, channel, lang):
    """
    AWS throttles every call: said so, and that nothing was changed.
    """
    from playground.estate import Fault

    bot.estate.faults.append(Fault("ecs:", "throttle", count=10**6))

    found = reply(bot, channel, "main/shop-web", ("throttles", "スロットリング")[lang])

    assert ("Nothing was changed", "変更")[lang] in found.words


@pytest.mark.parametrize(("channel", "lang"), LANGUAGES)
def test_an_aws_that_does_not_answer_is_said(bot, channel, lang):
    """
    Nobody listens there: said so, and try again in a minute; a pasted text is still explained.
    """
    doors = bot.service.doors
    bot.service.doors = Doors(
        bot.service.accounts, endpoint_url="http://127.0.0.1:1", session=session(bot.estate)
    )
    try:
        reply(bot, channel, "main/shop-web", ("does not answer", "応答")[lang])
        said = bot.workspace.say(ALICE, channel, bot.error(NAME))
        found = bot.answer(said, button="pick_subject", timeout=30)
        assert "image-tag-missing" in found.words
    finally:
        bot.service.doors = doors


@pytest.fixture
def lonely(lasting_bot):
    """A bot of its own, whose Redis may be stopped."""
    lasting_bot.reset()
    with running(lasting_bot.estate) as found:
        yield found


def test_without_its_store_the_bot_says_so_and_changes_nothing(lonely):
    """
    Redis goes away between showing and approving: told in private, in both languages, no fix.
    """
    w = lonely.workspace
    said = w.say(ALICE, SHOP, lonely.error(NAME))
    w.click(ALICE, lonely.answer(said, button="show_fix"), "show_fix")
    shown = lonely.answer(said, button="approve_fix")
    lonely.quiet()
    lonely.redis.stop()
    lonely.estate.calls.clear()

    w.click(BORA, shown, "approve_fix")
    lonely.whispered(BORA, "(Redis) is away")
    w.say(ALICE, SHOP, lonely.error(NAME))
    lonely.whispered(ALICE, "Try again in a minute")
    w.command(ALICE, SHOP_JA, "/ecs-pull", "main/shop-web")
    lonely.whispered(ALICE, "キュー")

    assert "opens a form" in w.command(ALICE, SHOP, "/ecs-pull", "help").json["text"]
    assert has(w.thread(SHOP, said.ts)[-1], "approve_fix")
    assert [] == list(lonely.estate.calls)
    assert not [a for a in w.acks if a.late]


# --- requests that are not Slack's -----------------------------------------------------------------


@pytest.mark.parametrize("kind", ["unsigned", "forged", "old", "changed", "timeless"])
def test_what_slack_did_not_sign_is_refused_and_not_logged(bot, kind, caplog):
    """
    Unsigned, forged, older than five minutes, or changed on the way: 401, and no word of it in the log.
    """
    caplog.set_level(logging.DEBUG)
    body = urlencode({"command": "/ecs-pull", "text": "topsecret", "user_id": MALLORY,
                      "channel_id": SHOP, "trigger_id": "1"})  # fmt: skip
    form = "application/x-www-form-urlencoded"
    headers = {
        "unsigned": {"Content-Type": form},
        "forged": signed(body, form) | {"X-Slack-Signature": "v0=" + "0" * 64},
        "old": signed(body, form, time.time() - 400),
        "changed": signed(body + "&x=1", form),
        "timeless": signed(body, form) | {"X-Slack-Request-Timestamp": "now"},
    }[kind]

    answer = post(bot, body, headers)

    assert answer.status in (401, 403)
    assert "topsecret" not in caplog.text


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", '{"type": "event_callback"}', "payload=%7B", "\ufffd"]
)
def test_a_body_that_makes_no_sense_breaks_nothing(bot, body):
    """
    Whatever is signed is answered, and the bot goes on.
    """
    for kind in ("application/json", "application/x-www-form-urlencoded"):
        answer = post(bot, body, signed(body, kind))
        assert answer.status < 500

    assert "opens a form" in bot.workspace.command(ALICE, SHOP, "/ecs-pull", "help").json["text"]


# --- hostile texts ---------------------------------------------------------------------------------


def harmless(message):
    """Tell whether *message* pings nobody but who it is about, and links nowhere strange."""
    told = json.dumps(message.blocks, ensure_ascii=False) + message.text
    return not any(bad in told for bad in ("<!channel", "<!here", "<!everyone", "<https://evil"))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_stay_inert_on_every_surface(bot, text):
    """
    In a message, a command, the form and a file: no ping, no link, no crash, one answer.
    """
    w = bot.workspace
    error = bot.error(NAME)
    bad = error.replace("v1.0.0", text[:200]) + " " + text
    said = w.say(MALLORY, RANDOM, bad)
    w.command(MALLORY, RANDOM, "/ecs-pull", f"{text} {error}")
    w.command(MALLORY, RANDOM, "/ecs-pull", text)
    w.say(MALLORY, RANDOM, "file", files=[("log.txt", f"{text}\n{error}\n{text}")])
    w.say(text[:50], RANDOM, "alert", bot=True, attachments=[{"text": bad, "fallback": text}])
    w.command(MALLORY, RANDOM, "/ecs-pull", "")
    bot.form(MALLORY, account="222233334444", cluster="main", service="shop-web", text=text[:2900])
    bot.quiet()

    spoken = [m for m in w.messages(RANDOM) if m.user == "U00BOT"] + w.ephemerals(MALLORY)
    assert spoken
    assert all(map(harmless, spoken))
    assert len(bot.replies(RANDOM, said.ts)) <= 1
    assert not [m for m in spoken if ":hourglass" in m.words]
    assert not [m for m in spoken if "broke on my side" in m.words]


def test_hostile_names_in_the_account_stay_inert(bot):
    """
    A tag that calls the whole channel is shown as it is written.
    """
    ecs = bot.estate.client("ecs", "222233334444", "ap-northeast-1")
    known = ecs.describe_task_definition(taskDefinition="shop-web:1")["taskDefinition"]
    container = known["containerDefinitions"][0] | {"name": "app"}
    image = container["image"].rpartition(":")[0] + ":<!channel>"
    made = ecs.register_task_definition(
        family="hostile", networkMode="awsvpc", cpu="256", memory="512",
        requiresCompatibilities=["FARGATE"], executionRoleArn=known["executionRoleArn"],
        containerDefinitions=[container | {"image": image}],
    )["taskDefinition"]["taskDefinitionArn"]  # fmt: skip
    w = bot.workspace
    w.command(ALICE, SHOP, "/ecs-pull", made)
    bot.quiet()

    assert 2 == len(w.messages(SHOP)), w.told()
    assert all(map(harmless, w.messages(SHOP)))


def test_forged_buttons_are_answered_and_change_nothing(bot):
    """
    Values that no message of ours carries: told so, and nothing happens.
    """
    w = bot.workspace
    said = w.say(ALICE, SHOP, bot.error(NAME))
    bot.answer(said, button="show_fix")
    bot.estate.calls.clear()
    for action in ("approve_fix", "undo_fix", "dismiss_fix", "show_fix", "check_again", "details"):
        for value in ("", "x", ":", "a:b:c:d", "<!channel>", "9" * 1900):
            payload = {
                "type": "block_actions", "user": {"id": MALLORY}, "team": {"id": "T01"},
                "api_app_id": "A00", "channel": {"id": SHOP}, "trigger_id": "1",
                "container": {"type": "message", "channel_id": SHOP, "message_ts": said.ts},
                "actions": [{"type": "button", "action_id": action, "block_id": "b", "value": value}],
            }  # fmt: skip
            body = urlencode({"payload": json.dumps(payload)})
            answer = post(bot, body, signed(body, "application/x-www-form-urlencoded"))
            assert 200 == answer.status
    bot.quiet()

    assert [] == list(bot.estate.calls)
    assert not [m for m in w.ephemerals(MALLORY) if "broke on my side" in m.words]
    assert all(map(harmless, w.ephemerals(MALLORY)))
