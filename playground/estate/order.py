"""What ECS is asked to start, and how a start fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playground.estate.ways import Place, Site


class Failed(Exception):  # noqa: N818 - an outcome, not an error of ours
    """The pull failed. *container* is None where it is no container's own fault."""

    def __init__(self, reason: str, stage: str, container: str | None = None) -> None:
        super().__init__(reason)
        self.reason, self.stage, self.container = reason, stage, container


@dataclass(frozen=True, slots=True)
class Host:
    """A container instance: its id, its role, and whether its agent can pull with another one.

    *site* is where it stands, outside of AWS.
    """

    instance: str
    role: str | None
    by_execution_role: bool
    site: Site | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What ECS is asked to start. *pins* are the digests that the deployment resolved before.

    *host* is the instance whose agent pulls; None on Fargate.
    """

    account: str
    region: str
    definition: Any
    place: Place | Site | None
    task: str
    pins: Mapping[str, str] = field(default_factory=dict)
    host: Host | None = None
