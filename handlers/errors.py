"""The one boundary: what nobody expected is logged with a reference and told to the person."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from typing import Any

from slack_bolt import App, BoltRequest, BoltResponse
from slack_sdk.errors import SlackApiError

from bot.config import Accounts
from bot.jobs import QueueAway
from bot.render import thread
from bot.store import StoreAway
from handlers.access import Where

log = logging.getLogger(__name__)

Respond = Callable[..., Any]


def register(app: App, accounts: Accounts) -> None:
    def told(error: Exception, request: BoltRequest, body: dict[str, Any]) -> BoltResponse:
        where = _where(body)
        language = where.language(accounts)
        if isinstance(error, QueueAway):
            said = thread.problem("queue_away", language, {})
        elif isinstance(error, StoreAway):
            said = thread.problem("store_away", language, {})
        else:
            reference = secrets.token_hex(4)
            log.error("request failed", exc_info=error, extra={"reference": reference})
            said = thread.problem("internal", language, {"reference": reference})
        _whisper(request, where, said)
        if "command" in body:
            return BoltResponse(status=200, body={"response_type": "ephemeral", **said})
        return BoltResponse(status=200, body="")

    app.error(told)


def _whisper(request: BoltRequest, where: Where, said: dict[str, Any]) -> None:
    """Tell the person alone, where the request says who and where; a command is told in its ack."""
    client = request.context.client
    if client is None or not (where.user and where.channel) or "command" in request.body:
        return
    try:
        client.chat_postEphemeral(
            channel=where.channel, user=where.user, text=said["text"], blocks=said["blocks"]
        )
    except SlackApiError as error:
        log.warning("could not tell the person", extra={"why": error.response.get("error")})


def _where(body: dict[str, Any]) -> Where:
    event = body.get("event") or {}
    user = body.get("user_id") or (body.get("user") or {}).get("id") or event.get("user") or ""
    channel = body.get("channel_id") or (body.get("channel") or {}).get("id")
    return Where(user, channel or event.get("channel") or "")
