"""What is asked, and what is given with the question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Subject:
    """What to diagnose: an account (12 digits), a Region, and as much of the rest as is known."""

    account: str
    region: str
    cluster: str | None = None
    service: str | None = None
    task: str | None = None
    task_definition: str | None = None


@dataclass(frozen=True, slots=True)
class Now:
    """The moment of the diagnosis, passed in."""

    at: datetime


@dataclass(frozen=True, slots=True)
class KnownRegistries:
    """Where else an image may be: every (account, Region) that the bot has been given."""

    places: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """The variant of a fix that the approver picked; None until somebody picks."""

    name: str | None = None
