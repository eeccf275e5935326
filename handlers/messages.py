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
FILES = 3  # of one message that are read
LINES = {"rich_text_section", "rich_text_preformatted", "rich_text_quote"}
IGNORED = {"message_deleted", "channel_join", "channel_leave", "channel_topic", "channel_purpose"}


def register(app: App, service: Service, enqueue: Enqueue) -> None:
    def heard(event: JSON, body: JSON, context: JSON) -> None:
        """Answer where a message carries a pull error; be silent about everything else."""
        message = _spoken(event, context)
        if message is None:
            return
        text, files, direct = _said(message), unread(message), _direct(event)
        said = service.explain(text).recognised
        if (said or direct or files) and service.store.first_time(body.get("event_id", "")):
            asked = _asked(event, message, aloud=direct)
            if said or not files:
                enqueue("answer", asked=asked, text=text)
            else:
                enqueue("read_files", asked=asked, text=text, urls=files)

    def mentioned(event: JSON, body: JSON, context: JSON) -> None:
        """Answer whoever calls the bot by name, also in a thread."""
        if _ours(event, context) or not service.store.first_time(body.get("event_id", "")):
            return
        text, files = _said(event), unread(event)
        asked = _asked(event, event, aloud=True)
        if files:
            enqueue("read_files", asked=asked, text=text, urls=files)
        elif text:
            enqueue("answer", asked=asked, text=text)
        else:
            where = {"channel": event["channel"], "user": event.get("user", "")}
            enqueue("greet", **where, thread=asked["thread"], message=event["ts"])

    app.event("message")(heard)
    app.event("app_mention")(mentioned)


def _said(message: JSON) -> str:
    """Return the text of a message without whom it calls."""
    return MENTION.sub(" ", everything(message)).strip()


def everything(message: JSON) -> str:
    """Return all the text of a message: its own, its blocks', attachments' and file previews'."""
    parts = [message.get("text") or ""]
    if message.get("bot_id") or not parts[0].strip():  # a person's blocks only repeat the text
        parts += _texts(message.get("blocks"))
    for attachment in message.get("attachments") or ():
        parts += [attachment.get(k) or "" for k in ("pretext", "title", "text", "fallback")]
        parts += [
            f"{f.get('title', '')}: {f.get('value', '')}" for f in attachment.get("fields") or ()
        ]
        parts += _texts(attachment.get("blocks"))
    for file in message.get("files") or ():
        parts += [file.get("plain_text") or file.get("preview") or ""]
    return "\n".join(dict.fromkeys(p for p in parts if p))[: LIMIT + 1]


def unread(message: JSON) -> list[str]:
    """Return where the text files are whose preview is not the whole of them."""
    return [
        file["url_private"]
        for file in (message.get("files") or ())[:FILES]
        if str(file.get("mimetype", "")).startswith("text/")
        and file.get("url_private")
        and (file.get("preview_is_truncated") or not file.get("preview"))
    ]


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts in *value*, in order; the pieces of one rich text line are one text."""
    if isinstance(value, dict):
        if value.get("type") in LINES:
            yield "".join(_piece(e) for e in value.get("elements") or ())
            return
        if isinstance(value.get("text"), str):
            yield value["text"]
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _piece(element: Any) -> str:
    found = element if isinstance(element, dict) else {}
    return str(found.get("text") or found.get("url") or "")


def _asked(event: JSON, message: JSON, *, aloud: bool) -> JSON:
    return {
        "user": message.get("user") or "",
        "channel": event["channel"],
        "thread": message.get("thread_ts") or message["ts"],
        "source": message["ts"],
        "aloud": aloud,
        "by_bot": bool(message.get("bot_id")),
    }


def _spoken(event: JSON, context: JSON) -> JSON | None:
    """Return the message that somebody said or changed; None where there is nothing to answer."""
    message = event.get("message") if event.get("subtype") == "message_changed" else event
    if not message or event.get("subtype") in IGNORED or _ours(message, context):
        return None
    called = _mentions(message, context) and not _direct(event)
    return None if called or _unchanged(event) else message


def _direct(event: JSON) -> bool:
    """Tell whether a person is alone with the bot: Slack sends no app_mention from there."""
    return event.get("channel_type") == "im"


def _ours(message: JSON, context: JSON) -> bool:
    """Tell whether the bot itself said this."""
    bot = context.get("bot_id")
    return bool(bot and message.get("bot_id") == bot) or message.get("user") == context.get(
        "bot_user_id"
    )


def _mentions(message: JSON, context: JSON) -> bool:
    """Tell whether the bot is called by name, which is an event of its own."""
    return f"<@{context.get('bot_user_id')}>" in (message.get("text") or "")


def _unchanged(event: JSON) -> bool:
    """Tell whether an edit left the words as they were (Slack edits a message to unfurl a link)."""
    if event.get("subtype") != "message_changed":
        return False
    before = event.get("previous_message") or {}
    return everything(before) == everything(event.get("message") or {})
