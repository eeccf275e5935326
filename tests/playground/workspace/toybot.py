"""A small bot that shows everything that a bot can show."""

from __future__ import annotations

from tests.playground.workspace.kit import button, field, mrkdwn, options, plain, section, select

ASK = {
    "title": plain("Apply this?"),
    "text": mrkdwn("It *changes* things."),
    "confirm": plain("Apply"),
    "deny": plain("No"),
}
ANSWER = [
    {"type": "header", "text": plain("Tag v1 is missing")},
    section("*Seen* <!date^1767225600^{date_short}|2026> by <@U02BORA> in `shop`\n> quoted", accessory={"type": "overflow", "action_id": "more", "options": options("Details")}),
    {"type": "section", "fields": [mrkdwn("*Region*\neu-west-1"), plain("main")]},
    section("```- old <b>\n+ new```"),
    {"type": "actions", "elements": [button("approve", "Approve", value="1", style="primary", confirm=ASK), select("tag", "static_select", options=options("v2", "v3"))]},
    {"type": "rich_text", "elements": [{"type": "rich_text_list", "style": "bullet", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "listed", "style": {"bold": True}}]}]}]},
    {"type": "table", "rows": [[{"type": "raw_text", "text": "Cause"}], [{"type": "raw_text", "text": "ruled out"}]]},
    {"type": "markdown", "text": "## Next\n1. **Push** the image"},
    {"type": "image", "image_url": "https://example.com/path.png", "alt_text": "The path to the registry"},
    {"type": "context", "elements": [mrkdwn("17 calls")]},
]  # fmt: skip
FORM = {
    "type": "modal", "callback_id": "form", "title": plain("Diagnose"), "submit": plain("Go"), "close": plain("Cancel"),
    "blocks": [
        field("a", "Account", select("account", "static_select", options=options("prod", "dev")), dispatch_action=True),
        field("c", "Cluster", select("cluster", "external_select", min_query_length=0), optional=True),
        field("d", "Depth", {"type": "radio_buttons", "action_id": "depth", "options": options("Quick", "Full")}),
        field("t", "Error", {"type": "plain_text_input", "action_id": "text", "multiline": True}),
    ],
}  # fmt: skip


def chosen(ack, body, client):
    ack()
    view = {**FORM, "blocks": [*FORM["blocks"], section("Chosen: prod")]}
    client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=view)


def sent(ack, view):
    text = view["state"]["values"]["t"]["text"]["value"]
    second = {
        "type": "modal",
        "title": plain("Second"),
        "blocks": [section(f"You said *{text}*")],
    }
    if len(text) < 5:
        ack(response_action="errors", errors={"t": "Too short"})
    else:
        ack(response_action="push", view=second)


def commanded(ack, command, client):
    ack(text="Help is near") if command["text"] else ack()
    if not command["text"]:
        client.views_open(trigger_id=command["trigger_id"], view=FORM)


def heard(event, client):
    if "CannotPull" in event.get("text", ""):
        client.chat_postMessage(
            channel=event["channel"],
            thread_ts=event["ts"],
            text="Tag v1 is missing",
            blocks=ANSWER,
        )


def applied(ack, body, client):
    ack()
    client.chat_update(
        channel=body["channel"]["id"],
        ts=body["message"]["ts"],
        text="Applied",
        blocks=[section(f":white_check_mark: Applied by <@{body['user']['id']}>")],
    )


def home(event, client):
    client.views_publish(
        user_id=event["user"],
        view={"type": "home", "blocks": [{"type": "header", "text": plain("Image pulls")}]},
    )


def told(ack, body, respond):
    ack()
    respond(text="All the details", thread_ts=body["message"]["thread_ts"])


def toy(bolt):
    """Let the bot show everything that a bot can show."""
    bolt.command("/ecs-pull")(commanded)
    bolt.event("message")(heard)
    bolt.event("app_home_opened")(home)
    bolt.action("account")(chosen)
    bolt.action("approve")(applied)
    bolt.action("tag")(
        lambda ack, action, respond: (
            ack(),
            respond(text=f"Tag {action['selected_option']['value']}"),
        )
    )
    bolt.action("more")(told)
    bolt.options("cluster")(
        lambda ack, payload: ack(
            options=[o for o in options("main", "batch") if payload["value"] in o["value"]]
        )
    )
    bolt.view("form")(sent)
    bolt.shortcut("explain_pull_error")(lambda ack, respond: (ack(), respond(text="Explained")))
