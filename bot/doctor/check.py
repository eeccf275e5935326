"""One thing that was looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. *ok* is None where it could not be checked.

    *words* names the sentences that say what was found and what to do; *context* fills them.
    """

    id: str
    ok: bool | None
    words: str
    context: Mapping[str, Any] = field(default_factory=dict)


def well(name: str, words: str, context: Mapping[str, Any] | None = None) -> Check:
    return Check(name, ok=True, words=words, context=context or {})


def wrong(name: str, words: str, context: Mapping[str, Any] | None = None) -> Check:
    return Check(name, ok=False, words=words, context=context or {})


def unclear(name: str, words: str, context: Mapping[str, Any] | None = None) -> Check:
    """Return a check that could not be made."""
    return Check(name, ok=None, words=words, context=context or {})
