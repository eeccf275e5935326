"""What ECS says of the service that is watched after a fix."""

from __future__ import annotations

import pytest

from bot.watching import Watched
from playground.estate import announcing
from tests.support.bot import ALICE, BORA, SHOP

NAME = "execution-role-lacks-image-read"


@pytest.fixture(autouse=True)
def as_before(bot):
    yield
    bot.quiet()
    bot.rebuild()


def applied(bot):
    w = bot.workspace
    said = w.say(ALICE, SHOP, bot.error(NAME))
    w.click(ALICE, bot.answer(said, button="show_fix"), "show_fix")
    w.click(BORA, bot.answer(said, button="approve_fix"), "approve_fix")
    return said, bot.answer(said, "Verified", "undo_fix")


@pytest.fixture
def says(bot):
    """Returns what lets ECS say something of the service, before a task of it runs."""
    seen = [Watched("waiting")]
    bot.service.watch = lambda fix: seen[-1]
    yield seen.append
    del bot.service.watch


def undone(bot, said, found):
    bot.workspace.click(BORA, found, "undo_fix")
    return bot.answer(said, "Taken back by")


def test_a_service_that_ecs_holds_back_is_told_once_and_watched_on(bot, says):
    """
    ECS's own words and what to do, in the same message; then the task that runs after all.
    """
    said, _ = applied(bot)
    says(Watched("stalled", text=announcing.IMPAIRED))
    held = bot.answer(said, "ECS holds checkout back", "undo_fix")

    assert held.text.startswith("Applied, but ECS waits")
    assert "--force-new-deployment" in held.words
    says(Watched("running", "1234"))
    running = bot.answer(said, "works again")
    assert 1 == running.words.count("ECS holds checkout back")
    undone(bot, said, running)


def test_a_deployment_that_ecs_gave_up_ends_the_watch(bot, says):
    """
    The circuit breaker does not try again: the reader learns it at once, not after the time limit.
    """
    said, _ = applied(bot)
    says(Watched("stalled", text="tasks failed to start <!channel>", gave_up=True))
    ended = bot.answer(said, "has given up", "undo_fix")
    bot.quiet()

    assert "<!channel>" not in str(ended.blocks)
    assert ended.text == "Applied, but ECS has given up deploying checkout"
    undone(bot, said, ended)


def test_what_could_not_be_taken_back_is_told(bot):
    """
    Each setting is as before; the deployment that was started is named as what is not.
    """
    said, fixed = applied(bot)
    back = undone(bot, said, fixed)

    assert "role/checkout-execution is as before" in back.words.replace("`", "")
    assert "Not taken back: the new deployment of" in back.words
