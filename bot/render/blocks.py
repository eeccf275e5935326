"""Block Kit, the few shapes that we use, each kept inside Slack's limits.

https://docs.slack.dev/reference/block-kit/blocks
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from bot.render.words import Marked, clip, escaped, visible

Block = dict[str, Any]
Message = dict[str, Any]

SECTION, BUTTON, OPTION, PLAIN = 2900, 75, 75, 150
CODE = SECTION - 20
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
    block: Block = {"type": "section", "text": mrkdwn(clip(text, SECTION))}
    return block | ({"accessory": accessory} if accessory else {})


def mrkdwn(text: str) -> Block:
    """Return *text* in Slack's markup; verbatim: names of people, channels and hosts stay text."""
    return {"type": "mrkdwn", "text": text or "–", "verbatim": True}


def headline(text: str) -> Block:
    return section(f"*{clip(text, 300)}*")


def code(text: str) -> Block:
    """Return *text* as a code block; what it holds is escaped, and cut at a line."""
    first, *more = pages(text) or [""]
    return _fenced(first + "\n…" if more else first)


def codes(text: str, blocks: int) -> tuple[list[Block], int]:
    """Return *text* as up to *blocks* code blocks, and how many of its lines did not fit."""
    found = pages(text)
    left = sum(len(page.splitlines()) for page in found[blocks:])
    return [_fenced(page) for page in found[:blocks]], left


def pages(text: str) -> list[str]:
    """Return *text*, escaped, in parts that fit into one code block each, parted between lines."""
    found: list[str] = []
    for line in escaped(text).splitlines():
        line = clip(line, CODE)  # noqa: PLW2901 - no line is longer than a block
        if found and len(found[-1]) + 1 + len(line) <= CODE:
            found[-1] += "\n" + line
        else:
            found.append(line)
    return found


def _fenced(text: str) -> Block:
    return {"type": "section", "text": mrkdwn(f"```{text or ' '}```")}


def context(lines: Sequence[str]) -> list[Block]:
    """Return a context block of *lines*, or nothing."""
    elements = [mrkdwn(clip(line, SECTION)) for line in lines if line]
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
    return {"type": "plain_text", "text": clip(str(visible(text)), length) or "–", "emoji": True}


def option(text: str, value: str) -> Block:
    return {"text": plain(text, OPTION), "value": value[:OPTION]}


def fits(value: str) -> bool:
    """Tell whether *value* can be that of an option: cut, it would name something else."""
    return 0 < len(value) <= OPTION


def select(
    action: str, placeholder: str, options: Sequence[Block], initial: Block | None = None
) -> Block:
    kept = list(options[:100])
    if initial and initial not in kept:
        kept[-1] = initial
    block: Block = {
        "type": "static_select",
        "action_id": action,
        "placeholder": plain(placeholder),
        "options": kept,
    }
    return block | ({"initial_option": initial} if initial else {})


def overflow(action: str, options: Sequence[Block]) -> Block:
    """Return a menu behind three dots, for what is asked for rarely."""
    return {"type": "overflow", "action_id": action, "options": list(options[:5])}


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
