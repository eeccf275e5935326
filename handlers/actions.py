"""Buttons: what to do is in the action's name, what to do it to is an id in the store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.config import Accounts
from bot.jobs import Enqueue
from bot.service import Service
from handlers import access
from handlers.views import open_details, open_picker

JSON = dict[str, Any]


def register(app: App, service: Service, enqueue: Enqueue) -> None:
    accounts: Accounts = service.accounts

    def show_fix(ack: Ack, body: JSON, action: JSON) -> None:
        message, _, cause = action["value"].rpartition(":")
        enqueue("show_fix", **_at(body), message=message.rpartition(":")[2], cause=cause)
        ack()

    def check_again(ack: Ack, body: JSON, action: JSON) -> None:
        enqueue("check_again", **_at(body), message=action["value"].rpartition(":")[2])
        ack()

    def choose_fix(ack: Ack, body: JSON, action: JSON) -> None:
        fix = action["block_id"].removeprefix("fix:")
        enqueue("choose_fix", **_at(body), fix=fix, choice=action["selected_option"]["value"])
        ack()

    def take_home(ack: Ack, body: JSON, action: JSON) -> None:
        enqueue("take_home", **_at(body), fix=action["selected_option"]["value"])
        ack()

    def details(ack: Ack, body: JSON, action: JSON, client: WebClient) -> None:
        open_details(client, service, body["trigger_id"], access.of_action(body), action["value"])
        ack()

    def pick_subject(ack: Ack, body: JSON, action: JSON, client: WebClient) -> None:
        open_picker(client, accounts, body["trigger_id"], access.of_action(body), action["value"])
        ack()

    for listener in (
        show_fix,
        check_again,
        choose_fix,
        take_home,
        details,
        pick_subject,
    ):
        app.action(listener.__name__)(listener)
    for name in ("dismiss_fix", "undo_fix"):
        app.action(name)(_passed_on(enqueue))


def _passed_on(enqueue: Enqueue) -> Callable[..., None]:
    """Return a listener for buttons whose job has their name and needs no more than the fix."""

    def listener(ack: Ack, body: JSON, action: JSON) -> None:
        enqueue(action["action_id"], **_at(body), fix=action["value"])
        ack()

    return listener


def _at(body: JSON) -> JSON:
    where = access.of_action(body)
    return {"channel": where.channel, "user": where.user}
