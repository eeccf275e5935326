"""What becomes of a form by the bot's answer, and what external lists offer."""

from __future__ import annotations

import pytest

from tests.playground.workspace.kit import (
    ALICE,
    SHOP,
    connected,
    field,
    modal,
    options,
    plain,
    section,
    select,
)

TEXT = field("b", "Why", {"type": "plain_text_input", "action_id": "t", "initial_value": "x"})


@pytest.fixture
def answering(w):
    """Open a form above another one and send it; the bot answers as it is told."""
    with connected(w) as bolt:
        form = modal(TEXT, submit=plain("S"))

        def opened(ack, body, client):
            client.views_open(trigger_id=body["trigger_id"], view=form)
            ack()

        bolt.command("/ecs-pull")(opened)

        def sent(**answer):
            bolt.view("m")(lambda ack: ack(**answer))
            w.command(ALICE, SHOP, "/ecs-pull")
            w.submit(ALICE, w.modal(ALICE))
            return w.modals(ALICE)

        yield sent


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"elsewhere": "no"}},
        {"response_action": "update", "view": modal(title=plain("x" * 25))},
    ],
)
def test_bad_answer_to_a_form_is_trouble(w, answering, answer):
    """
    The person is told that something went wrong, and a test finds the refusal.
    """
    left = answering(**answer)

    assert "trouble connecting" in left[0].trouble
    assert 1 == len(w.refusals)


@pytest.mark.parametrize(
    ("answer", "titles"),
    [
        ({}, []),
        ({"response_action": "clear"}, []),
        ({"response_action": "update", "view": modal(title=plain("New"))}, ["New"]),
        ({"response_action": "push", "view": modal(title=plain("New"))}, ["T", "New"]),
        ({"response_action": "errors", "errors": {"b": "no"}}, ["T"]),
    ],
)
def test_answer_to_a_form_is_obeyed(w, answering, answer, titles):
    """
    Nothing closes the form; clear, update, push and errors do what they say.
    """
    assert titles == [view.title for view in answering(**answer)]
    assert [] == w.refusals


def test_external_list_waits_for_three_letters(w, bolt, web):
    """
    Without min_query_length Slack asks the bot from the third letter on, and shows no bad options.
    """
    offered = options("main", "main-blue")
    bolt.options("cluster")(lambda ack: ack(options=offered))
    block = section("Where", accessory=select("cluster", "external_select"))
    web.chat_postMessage(channel=SHOP, text="x", blocks=[block])
    message = w.messages(SHOP)[0]

    assert [] == w.suggest(ALICE, message, "cluster", "ma")
    assert ["main", "main-blue"] == [
        o["value"] for o in w.suggest(ALICE, message, "cluster", "mai")
    ]
    offered.append({"text": plain("x" * 76), "value": "long"})
    assert [] == w.suggest(ALICE, message, "cluster", "mai")
    assert "invalid_options" == w.refusals[-1].error
