"""After a crash our own revision is told from those that others have registered meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.live import Known, live, mark
from bot.model import Call
from bot.steps import MARK
from tests.support.doors import Aws, revision_steps

PLAIN, _ = revision_steps()
REGISTER = replace(PLAIN, do=replace(PLAIN.do, params={**PLAIN.do.params, "tags": [MARK]}))


def look(aws, since):
    return live(REGISTER, aws.door(REGISTER), Known(after=REGISTER.after, mark=since))


def register(aws, **changes):
    """Register what ours is, but for *changes*."""
    params = {**REGISTER.do.params, **changes}
    aws.door(REGISTER).call(Call("ecs", "register_task_definition", params))


def test_the_same_image_does_not_make_a_revision_ours():
    """
    With another environment beside our image it is somebody else's, and ours is still to be made.
    """
    aws = Aws()
    ours = REGISTER.do.params["containerDefinitions"]
    other = [{**c, "environment": [{"name": "DEBUG", "value": "1"}]} for c in ours]
    register(aws, containerDefinitions=other)

    assert "before" == look(aws, 7).state


def test_a_revision_without_our_mark_is_not_ours():
    """
    Somebody registered the very same by hand: taking back the fix must not take theirs.
    """
    aws = Aws()
    register(aws, tags=[{"key": "owner", "value": "shop"}])

    assert "before" == look(aws, 7).state


def test_a_revision_that_was_deregistered_is_not_ours_any_more():
    """
    A service cannot be given it.
    """
    aws = Aws()
    register(aws)
    aws.kept["revisions"]["8"]["status"] = "INACTIVE"

    assert "before" == look(aws, 7).state


@pytest.mark.parametrize("later", [0, 1, 3])
@pytest.mark.parametrize("earlier", [0, 2])
def test_ours_is_found_whatever_others_register(earlier, later):
    """
    Before it or after it: it is not registered a second time.
    """
    aws = Aws()
    for _ in range(earlier):
        register(aws, tags=[])
    since = mark(REGISTER, aws.door(REGISTER))
    register(aws)
    for _ in range(later):
        register(aws, tags=[])

    seen = look(aws, since)

    assert "after" == seen.state
    assert seen.answer["taskDefinition"]["taskDefinitionArn"].endswith(f":{8 + earlier}")


def test_what_ecs_fills_in_makes_no_difference():
    """
    Empty lists and zeros that nobody wrote, and named things in another order.
    """
    aws = Aws()
    named = [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}]
    app = {**REGISTER.do.params["containerDefinitions"][0], "environment": named}
    asked = replace(
        REGISTER,
        do=replace(REGISTER.do, params={**REGISTER.do.params, "containerDefinitions": [app]}),
    )
    turned = {**app, "environment": named[::-1], "volumesFrom": []}
    register(aws, containerDefinitions=[turned])

    seen = live(asked, aws.door(asked), Known(after=asked.after, mark=7))

    assert "after" == seen.state
