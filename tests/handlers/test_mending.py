"""A fix that AWS needs time to carry out: told as under way, and again when it is done."""

from __future__ import annotations

import pytest

from playground import scenarios
from playground.estate import registry
from playground.estate.world import WORLD
from playground.scenarios.places import WORKLOAD
from tests.support.bot import ALICE, BORA, SHOP

NAME = "image-archived"


@pytest.fixture(autouse=True)
def slow(bot):
    WORLD.restoring = 1200.0
    yield
    bot.quiet()
    bot.rebuild()


def test_what_aws_is_still_at_is_no_failure(bot):
    """
    The restored image takes its time: under way, then verified, then a task runs; and back.
    """
    w, found = bot.workspace, scenarios.named(NAME)
    said = w.say(ALICE, SHOP, bot.error(NAME))
    w.click(ALICE, bot.answer(said, button="show_fix"), "show_fix")
    w.click(BORA, bot.answer(said, button="approve_fix"), "approve_fix")

    under_way = bot.answer(said, "AWS is working on it", "undo_fix")
    assert under_way.text.startswith("Applied, AWS is working on it")
    assert "not repaired" not in under_way.words

    image = registry.found(WORKLOAD, found.region, found.service, {"imageTag": "v1.0.0"})
    assert registry.ACTIVATING == registry.status(image)
    image.restored_at = 0.0
    verified = bot.answer(said, "is gone")
    assert "--force-new-deployment" in verified.words

    bot.estate.tick()
    running = bot.answer(said, "works again", "undo_fix")
    w.click(BORA, running, "undo_fix")
    bot.answer(said, "Taken back by")
    assert registry.ARCHIVED == registry.status(image)
