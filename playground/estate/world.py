"""What the estate knows beyond moto: its clock, its pull rules, what AssumeRole was given.

moto has one state for the whole process, and so has this.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class PullRule:
    """Pulls of an image that matches *image* fail for *reason* (``{image}`` is filled in).

    For what the estate does not have: the state of other registries. A container that has
    credentials is not touched, unless they are not the *login* that the registry takes.
    """

    image: str
    reason: str
    login: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """What AssumeRole was given beyond a role; moto drops it."""

    policies: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    source_identity: str | None = None


@dataclass(slots=True)
class World:
    """The state that moto lacks."""

    clock: Callable[[], float] = time.time
    pull_rules: list[PullRule] = field(default_factory=list)
    sessions: dict[str, Session] = field(default_factory=dict)
    pull_through_rules: dict[tuple[str, str], list[dict[str, str]]] = field(default_factory=dict)
    scps: dict[str, tuple[str, ...]] = field(default_factory=dict)  # account -> documents, as text
    trail: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    disks: dict[str, float] = field(default_factory=dict)  # instance -> bytes that are free
    links: dict[str, float] = field(default_factory=dict)  # instance -> bytes a second
    shut: set[str] = field(default_factory=set)  # hosts whose own network lets nothing out
    agents: int = 0  # how many agents were updated
    restoring: float = 0.0  # seconds that an image takes out of the archive
    account_settings: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    upstream_tokens: dict[str, str] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def reset(self) -> None:
        self.clock = time.time
        self.pull_rules.clear()
        self.sessions.clear()
        self.pull_through_rules.clear()
        self.scps.clear()
        self.trail.clear()
        self.disks.clear()
        self.links.clear()
        self.shut.clear()
        self.agents = 0
        self.restoring = 0.0
        self.account_settings.clear()
        self.upstream_tokens.clear()


WORLD = World()
