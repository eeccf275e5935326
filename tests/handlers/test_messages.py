"""What is pasted in a channel."""

from __future__ import annotations

from tests.support.bot import ALICE, SHOP


def test_a_pasted_error_gets_one_reply_in_its_thread(bot):
    """
    One reply: the text's verdict at once, the evidence in its place, buttons to go on.
    """
    said = bot.workspace.say(ALICE, SHOP, bot.error("image-tag-missing"))

    found = bot.answer(said, button="show_fix")

    assert 1 == len(bot.replies(SHOP, said.ts))
    assert "is not in repository" in found.text
    assert found.text == found.words.splitlines()[0].strip("*")
