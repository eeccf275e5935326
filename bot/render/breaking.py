"""Where lines of Japanese may be broken: between any two characters, but not within an id.

A terminal's library breaks at spaces alone, and Japanese has few: it would cut an id in two.
"""

from __future__ import annotations

import re

from rich.cells import cell_len

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
# What no line begins with stays with what stands before it; a word in katakana stays whole.
_CLOSING = r"[、。，．」』）】〕)\].,;:!?]*"
_WIDE = r"\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef"
_PIECE = re.compile(
    rf"`[^`\n]+`{_CLOSING}|[\u30a1-\u30ff]+{_CLOSING}|[（「『]*[{_WIDE}]{_CLOSING}|[^\s`{_WIDE}]+|\s+|."
)


def broken(text: str, width: int) -> str:
    """Return *text* in lines of at most *width* cells, where it is Japanese; else as it is."""
    if not JAPANESE.search(text):
        return text
    return "\n".join(_line(line, width) for line in text.split("\n"))


def _line(text: str, width: int) -> str:
    lines, used = [""], 0
    for piece in _PIECE.findall(text):
        cells = cell_len(piece)
        if used + cells > width and used:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
            used = 0
            if piece.isspace():
                continue
        lines[-1] += piece
        used += cells
    return "\n".join(lines)
