"""How wide a text is in the fonts of the pictures, read from the font files themselves.

https://learn.microsoft.com/typography/opentype/spec/otff
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from struct import unpack_from

from bot.render.words import TEMPLATES, visible

FONTS = TEMPLATES / "fonts"
STRANGE = "?"
# A word in letters, a space, a Japanese word with what hangs on it, or any other character.
TOKENS = re.compile(r"[!-~…’“”]+|\s+|[一-鿿ァ-ヶー]+[ぁ-ん]*[、。）」]*|[ぁ-ん]+[、。）」]*|.")
HELD = "、。，．）」』】ー・"  # these never begin a line


@dataclass(frozen=True, slots=True)
class Font:
    """One font: *advances* in units of *em*."""

    em: int
    advances: dict[str, int]

    def clean(self, text: str) -> str:
        """Return *text* on one line, with a mark in place of what this font cannot show."""
        line = " ".join(str(visible(text)).split())
        return "".join(c if c in self.advances else STRANGE for c in line)

    def width(self, text: str, size: float) -> float:
        """Return how wide *text* is, every character of which this font has."""
        return sum(self.advances[c] for c in text) * size / self.em

    def shortened(self, text: str, size: float, room: float) -> str:
        """Return *text*, without its middle where it is wider than *room*: both ends tell it apart."""
        if self.width(text, size) <= room:
            return text
        lengths = range(2, len(text))
        fitting = bisect_left(
            lengths, 1, key=lambda kept: self.width(_ends(text, kept), size) > room
        )
        return _ends(text, lengths[fitting - 1]) if fitting else "…"

    def lines(self, text: str, size: float, room: float) -> list[str]:
        """Return *text* in lines that fit into *room*, about equally long."""
        found = self._broken(text, size, room)
        widest = max((self.width(w, size) for w in TOKENS.findall(text)), default=0)
        while len(found) > 1 and room - 2 * size >= widest:  # no last line of one letter
            room -= size
            closer = self._broken(text, size, room)
            if len(closer) != len(found):
                break
            found = closer
        return found

    def _broken(self, text: str, size: float, room: float) -> list[str]:
        """Return *text* in lines, each as long as there is room; too long a word is shortened."""
        found = [""]
        inner = room - size if set(text) & set(HELD) else room
        for word in self._words(text, size, inner):
            longer = found[-1] + word
            held = word in HELD and len(found[-1]) > 1 and found[-1][-1] not in HELD
            if self.width(longer.rstrip(), size) <= (room if held else inner):
                found[-1] = longer
            else:
                found.append(word.lstrip())
        return [line.rstrip() for line in found if line.strip()]

    def _words(self, text: str, size: float, room: float) -> Iterator[str]:
        for token in TOKENS.findall(text):
            if self.width(token, size) <= room or token.isspace():
                yield token
            elif token.isascii() or "…" in token:
                yield self.shortened(token, size, room)
            else:
                yield from token  # Japanese breaks anywhere, if it must


def _ends(text: str, kept: int) -> str:
    """Return *kept* characters of *text*, half of them from its end."""
    return f"{text[: (kept + 1) // 2]}…{text[len(text) - kept // 2 :]}"


@cache
def font(name: str) -> Font:
    """Return the font *name* of the pictures."""
    return _read((FONTS / f"{name}.otf").read_bytes())


def files() -> list[str]:
    """Return the paths of all fonts."""
    return [str(p) for p in sorted(Path(FONTS).glob("*.otf"))]


def _read(data: bytes) -> Font:
    (count,) = unpack_from(">H", data, 4)
    rows = (unpack_from(">4sxxxxII", data, 12 + 16 * i) for i in range(count))
    tables = {tag: data[start : start + length] for tag, start, length in rows}
    (em,) = unpack_from(">H", tables[b"head"], 18)
    (measured,) = unpack_from(">H", tables[b"hhea"], 34)
    widths = unpack_from(">" + "Hxx" * measured, tables[b"hmtx"])
    glyphs = _glyphs(tables[b"cmap"])
    return Font(em, {chr(c): widths[min(g, measured - 1)] for c, g in glyphs.items()})


def _glyphs(table: bytes) -> dict[int, int]:
    """Return the glyph of each character, from the subtable for the first 65,536 of them."""
    (count,) = unpack_from(">H", table, 2)
    starts = [unpack_from(">HHI", table, 4 + 8 * i) for i in range(count)]
    at = next(start for platform, kind, start in starts if (platform, kind) == (3, 1))
    (double,) = unpack_from(">H", table, at + 6)
    segments, base = double // 2, at + 14
    found: dict[int, int] = {}
    for i in range(segments):
        (end,) = unpack_from(">H", table, base + 2 * i)
        (first,) = unpack_from(">H", table, base + 2 + double + 2 * i)
        (delta,) = unpack_from(">H", table, base + 2 + 2 * double + 2 * i)
        place = base + 2 + 3 * double + 2 * i
        (offset,) = unpack_from(">H", table, place)
        for c in range(first, min(end, 0xFFFE) + 1):
            glyph = (
                c if not offset else unpack_from(">H", table, place + offset + 2 * (c - first))[0]
            )
            if glyph:
                found[c] = (glyph + delta) & 0xFFFF
    return found
