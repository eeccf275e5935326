"""Rules on something that several facts make up: what it takes is asked for on their behalf. Pure."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TypeVar

S = TypeVar("S")
T = TypeVar("T")


def on(made_of: Callable[..., S], rule: Callable[..., T]) -> Callable[..., T]:
    """Let *rule* take what *made_of* makes of facts, and after it facts of its own."""
    parts = tuple(inspect.signature(made_of, eval_str=True).parameters.values())
    own = tuple(inspect.signature(rule, eval_str=True).parameters.values())[1:]

    def ask(*facts: object) -> T:
        return rule(made_of(*facts[: len(parts)]), *facts[len(parts) :])

    names = [p.replace(name=f"fact_{n}") for n, p in enumerate((*parts, *own))]
    ask.__signature__ = inspect.Signature(names)  # type: ignore[attr-defined]
    return ask
