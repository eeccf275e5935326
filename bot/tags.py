"""Which of the tags in a repository a person most likely meant. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from bot.facts import TaggedImage

Kind = Literal["moving", "date", "hash", "version", "number", "word"]

MOST = 5

_MOVING = frozenset({"latest", "current", "newest"})
_UNFINISHED = re.compile(
    r"(?<![a-z])(rc|alpha|beta|pre|preview|snapshot|dev|develop|debug|canary|nightly|edge|test|qa"
    r"|stage|staging|pr)(?![a-z])"
)
# What signing and building tools push beside the images: never something to run.
_NOT_AN_IMAGE = re.compile(r"^sha256-[0-9a-f]{64}|(^|[-_.])(build)?cache$")
_DATE = re.compile(r"(?<!\d)(20\d\d)[-._]?(0[1-9]|1[0-2])[-._]?(0[1-9]|[12]\d|3[01])(?!\d{3})")
_HASH = re.compile(r"(?<![0-9a-z])(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{7,64}(?![0-9a-z])")
_VERSION = re.compile(r"(?<![0-9a-z])v?(\d{1,9}(?:\.\d{1,9}){1,3})(?![0-9])|^v(\d{1,9})(?![0-9])")
_DIGITS = re.compile(r"\d{1,18}")
_PARTS = 4  # numbers that a version has at most


@dataclass(frozen=True, slots=True)
class _Read:
    """A tag, read: what kind it is, its numbers, and its *shape*, which is all but the numbers."""

    plain: str
    kind: Kind
    shape: str
    numbers: tuple[int, ...] = ()


def nearest(asked: str, tags: Iterable[TaggedImage], most: int = MOST) -> tuple[str, ...]:
    """Return the tags closest to *asked* by meaning, nearest first and newest among equals.

    Tags of quite another kind are left out: a commit is no stand-in for a version.
    """
    wanted = _read(asked)
    ranked: list[tuple[tuple[int, ...], float, str]] = []
    for image in tags:
        if image.tag == asked or _NOT_AN_IMAGE.search(image.tag.lower()):
            continue
        distance = _distance(wanted, _read(image.tag))
        if distance is not None:
            ranked.append((distance, -image.pushed_at.timestamp(), image.tag))
    return tuple(dict.fromkeys(tag for _, _, tag in sorted(ranked)))[:most]


def _distance(asked: _Read, there: _Read) -> tuple[int, ...] | None:
    """Return how far *there* is from *asked*, or None where they have nothing in common."""
    if asked.plain == there.plain or (asked.kind == "version" and _same(asked, there)):
        return (0,)
    if _contains(there, asked) or _contains(asked, there):
        return (1,)
    alike = asked.kind == there.kind
    if alike and asked.shape == there.shape and asked.kind not in ("moving", "word"):
        return (2, *_apart(asked, there))
    typing_errors = _edits(asked, there)
    if typing_errors is not None:
        return (3, typing_errors)
    if alike and asked.kind in ("version", "date", "hash"):
        return (4, *_apart(asked, there))
    return (5, bool(_UNFINISHED.search(there.plain))) if asked.kind == "moving" else None


def _read(tag: str) -> _Read:
    low = tag.lower()
    plain = re.sub(r"^v(?=\d)", "", low).replace("_", "-")
    if low in _MOVING:
        return _Read(plain, "moving", "")
    if found := _DATE.search(low):
        day = _ordinal(*(int(g) for g in found.groups()))
        rest = low[: found.start()] + "#" + low[found.end() :]
        return _Read(plain, "date", _DIGITS.sub("#", rest), (day, *_numbers(rest)))
    if found := _HASH.search(low):
        return _Read(plain, "hash", low[: found.start()] + "%" + low[found.end() :])
    if found := _VERSION.search(low):
        numbers = _numbers(found.group())
        rest = low[: found.start()] + "#" + low[found.end() :]
        padded = numbers + (0,) * (_PARTS - len(numbers))
        return _Read(plain, "version", _DIGITS.sub("#", rest), (*padded, *_numbers(rest)))
    if numbers := _numbers(low):
        return _Read(plain, "number", _DIGITS.sub("#", low), numbers)
    return _Read(plain, "word", low)


def _same(asked: _Read, there: _Read) -> bool:
    return asked.shape == there.shape and asked.numbers == there.numbers


def _contains(longer: _Read, shorter: _Read) -> bool:
    """Tell whether *longer* is *shorter* and more, such as ``1.2.0-alpine``, or a longer hash."""
    if shorter.kind == "hash" and longer.kind == "hash" and shorter.shape == longer.shape == "%":
        return longer.plain.startswith(shorter.plain)
    if shorter.kind not in ("version", "hash") or _UNFINISHED.search(longer.plain):
        return False
    return shorter.plain in re.split(r"[-+]v?(?=\w)", longer.plain)


def _apart(asked: _Read, there: _Read) -> tuple[int, ...]:
    unfinished = bool(_UNFINISHED.search(there.shape)) and not _UNFINISHED.search(asked.shape)
    pairs = zip(asked.numbers, there.numbers, strict=False)
    return (int(unfinished), *(abs(a - b) for a, b in pairs))


def _edits(asked: _Read, there: _Read) -> int | None:
    """Return the number of typing errors between two tags, or None where it is no slip."""
    most = min(3, max(1, len(asked.plain) // 4))
    if "hash" in (asked.kind, there.kind) or abs(len(asked.plain) - len(there.plain)) > most:
        return None
    edits = _edit_distance(asked.plain, there.plain)
    return edits if edits <= most < len(asked.plain) else None


def _edit_distance(one: str, other: str) -> int:
    """Return the insertions, deletions, changes and swaps of neighbours between two strings."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            best = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                best = min(best, before[j - 2] + 1)
            row.append(best)
        before, last = last, row
    return last[-1]


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(n) for n in _DIGITS.findall(text))


def _ordinal(year: int, month: int, day: int) -> int:
    try:
        return date(year, month, day).toordinal()
    except ValueError:  # the thirty-first of February is a number, not a day
        return date(year, month, 1).toordinal() + day
