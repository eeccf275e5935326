"""Response URLs: how often, how long, and what they change."""

from __future__ import annotations

import json

from slack_sdk.webhook import WebhookClient

from tests.playground.workspace.kit import ALICE, SHOP, actions, button, trigger


def test_response_url_works_five_times(timed):
    """
    The sixth use is refused; before that, answers are seen by the person alone unless said aloud.
    """
    trigger(timed)
    hook = WebhookClient(timed.bodies[-1]["response_url"])
    answers = [hook.send(text="aloud", response_type="in_channel").status_code]
    answers += [hook.send(text="quiet").status_code for _ in range(5)]

    assert [200, 200, 200, 200, 200, 404] == answers
    assert ["aloud"] == [m.text for m in timed.messages(SHOP)]
    assert ["quiet"] * 4 == [m.text for m in timed.ephemerals(ALICE)]
    assert "used_url" == timed.refusals[-1].error


def test_response_url_expires_after_half_an_hour(timed, now):
    """
    A late answer is refused, and so is one with bad blocks.
    """
    trigger(timed)
    hook = WebhookClient(timed.bodies[-1]["response_url"])
    bad = hook.send(blocks=[{"type": "note"}])
    now[0] += 1801

    assert (400, "invalid_blocks") == (bad.status_code, json.loads(bad.body)["error"])
    assert 404 == hook.send(text="late").status_code
    assert [] == timed.ephemerals(ALICE)


def test_original_is_replaced_and_deleted(timed):
    """
    A click's response URL changes the message that was clicked, an ephemeral one too.
    """
    timed.web.chat_postEphemeral(channel=SHOP, user=ALICE, text="?", blocks=actions(button("act")))
    timed.click(ALICE, timed.ephemerals(ALICE)[0], "act")
    body = timed.bodies[-1]
    hook = WebhookClient(body["response_url"])
    hook.send(text="changed", replace_original=True)
    changed = [m.words for m in timed.ephemerals(ALICE)]
    hook.send(delete_original=True)

    assert ["changed"] == changed
    assert [] == timed.ephemerals(ALICE)
    assert body["container"]["is_ephemeral"]
    assert "message" not in body


def test_answer_leaves_the_thread_unless_it_names_it(timed):
    """
    A response URL posts to the channel, also after a click in a thread; thread_ts keeps it there.
    """
    parent = timed.say(ALICE, SHOP, "CannotPull")
    timed.web.chat_postMessage(
        channel=SHOP, text="x", thread_ts=parent.ts, blocks=actions(button("act"))
    )
    timed.click(ALICE, timed.thread(SHOP, parent.ts)[1], "act")
    hook = WebhookClient(timed.bodies[-1]["response_url"])
    hook.send(text="in the channel")
    hook.send_dict({"text": "in the thread", "thread_ts": parent.ts})

    assert [None, parent.ts] == [m.thread_ts for m in timed.ephemerals(ALICE)]
