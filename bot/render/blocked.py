"""Say which hop is closed on the way to the registry, where no cause of the catalogue speaks of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.render.words import Surface, say

NAME = "blocked"


def headline(proof: Mapping[str, Any], language: str, surface: Surface = "slack") -> str:
    """Return the closed hop in one line."""
    return say(NAME, "headline", language, _worded(proof, language, surface), surface)


def why(proof: Mapping[str, Any], language: str, surface: Surface = "slack") -> list[str]:
    """Return why it is closed, and what to do."""
    context = _worded(proof, language, surface)
    reason = str(proof.get("reason", "")).replace("-", "_")
    told = say(NAME, f"why_{reason}", language, context, surface)
    told = told or say(NAME, "why", language, context, surface)
    return [told, say(NAME, "next", language, context, surface)]


def _worded(proof: Mapping[str, Any], language: str, surface: Surface) -> dict[str, Any]:
    hop = str(proof.get("hop", ""))
    worded = say(NAME, hop.replace("-", "_"), language, {}, surface) or hop
    return {**dict.fromkeys(("source", "target", "reason", "blocked_by")), **proof, "hop": worded}
