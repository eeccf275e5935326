"""Pasted errors in channels, edited messages, other bots' attachments, text files, and ``@bot``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from slack_bolt import App

from bot.jobs import Enqueue
from bot.service import Service
from bot.symptom import LIMIT

JSON = dict[str, Any]
MENTION = re.compile(r"<@[UW][A-Z0-9]+>")
IGNORED = {"message_deleted", "channel_join", "channel_leave", "channel_topic", "channel_purpose"}


def register(app: App, service: Service, enqueue: Enqueue) -> None:
    def heard(event: JSON, body: JSON, context: JSON) -> None:
        """Answer where a message carries a pull error; be silent about everything else."""
        message = event.get("message") if event.get("subtype") == "message_changed" else event
        if not message or event.get("subtype") in IGNORED or _ours(message, context):
            return
        if _unchanged(event) or _mentions(message, context):
            return
        direct = event.get("channel_type") == "im"
        text = everything(message)
        if not (service.explain(text).recognised or direct):
            return
        if not service.store.first_time(body.get("event_id", "")):
            return
        _enqueue(enqueue, event, message, text, aloud=direct)

    def mentioned(event: JSON, body: JSON, context: JSON) -> None:
        """Answer whoever calls the bot by name, also in a thread."""
        if _ours(event, context) or not service.store.first_time(body.get("event_id", "")):
            return
        text = MENTION.sub(" ", everything(event)).strip()
        if not text:
            enqueue("greet", channel=event["channel"], user=event.get("user", ""), thread=event["ts"])
            return
        _enqueue(enqueue, event, event, text, aloud=True)

    app.event("message")(heard)
    app.event("app_mention")(mentioned)


def everything(message: JSON) -> str:
    """Return all the text of a message: its own, its blocks' code, attachments and file previews."""
    parts = [message.get("text") or ""]
    for attachment in message.get("attachments") or ():
        parts += [attachment.get(k) or "" for k in ("pretext", "title", "text", "fallback")]
        parts += [f"{f.get('title', '')}: {f.get('value', '')}" for f in attachment.get("fields") or ()]
        parts += _texts(attachment.get("blocks"))
    for file in message.get("files") or ():
        parts += [file.get("plain_text") or file.get("preview") or ""]
    if not parts[0].strip():
        parts += _texts(message.get("blocks"))
    return "\n".join(dict.fromkeys(p for p in parts if p))[: LIMIT + 1]


def _texts(value: Any) -> Iterator[str]:
    """Yield the strings called ``text`` in *value*, in order."""
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _enqueue(enqueue: Enqueue, event: JSON, message: JSON, text: str, *, aloud: bool) -> None:
    enqueue(
        "answer",
        asked={
            "user": message.get("user") or "",
            "channel": event["channel"],
            "thread": message.get("thread_ts") or message["ts"],
            "aloud": aloud,
            "by_bot": bool(message.get("bot_id")),
        },
        text=text,
    )


def _ours(message: JSON, context: JSON) -> bool:
    """Tell whether the bot itself said this."""
    bot = context.get("bot_id")
    return bool(bot and message.get("bot_id") == bot) or message.get("user") == context.get("bot_user_id")


def _mentions(message: JSON, context: JSON) -> bool:
    """Tell whether the bot is called by name, which is an event of its own."""
    return f"<@{context.get('bot_user_id')}>" in (message.get("text") or "")


def _unchanged(event: JSON) -> bool:
    """Tell whether an edit left the words as they were (Slack edits a message to unfurl a link)."""
    if event.get("subtype") != "message_changed":
        return False
    before = event.get("previous_message") or {}
    return everything(before) == everything(event.get("message") or {})
