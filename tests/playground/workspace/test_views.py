"""Triggers, stacked views, hashes, and forms that are not complete."""

from __future__ import annotations

import pytest

from tests.playground.workspace.kit import ALICE, actions, button, error_of, modal, plain, trigger


def test_trigger_expires_after_three_seconds(timed, now):
    """
    A trigger that is too old opens nothing.
    """
    old = trigger(timed)
    now[0] += 3.1

    assert "expired_trigger_id" == error_of(timed.web.views_open, trigger_id=old, view=modal())
    assert timed.modal(ALICE) is None


def test_trigger_works_once(timed):
    """
    The second view for one trigger is refused, and so is an invented one.
    """
    once = trigger(timed)
    timed.web.views_open(trigger_id=once, view=modal())

    assert "exchanged_trigger_id" == error_of(timed.web.views_open, trigger_id=once, view=modal())
    assert "invalid_trigger_id" == error_of(timed.web.views_open, trigger_id="1.2.x", view=modal())


def test_refused_view_does_not_use_the_trigger_up(timed):
    """
    Whoever sent a bad view may send a good one.
    """
    once = trigger(timed)

    assert "invalid_arguments" == error_of(
        timed.web.views_open, trigger_id=once, view=modal(title=plain("x" * 25))
    )
    assert timed.web.views_open(trigger_id=once, view=modal())["ok"]


def test_fourth_view_is_not_stacked(timed):
    """
    Three modals stand on each other, and closing shows the one below.
    """
    go = modal(*actions(button("act")))
    timed.web.views_open(trigger_id=trigger(timed), view=go)
    for _ in range(2):
        timed.click(ALICE, timed.modal(ALICE), "act")
        timed.web.views_push(trigger_id=timed.bodies[-1]["trigger_id"], view=go)
    timed.click(ALICE, timed.modal(ALICE), "act")
    first, second, third = timed.modals(ALICE)

    assert "push_limit_reached" == error_of(
        timed.web.views_push, trigger_id=timed.bodies[-1]["trigger_id"], view=go
    )
    assert (first.id, second.id) == (third.root, third.previous)
    assert timed.close(ALICE, third) is None
    assert second.id == timed.modal(ALICE).id


def test_old_hash_conflicts(timed):
    """
    An update that was made for an older state of the view is refused.
    """
    view = timed.web.views_open(trigger_id=trigger(timed), view=modal())["view"]
    timed.web.views_update(view_id=view["id"], hash=view["hash"], view=modal())

    assert "hash_conflict" == error_of(
        timed.web.views_update, view_id=view["id"], hash=view["hash"], view=modal()
    )


def test_update_keeps_what_was_typed(timed):
    """
    Same block, same action: the words stay; another block begins empty.
    """
    field = {
        "type": "input",
        "label": plain("L"),
        "element": {"type": "plain_text_input", "action_id": "t"},
    }
    both = [{**field, "block_id": "one"}, {**field, "block_id": "two"}]
    view = timed.web.views_open(trigger_id=trigger(timed), view=modal(*both, submit=plain("S")))[
        "view"
    ]
    for block in ("one", "two"):
        timed._fill(ALICE, timed.modal(ALICE), block, "t", "typed")
    renamed = [{**field, "block_id": "one"}, {**field, "block_id": "three"}]
    after = timed.web.views_update(view_id=view["id"], view=modal(*renamed, submit=plain("S")))[
        "view"
    ]

    assert {"one": "typed", "three": None} == {
        b: v["t"]["value"] for b, v in after["state"]["values"].items()
    }


def test_form_with_a_gap_is_not_sent(timed):
    """
    A required field that is empty stops the form before the bot hears of it.
    """
    field = {
        "type": "input",
        "block_id": "b",
        "label": plain("L"),
        "element": {"type": "plain_text_input", "action_id": "t"},
    }
    timed.web.views_open(trigger_id=trigger(timed), view=modal(field, submit=plain("S")))
    asked = len(timed.acks)

    with pytest.raises(AssertionError, match="does not send"):
        timed.submit(ALICE, timed.modal(ALICE))
    assert asked == len(timed.acks)
    assert ["b"] == list(timed.modal(ALICE).errors)


def test_closing_is_told_where_the_bot_wants_to_know(timed):
    """
    view_closed comes only with notify_on_close.
    """
    timed.web.views_open(trigger_id=trigger(timed), view=modal(notify_on_close=True))
    ack = timed.close(ALICE, timed.modal(ALICE))

    assert ack.ok
    assert ("view_closed", False) == (timed.bodies[-1]["type"], timed.bodies[-1]["is_cleared"])
