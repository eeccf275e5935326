"""What Slack makes of what a person types: escapes, links, and rich text."""

from __future__ import annotations

import re

from playground.workspace.model import Json

MENTION = re.compile(r"(<[@#][A-Z0-9]+(?:\|[^<>]*)?>)")
URL = re.compile(r"https?://[^\s<>|`\"']+[^\s<>|`\"'.,;:!?)\]}]")
# a host by itself becomes a link too, with its port and path: this is what happens to image names
HOST = re.compile(
    r"(?<![\w@/.\-])(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|aws|jp)(?![\w.-])(?:[:/][^\s<>|`\"'&,;)\]}]*)?"
)
CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)


def wire(text: str) -> str:
    """Return *text* as events carry it."""
    return "".join(_piece(p) for p in MENTION.split(text))


def _piece(text: str) -> str:
    if MENTION.fullmatch(text):
        return text
    return "".join(_escaped(p) if p.startswith("`") else _linked(p) for p in CODE.split(text))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _linked(text: str) -> str:
    found, at = [], 0
    for url in URL.finditer(text):
        found += [_hosts(text[at : url.start()]), f"<{_escaped(url[0])}>"]
        at = url.end()
    return "".join([*found, _hosts(text[at:])])


def _hosts(text: str) -> str:
    found, at = [], 0
    for host in HOST.finditer(text):
        shown = host[0].rstrip(".:")
        found += [_escaped(text[at : host.start()]), f"<http://{shown}|{shown}>"]
        at = host.start() + len(shown)
    return "".join([*found, _escaped(text[at:])])


def rich_text(text: str, block_id: str) -> list[Json]:
    """Return the block that Slack's composer adds to a message."""
    elements: list[Json] = []
    for piece in re.split(r"(```.*?```)", text, flags=re.DOTALL):
        if piece.startswith("```") and len(piece) >= 6:
            inner = {"type": "text", "text": piece[3:-3].strip("\n")}
            elements.append({"type": "rich_text_preformatted", "elements": [inner]})
        elif piece.strip("\n"):
            elements.append({"type": "rich_text_section", "elements": _spans(piece.strip("\n"))})
    return [{"type": "rich_text", "block_id": block_id, "elements": elements}] if elements else []


def _spans(text: str) -> list[Json]:
    spans: list[Json] = []
    for piece in re.split(r"(`[^`\n]+`|<[@#][A-Z0-9]+(?:\|[^<>]*)?>)", text):
        if piece.startswith("<@"):
            spans.append({"type": "user", "user_id": piece[2:-1].partition("|")[0]})
        elif piece.startswith("<#"):
            spans.append({"type": "channel", "channel_id": piece[2:-1].partition("|")[0]})
        elif len(piece) > 2 and piece[0] == piece[-1] == "`":
            spans.append({"type": "text", "text": piece[1:-1], "style": {"code": True}})
        elif piece:
            spans.append({"type": "text", "text": piece})
    return spans
