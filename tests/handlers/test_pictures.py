"""The picture of the path in the thread: once for each finding, with words for who does not see it."""

from __future__ import annotations

import struct

import pytest

from playground import scenarios
from tests.support.bot import ALICE, SHOP, SHOP_JA

NETWORK = [s.name for s in scenarios.SCENARIOS if s.name in (
    "public-ip-missing", "no-route-to-registry", "endpoint-missing", "s3-route-missing",
)]  # fmt: skip
WORDS = {SHOP: "The way of the image pull", SHOP_JA: "イメージ取得の経路"}


def ask(bot, name, channel=SHOP):
    """Name the service of a scenario, and return the message that the thread hangs on."""
    s = scenarios.named(name)
    arn = f"arn:aws:ecs:{s.region}:{s.account}:service/{s.cluster}/{s.service}"
    bot.workspace.command(ALICE, channel, "/ecs-pull", arn)
    return bot.workspace.wait(lambda: bot.workspace.messages(channel))[0]


def pictures(bot, said):
    """The replies in the thread of *said* that are a picture."""
    return [m for m in bot.replies(said.channel, said.ts) if m.files]


def posted(bot, said):
    """The one picture in the thread of *said*, once everything is done."""
    bot.workspace.wait(lambda: pictures(bot, said), 20)
    bot.quiet()
    (found,) = pictures(bot, said)
    return found


@pytest.mark.parametrize("channel", [SHOP, SHOP_JA])
@pytest.mark.parametrize("name", NETWORK)
def test_a_network_fault_is_drawn_in_its_thread(bot, name, channel):
    """
    A PNG of a phone's width, titled and told in words, in the language of the channel.
    """
    said = ask(bot, name, channel)
    found = posted(bot, said)
    (file,) = found.files
    width, height = struct.unpack(">II", file.content[16:24])

    assert file.content.startswith(b"\x89PNG\r\n\x1a\n")
    assert 500 <= width <= 720
    assert width < height
    assert file.name == "path.png"
    assert file.title == WORDS[channel]
    assert 0 < len(file.alt) <= 1000
    assert [] == bot.workspace.core.refusals


def test_a_look_that_finds_the_same_posts_no_second_picture(bot):
    """
    Check again as often as you like: the thread is not filled with copies.
    """
    said = ask(bot, "endpoint-missing")
    posted(bot, said)
    answer = bot.answer(said, button="check_again")
    bot.workspace.click(ALICE, answer, "check_again")
    bot.quiet()

    assert 1 == len(pictures(bot, said))


def test_another_finding_posts_another_picture(bot):
    """
    What is known of the answer has changed since it was drawn.
    """
    said = ask(bot, "endpoint-missing")
    posted(bot, said)
    answer = bot.answer(said, button="check_again")
    store = bot.service.store
    kept = store.thread(SHOP, answer.ts)
    store.put_thread(SHOP, answer.ts, {**kept, "language": "ja"})
    bot.parts.queue("picture", channel=SHOP, message=answer.ts)
    bot.quiet()

    assert [WORDS[SHOP], WORDS[SHOP_JA]] == [m.files[0].title for m in pictures(bot, said)]


def test_other_faults_have_no_picture(bot):
    """
    A missing tag has nothing to do with the way.
    """
    said = ask(bot, "image-tag-missing")
    bot.answer(said, button="show_fix")
    bot.quiet()

    assert [] == pictures(bot, said)


def test_a_job_for_an_answer_that_is_forgotten_does_nothing(bot):
    """
    Thirty days later, or with another message's name.
    """
    bot.parts.queue("picture", channel=SHOP, message="1.2")
    bot.quiet()

    assert [] == bot.workspace.messages(SHOP)
