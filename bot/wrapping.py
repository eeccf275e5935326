"""Undo what chats, consoles, logs and JSON do to an error message, in linear time."""

from __future__ import annotations

import re
from dataclasses import dataclass

import re2

LIMIT = 65_536  # bytes (UTF-8)

# Typographic marks a chat client or a Japanese keyboard puts where ASCII was typed.
_MARKS = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′＇", "'"),
        **dict.fromkeys("“”„‟″＂「」『』«»", '"'),
        **dict.fromkeys("\x00\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufffc", " "),
        **dict.fromkeys((chr(c) for c in range(0x2000, 0x200B)), " "),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", None),
        "：": ":", "（": "(", "）": ")", "／": "/", "＠": "@", "，": ",", "；": ";",
        "\u2010": "-", "\u2011": "-", "【": "[", "】": "]", "\r": "\n", "\x85": "\n", "\x0b": "\n",
        "\x0c": "\n",
    }
)  # fmt: skip
_LABELLED = re.compile(r"<(?:https?://|mailto:|tel:)[^\s<>|]{1,2000}\|([^<>|]{1,2000})>")
_BARE_LINK = re.compile(
    r"<(?:mailto:|tel:)?(https?://[^\s<>|]{1,2000}|[\w.+-]{1,99}@[\w.-]{1,99})>"
)
_MENTION = re.compile(r"<[@#!][^\s<>]{1,99}>")
_MARKDOWN = re.compile(r"\[([^\[\]\n]{1,999})\]\((https?://[^\s()]{1,999})\)")
_ENTITY = re.compile(r"&(?:amp;)?(lt|gt|quot|apos|nbsp|#39|#x27|#34);|&amp;")
_ENTITIES = {
    "lt": "<", "gt": ">", "quot": '"', "apos": "'", "nbsp": " ", "#39": "'", "#x27": "'",
    "#34": '"', None: "&",
}  # fmt: skip
_ESCAPE = re.compile(r"(?<!\\)\\++(?:([\"'/`])|[nrt]|u00(22|26|27|3[ce]|3[CE]|a0))")
_FENCE = re.compile(
    r"`{3,}(?:[a-z]{1,10}(?=[ \t]*$))?|~{3,}|</?(?:pre|code|br)\b[^<>]{0,40}>", re.MULTILINE
)
_LEAD = re.compile(r"^[ \t]*(?:(?:>+|\#+|//+|\*|-(?=[ \t])|\d{1,3}[.)](?=[ \t])|\|)[ \t]*)+")
_TAG = re.compile(r"[A-Za-z0-9_][\w.-]{0,127}(?=[:\"')\]]|\s*$)")
_HEX = re.compile(r"[0-9a-f]{1,64}(?![0-9A-Za-z])")
_OPEN_VALUE = re2.compile(
    r"(?:arn:aws[\w-]*:[^\s\"']*[:/_@-]|https?://[^\s\"']+[/&=%_-]"
    r"|[\w.<>*-]+\.(?:com|cn|io|aws|eu)(?::\d+)?/(?:[^\s\"':]*[/_-])?)$"
)
_OPEN_HOST = re.compile(r"(?:dkr\.|ecr\.|\.ecr|\.dkr|amazonaws\.|\.amazonaws)$")
_OPEN_TAG = re2.compile(r"[\w.<>*-]+\.(?:com|cn|io|aws)(?::\d+)?/[^\s\"':]+[:@]$")
_OPEN_DIGEST = re.compile(r"sha256:([0-9a-f]{0,63})$")
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Pasted:
    """One paste, unwrapped: *lines* keep their marks, *flat* is the message in one line."""

    raw: str
    lines: tuple[str, ...]
    flat: str
    cut: bool


def unwrap(text: str) -> Pasted:
    """Return *text* without what a chat, a log or JSON has put around and into it."""
    held = text[: LIMIT + 1].encode("utf-8", "replace")
    cut = len(held) > LIMIT or len(text) > LIMIT
    raw = held[:LIMIT].decode("utf-8", "ignore").translate(_MARKS)
    plain = _unslack(raw)
    if "`" in plain or "~~~" in plain or "<" in plain:
        plain = _FENCE.sub("\n", plain)
    if "\\" in plain:
        plain = _ESCAPE.sub(_unescaped, plain)
    lines = tuple(line for line in (raw.rstrip() for raw in plain.split("\n")) if line)
    return Pasted(raw, lines, flatten(lines), cut)


def _unslack(text: str) -> str:
    if "<" in text:
        text = _LABELLED.sub(r"\1", text)
        text = _BARE_LINK.sub(r"\1", text)
        text = _MENTION.sub(" ", text)
    if "](" in text:
        text = _MARKDOWN.sub(_label, text)
    return _ENTITY.sub(lambda m: _ENTITIES[m[1]], text) if "&" in text else text


def _label(link: re.Match[str]) -> str:
    label = link[1].strip("*_` ")
    return link[2] if label.startswith("http") or label == link[2] else label


def _unescaped(escape: re.Match[str]) -> str:
    if escape[1]:
        return escape[1]
    return chr(int(escape[2], 16)) if escape[2] else "\n"


def flatten(lines: tuple[str, ...]) -> str:
    """Return *lines* as one, with values that a line break had cut put together again."""
    if width := _terminal_width(lines):
        return _BLANKS.sub(" ", "".join(line.ljust(width) for line in lines)).strip()
    joined: list[str] = []
    for line in lines:
        bare = line[end.end() :] if (end := _LEAD.match(line)) else line
        if joined and not _continues(joined[-1][-800:], bare.lstrip()):
            joined.append(" ")
        joined.append(bare.strip())
    return _BLANKS.sub(" ", "".join(joined)).strip()


def _terminal_width(lines: tuple[str, ...]) -> int:
    """Return the width that all lines but the last fill, 0 if none: such breaks mean nothing."""
    lengths = [len(line) for line in lines[:-1]]
    width = max(lengths, default=0)
    filled = width >= 40 and lengths.count(width) > 2 and min(lengths) >= width - 1
    return width if filled else 0


def _continues(before: str, after: str) -> bool:
    """Tell whether a value goes on from the end of one line at the start of the next."""
    if before[-1:] in "/:_-@=&%" and before:
        token = before[before.rfind(" ") + 1 :]
        if _OPEN_VALUE.search(token):
            return after[:1].isalnum() or after[:1] in "/_*<%"
        if _OPEN_TAG.search(token):
            return _TAG.match(after) is not None
    if digest := _OPEN_DIGEST.search(before[-80:]):
        rest = _HEX.match(after)
        return rest is not None and len(digest[1]) + len(rest[0]) == 64
    return before.endswith(".") and _OPEN_HOST.search(before) is not None and after[:1].isalnum()
