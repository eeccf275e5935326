"""Whole conversations between a person and a bot made with the real framework."""

from __future__ import annotations

ALICE, BORA, SHOP = "U01ALICE", "U02BORA", "C01SHOP"
BUTTONS = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "*Tag missing* in `my-app`"}},
    {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "action_id": "show",
                "value": "1",
                "text": {"type": "plain_text", "text": "Show"},
            }
        ],
    },
]


def modal(**more):
    return {
        "type": "modal",
        "callback_id": "form",
        "title": {"type": "plain_text", "text": "Form"},
        "submit": {"type": "plain_text", "text": "Send"},
        "blocks": [
            {
                "type": "input",
                "block_id": "why",
                "label": {"type": "plain_text", "text": "Why"},
                "element": {"type": "plain_text_input", "action_id": "text"},
            },
            {
                "type": "input",
                "block_id": "where",
                "label": {"type": "plain_text", "text": "Where"},
                "optional": True,
                "element": {
                    "type": "external_select",
                    "action_id": "cluster",
                    "min_query_length": 0,
                },
            },
        ],
        **more,
    }


def test_command_is_answered_in_a_thread_with_buttons(w, bolt):
    """
    A command, a message, a thread, a click and an edit go the whole way.
    """

    def asked(ack, command, client):
        ack()
        top = client.chat_postMessage(channel=command["channel_id"], text="Looking")
        client.chat_postMessage(
            channel=command["channel_id"], thread_ts=top["ts"], text="Found", blocks=BUTTONS
        )

    def shown(ack, body, client):
        ack()
        where = body["container"]
        client.chat_update(
            channel=where["channel_id"], ts=where["message_ts"], text="Shown", blocks=[]
        )

    bolt.command("/ecs-pull")(asked)
    bolt.action("show")(shown)

    ack = w.command(ALICE, SHOP, "/ecs-pull", "web/shop")
    reply = w.wait(lambda: [m for m in w.messages(SHOP) if m.is_reply])[0]
    w.click(BORA, reply, "show")
    after = w.wait(lambda: [m for m in w.messages(SHOP) if m.edited])[0]

    assert (200, False) == (ack.status, ack.late)
    assert "*Tag missing* in `my-app`\nShow" == reply.words
    assert ("Shown", reply.ts) == (after.text, after.ts)
    assert not w.refusals


def test_modal_with_suggestions_reaches_the_bot(w, bolt):
    """
    A modal is opened by a trigger, filled in with what the bot offers, refused once, and sent.
    """
    sent = []

    def offer(ack, payload):
        ack(
            options=[
                {"text": {"type": "plain_text", "text": n}, "value": n}
                for n in ("main", "dark")
                if payload["value"] in n
            ]
        )

    def submitted(ack, view):
        state = view["state"]["values"]
        sent.append((state["why"]["text"]["value"], state["where"]["cluster"]["selected_option"]))
        ack(response_action="errors", errors={"why": "Too short"}) if len(sent) == 1 else ack()

    bolt.command("/ecs-pull")(
        lambda ack, body, client: (
            client.views_open(trigger_id=body["trigger_id"], view=modal()) and ack()
        )
    )
    bolt.options("cluster")(offer)
    bolt.view("form")(submitted)

    w.command(ALICE, SHOP, "/ecs-pull")
    form = w.modal(ALICE)
    w.pick(ALICE, form, "cluster", "main")
    w.submit(ALICE, form, {"why": {"text": "x"}})
    refused = w.modal(ALICE)
    w.submit(ALICE, form, {"why": {"text": "longer"}})

    assert {"why": "Too short"} == refused.errors
    assert ["x", "longer"] == [why for why, _ in sent]
    assert "main" == sent[1][1]["value"]
    assert w.modal(ALICE) is None
