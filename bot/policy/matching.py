"""Wildcards and variables in policies, and answers of three values: yes, no, nobody told us.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

Context = Mapping[str, str | tuple[str, ...] | None]
"""Lower-case key -> value; None: known to be absent. A key that is not there is unknown."""


@dataclass(frozen=True, slots=True)
class Match:
    """Whether something matches; None where *keys*, or what cannot be read, leave it open."""

    holds: bool | None
    keys: frozenset[str] = frozenset()


YES, NO, UNREADABLE = Match(holds=True), Match(holds=False), Match(holds=None)


def every(parts: Iterable[Match]) -> Match:
    """Return whether all *parts* match; one that does not settles it."""
    found = tuple(parts)
    if any(p.holds is False for p in found):
        return NO
    return _open(found) or YES


def some(parts: Iterable[Match]) -> Match:
    """Return whether one of *parts* matches; one that does settles it."""
    found = tuple(parts)
    if any(p.holds for p in found):
        return YES
    return _open(found) or NO


def opposite(part: Match) -> Match:
    return part if part.holds is None else Match(not part.holds)


def _open(parts: tuple[Match, ...]) -> Match | None:
    unknown = [p.keys for p in parts if p.holds is None]
    return Match(None, frozenset().union(*unknown)) if unknown else None


# --- wildcards and variables ---------------------------------------------------------------

# A * or ? that came out of a variable is a character like any other until glob() sees it.
LITERAL = str.maketrans({"*": "\ue000", "?": "\ue001"})
PLAIN = str.maketrans({"\ue000": "*", "\ue001": "?"})
VARIABLE = re.compile(r"\$\{([^{}]*)\}")
DEFAULT = re.compile(r"\s*'([^']*)'\s*")


@lru_cache(maxsize=4096)
def glob(pattern: str) -> re.Pattern[str]:
    """Return *pattern* compiled; atomic groups keep the time linear whatever it holds."""
    first, *others = (
        "".join("." if c == "?" else re.escape(c.translate(PLAIN)) for c in piece)
        for piece in re.sub(r"\*+", "*", pattern).split("*")
    )
    if not others:
        return re.compile(first, re.DOTALL)
    found = "".join(f"(?>.*?{piece})" for piece in others[:-1])
    return re.compile(f"{first}{found}.*{others[-1]}", re.DOTALL)


def like(pattern: str, value: str) -> bool:
    return glob(pattern).fullmatch(value) is not None


def expand(text: str, context: Context) -> str | Match:
    """Return *text* with its variables filled in; NO where one has no value, or what is open."""
    unknown: set[str] = set()
    absent = False

    def value(found: re.Match[str]) -> str:
        nonlocal absent
        key, comma, rest = found[1].partition(",")
        if key in {"*", "?", "$"}:
            return key.translate(LITERAL)
        known = context.get(key.strip().lower(), ...)
        if isinstance(known, str):
            return known.translate(LITERAL)
        default = DEFAULT.fullmatch(rest) if comma else None
        if known is None and default:
            return default[1].translate(LITERAL)
        if known is None:
            absent = True
        else:
            unknown.add(key.strip())
        return ""

    expanded = VARIABLE.sub(value, text)
    if unknown:
        return Match(None, frozenset(unknown))
    return NO if absent else expanded


def arn_like(pattern: str, value: str) -> bool:
    """Compare two ARNs part by part: a wildcard does not reach over the first five colons."""
    wanted, given = pattern.split(":", 5), value.split(":", 5)
    return len(wanted) == len(given) == 6 and all(map(like, wanted, given))
