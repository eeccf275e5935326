"""Decisions that have a reason: a button opens a modal, and the modal decides."""

from __future__ import annotations

import json
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.jobs import Enqueue
from bot.render import reasons, words
from handlers import access
from handlers.logins import Logins, accept, asks

JSON = dict[str, Any]


def register(app: App, logins: Logins, enqueue: Enqueue) -> None:
    fixes = logins.fixes
    accounts = fixes.service.accounts

    def decline_fix(ack: Ack, body: JSON, action: JSON, client: WebClient) -> None:
        where = access.of_action(body)
        if fixes.may_decline(action["value"], where.user, where.channel):
            kept = json.dumps({"channel": where.channel, "fix": action["value"]})
            view = reasons.decline(where.language(accounts), kept)
            client.views_open(trigger_id=body["trigger_id"], view=view)
        ack()

    def break_glass(ack: Ack, body: JSON, action: JSON, client: WebClient) -> None:
        where = access.of_action(body)
        fix, _, shown = action["value"].partition(":")
        kept = json.dumps({"channel": where.channel, "fix": fix, "shown": shown})
        secret = None if shown == reasons.UNDO else fixes.login_of(fix, where.channel)
        client.views_open(
            trigger_id=body["trigger_id"],
            view=reasons.break_glass(where.language(accounts), kept, shown, secret),
        )
        ack()

    def declined(ack: Ack, body: JSON) -> None:
        enqueue("decline_fix", **_decided(body))
        ack()

    def broken(ack: Ack, body: JSON) -> None:
        """Take the reason; blanks are none."""
        decided = _decided(body)
        language = access.Where("", decided["channel"]).language(accounts)
        if len(decided["reason"].strip()) < reasons.LEAST:
            missing = words.message("glass_missing", language)
            ack(response_action="errors", errors={"reason": missing})
            return
        if asks(body["view"]):
            accept(ack, logins, body["view"], decided, language)
            return
        enqueue("break_glass", **decided)
        ack()

    app.action("decline_fix")(decline_fix)
    app.action("break_glass")(break_glass)
    app.view("decline_form")(declined)
    app.view("glass_form")(broken)


def _decided(body: JSON) -> JSON:
    """Return what was decided about, by whom, and why."""
    view = body["view"]
    said = view["state"]["values"]["reason"]["reason"].get("value") or ""
    return {**json.loads(view["private_metadata"]), "user": body["user"]["id"], "reason": said}
