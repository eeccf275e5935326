"""Block Kit, the few shapes that we use, each kept inside Slack's limits.

https://docs.slack.dev/reference/block-kit/blocks
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from bot.render.words import Marked, clip, inert

Block = dict[str, Any]
Message = dict[str, Any]

SECTION, BUTTON, OPTION, PLAIN = 2900, 75, 75, 150
WHOLE = 10_000  # a message bounces near 13,200 characters although each limit is kept


def message(text: str, blocks: Iterable[Block]) -> Message:
    """Return a message: *text* says the finding alone, for notifications and screen readers."""
    kept: list[Block] = []
    room = WHOLE
    for block in blocks:
        room -= _length(block)
        if room < 0 and block["type"] not in ("actions", "context"):
            continue
        kept.append(block)
    return {
        "text": clip(text, 3000),
        "blocks": kept[:50],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def section(text: str, accessory: Block | None = None) -> Block:
    block: Block = {"type": "section", "text": {"type": "mrkdwn", "text": clip(text, SECTION)}}
    return block | ({"accessory": accessory} if accessory else {})


def headline(text: str) -> Block:
    return section(f"*{clip(text, 300)}*")


def code(text: str) -> Block:
    """Return *text* as a code block; what it holds is escaped, and cut at a line."""
    lines = str(inert(text)).splitlines()
    kept: list[str] = []
    for line in lines:
        if sum(len(k) + 1 for k in kept) + len(line) > SECTION - 20:
            kept.append("…")
            break
        kept.append(line)
    return {"type": "section", "text": {"type": "mrkdwn", "text": "```" + "\n".join(kept) + "```"}}


def context(lines: Sequence[str]) -> list[Block]:
    """Return a context block of *lines*, or nothing."""
    elements = [{"type": "mrkdwn", "text": clip(line, SECTION)} for line in lines if line]
    return [{"type": "context", "elements": elements[:10]}] if elements else []


def actions(elements: Iterable[Block | None], block_id: str | None = None) -> list[Block]:
    kept = [e for e in elements if e]
    if not kept:
        return []
    return [
        {"type": "actions", "elements": kept[:25]} | ({"block_id": block_id} if block_id else {})
    ]


def button(
    label: str, action: str, value: str, *, style: str | None = None, confirm: Block | None = None
) -> Block:
    block: Block = {
        "type": "button",
        "text": plain(label, BUTTON),
        "action_id": action,
        "value": value,
    }
    return block | ({"style": style} if style else {}) | ({"confirm": confirm} if confirm else {})


def confirmation(title: str, text: str, yes: str, no: str, *, style: str = "primary") -> Block:
    return {
        "title": plain(title, 100),
        "text": plain(text, 300),
        "confirm": plain(yes, 30),
        "deny": plain(no, 30),
        "style": style,
    }


def plain(text: str, length: int = PLAIN) -> Block:
    return {"type": "plain_text", "text": clip(text, length) or "–", "emoji": True}


def option(text: str, value: str) -> Block:
    return {"text": plain(text, OPTION), "value": value[:OPTION]}


def select(
    action: str, placeholder: str, options: Sequence[Block], initial: Block | None = None
) -> Block:
    block: Block = {
        "type": "static_select",
        "action_id": action,
        "placeholder": plain(placeholder),
        "options": list(options[:100]),
    }
    return block | ({"initial_option": initial} if initial else {})


def date(at: datetime) -> Marked:
    """Return *at* as a date that Slack shows in the reader's own zone."""
    fallback = at.strftime("%Y-%m-%d %H:%M UTC")
    return Marked(f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{fallback}>")


def user(who: str) -> Marked:
    """Return a mention of a user or a user group."""
    return Marked(f"<!subteam^{who}>" if who.startswith("S") else f"<@{who}>")


def users(whom: Iterable[str]) -> Marked:
    return Marked(", ".join(user(w) for w in whom) or "–")


def _length(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(_length(v) for v in value.values())
    if isinstance(value, list):
        return sum(_length(v) for v in value)
    return 0
