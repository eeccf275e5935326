"""How the bot speaks: Slack's Web API behind the words that jobs know."""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import (
    ConnectionErrorRetryHandler,
    RateLimitErrorRetryHandler,
    ServerErrorRetryHandler,
)
from slack_sdk.webhook import WebhookClient

from bot.conversation import NotInChannel
from bot.render.blocks import Message
from bot.store import Store

log = logging.getLogger(__name__)

CLOSED = {"not_in_channel", "channel_not_found", "is_archived", "restricted_action"}
GROUP_SECONDS = 300


def client(token: str, api_url: str | None) -> WebClient:
    """Return a client that waits when Slack says so, and tries again when a connection breaks."""
    found = WebClient(token, base_url=api_url) if api_url else WebClient(token)
    found.retry_handlers = [
        ConnectionErrorRetryHandler(max_retry_count=2),
        RateLimitErrorRetryHandler(max_retry_count=3),
        ServerErrorRetryHandler(max_retry_count=2),
    ]
    return found


class SlackSpeaker:
    """Speaks in one workspace."""

    def __init__(self, web: WebClient, store: Store) -> None:
        self._web = web
        self._store = store

    def post(self, channel: str, message: Message, thread: str | None = None) -> str:
        try:
            posted = self._web.chat_postMessage(channel=channel, thread_ts=thread, **message)
        except SlackApiError as error:
            if error.response.get("error") in CLOSED:
                raise NotInChannel(channel) from error
            raise
        return str(posted["ts"])

    def update(self, channel: str, ts: str, message: Message) -> None:
        said = {k: v for k, v in message.items() if k in ("text", "blocks")}
        self._web.chat_update(channel=channel, ts=ts, **said)

    def whisper(
        self, channel: str, user: str, message: Message, thread: str | None = None, url: str | None = None
    ) -> None:
        if url:
            answer = WebhookClient(url).send(
                text=message["text"], blocks=message["blocks"], response_type="ephemeral"
            )
            if answer.status_code == 200:
                return
        try:
            self._web.chat_postEphemeral(
                channel=channel, user=user, thread_ts=thread, text=message["text"], blocks=message["blocks"]
            )
        except SlackApiError as error:
            log.warning("could not tell a person", extra={"why": error.response.get("error")})

    def locale(self, user: str) -> str | None:
        if not user:
            return None
        try:
            found = self._web.users_info(user=user, include_locale=True)
        except SlackApiError as error:
            log.warning("no locale", extra={"why": error.response.get("error")})
            return None
        locale = (found.get("user") or {}).get("locale")
        return str(locale) if locale else None

    def groups(self, user: str, of: Collection[str]) -> set[str]:
        return {g for g in of if g.startswith("S") and user in self._members(g)}

    def home(self, user: str, view: dict[str, Any]) -> None:
        """Publish the App Home tab of *user*."""
        self._web.views_publish(user_id=user, view=view)

    def _members(self, group: str) -> list[str]:
        kept = self._store.group(group)
        if kept is not None:
            return kept
        try:
            answer = self._web.usergroups_users_list(usergroup=group)
        except SlackApiError as error:
            log.warning("no user group", extra={"why": error.response.get("error")})
            return []  # nobody may approve as a member of a group that cannot be read
        found = [str(u) for u in answer.get("users") or ()]
        self._store.set_group(group, found, GROUP_SECONDS)
        return found
