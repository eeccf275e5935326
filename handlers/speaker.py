"""How the bot speaks: Slack's Web API behind the words that jobs know."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from typing import Any
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

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
from bot.speaking import Attachment
from bot.store import Store
from bot.symptom import LIMIT

log = logging.getLogger(__name__)

CLOSED = {"not_in_channel", "channel_not_found", "is_archived", "restricted_action"}
# What people have deleted cannot be updated; what was decided is carried out all the same.
GONE = {*CLOSED, "message_not_found", "cant_update_message", "edit_window_closed"}
GROUP_SECONDS = 300
FILE_SECONDS = 5


def client(token: str, api_url: str | None) -> WebClient:
    """Return a client that waits when Slack says so, and tries again when a connection breaks."""
    found = WebClient(token, base_url=api_url) if api_url else WebClient(token)
    found.retry_handlers = [
        ConnectionErrorRetryHandler(max_retry_count=2),
        RateLimitErrorRetryHandler(max_retry_count=3),
        ServerErrorRetryHandler(max_retry_count=2),
    ]
    return found


class Stay(HTTPRedirectHandler):
    """Follows no redirect, because the token would go along."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Give no further request."""


OPENER = build_opener(Stay)


def _of_slack(url: str, api: str) -> bool:
    """Tell whether *url* is on the host of the Web API at *api*, or on one of slack.com."""
    asked, ours = urlsplit(url), urlsplit(api)
    if asked.netloc == ours.netloc:
        return asked.scheme == ours.scheme
    slack = (ours.hostname or "").endswith("slack.com")
    return slack and asked.scheme == "https" and (asked.hostname or "").endswith(".slack.com")


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
        try:
            self._web.chat_update(channel=channel, ts=ts, **said)
        except SlackApiError as error:
            if error.response.get("error") not in GONE:
                raise
            log.warning("a message is gone", extra={"why": error.response.get("error")})

    def whisper(
        self,
        channel: str,
        user: str,
        message: Message,
        thread: str | None = None,
        url: str | None = None,
    ) -> None:
        if url:
            said = {k: v for k, v in message.items() if k in ("text", "blocks")}
            if thread:  # else it stands in the channel, even where somebody clicked in a thread
                said["thread_ts"] = thread
            answer = WebhookClient(url).send_dict({**said, "response_type": "ephemeral"})
            if answer.status_code == 200:
                return
        try:
            self._web.chat_postEphemeral(
                channel=channel,
                user=user,
                thread_ts=thread,
                text=message["text"],
                blocks=message["blocks"],
            )
        except SlackApiError as error:
            log.warning("could not tell a person", extra={"why": error.response.get("error")})

    def upload(
        self, channel: str, files: Sequence[Attachment], text: str, thread: str | None = None
    ) -> None:
        uploads = [
            {"filename": f.name, "title": f.title or f.name, "content": f.content, "alt_txt": f.alt}
            for f in files
        ]
        try:
            self._web.files_upload_v2(
                channel=channel, thread_ts=thread, initial_comment=text, file_uploads=uploads
            )
        except SlackApiError as error:
            if error.response.get("error") in CLOSED:
                raise NotInChannel(channel) from error
            raise

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

    def read(self, url: str) -> str:
        """Return the beginning of a shared text file; empty where it may not be read.

        The token goes to Slack's own hosts only, wherever a message says that its file is.
        """
        if not _of_slack(url, self._web.base_url):
            log.warning("file elsewhere", extra={"host": urlsplit(url).hostname})
            return ""
        request = Request(url, headers={"Authorization": f"Bearer {self._web.token}"})  # noqa: S310
        try:
            with OPENER.open(request, timeout=FILE_SECONDS) as answer:
                if answer.headers.get_content_type() == "text/html":  # Slack's page to sign in
                    return ""
                return str(answer.read(LIMIT).decode("utf-8", "replace"))
        except OSError as error:
            log.warning("file not read", extra={"why": type(error).__name__})
            return ""

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
