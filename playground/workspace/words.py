"""What a person reads: Slack's markup and blocks flattened to plain text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from playground.workspace.people import BOT_USER, GROUPS, USERS

TOKEN = re.compile(r"<((?:[@#!]|https?:|mailto:)[^<>\n]+)>")
SHOWN = ("title", "text", "label", "hint", "fields", "alt_text", "placeholder", "accessory", "element",
         "elements", "options", "option_groups", "initial_option", "rows", "blocks", "submit", "close",
         "caption", "subtitle", "body", "actions", "level", "details", "output", "columns")  # fmt: skip
NAMES = {u.id: u.name for u in USERS} | {BOT_USER: "ecs-pull"}


def plain(text: str) -> str:
    """Return *text* as it is shown: links by their label, mentions by name, entities resolved."""
    return html.unescape(TOKEN.sub(_token, text))


def _token(found: re.Match[str]) -> str:
    target, _, label = found[1].partition("|")
    if target.startswith("@"):
        return "@" + NAMES.get(target[1:], target[1:])
    if target.startswith("!subteam^"):
        return "@" + GROUPS.get(target.removeprefix("!subteam^"), (label.lstrip("@"),))[0]
    if target.startswith("!date^"):
        return label or target
    if target.startswith(("#", "!")):
        return label or target
    return label or target


def visible(value: Any) -> str:
    """Return every word that a person sees in blocks, one piece a line."""
    return "\n".join(piece for piece in _pieces(value) if piece.strip())


def _pieces(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield plain(value)
    elif isinstance(value, list):
        if value and all(isinstance(v, dict) and v.get("type") in INLINE for v in value):
            yield "".join(_inline(v) for v in value)
        else:
            for each in value:
                yield from _pieces(each)
    elif isinstance(value, dict):
        for key in SHOWN:
            if key in value:
                yield from _pieces(value[key])


INLINE = {"text", "link", "user", "usergroup", "channel", "emoji", "broadcast", "date", "color"}


def _inline(element: dict[str, Any]) -> str:
    found: Any = element.get("text") or element.get("url") or element.get("value") or ""
    match element["type"]:
        case "user":
            found = "@" + NAMES.get(element["user_id"], element["user_id"])
        case "usergroup":
            found = "@" + GROUPS.get(element["usergroup_id"], (element["usergroup_id"],))[0]
        case "emoji":
            found = f":{element['name']}:"
        case "broadcast":
            found = f"@{element['range']}"
        case "channel":
            found = f"#{element['channel_id']}"
        case "date":
            found = element.get("fallback") or element["timestamp"]
    return str(found)
