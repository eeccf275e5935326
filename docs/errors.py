"""The words by which a reader recognises an error, out of the table that the bot reads texts with."""

from __future__ import annotations

import re

from bot.families import BY_REGISTRY
from bot.patterns import NEAR, PULL

PLAIN = re.compile(r"[A-Za-z][\w .:'/-]{7,}")
SHOWN = 6


def typical(family: str) -> list[str]:
    """Return words that errors of *family* are told by, those of no fixed wording left out."""
    own = [family, *(row for (row, _), to in BY_REGISTRY.items() if family in to.split("|"))]
    rows = sorted(
        (r for r in (*PULL, *NEAR) if set(own) & set(r.family.split("|"))),
        key=lambda r: r.family not in own,
    )
    found = [text for row in rows for text in _alternatives(row.pattern) if PLAIN.fullmatch(text)]
    return list({text.lower(): text for text in reversed(found)}.values())[::-1][:SHOWN]


def _alternatives(pattern: str) -> list[str]:
    """Return the alternatives of *pattern*."""
    depth, parts = 0, [""]
    for sign in pattern:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    return [_unescaped(part) for part in parts]


def _unescaped(part: str) -> str:
    """Return *part* without what is optional; a sign for any character stays strange, as ``*``."""
    short = re.sub(r"\(\?:[^()|]*\)\?", "", part)
    return re.sub(r"\\\.|\.", lambda m: "." if m[0] == "\\." else "*", short).strip(" :")
