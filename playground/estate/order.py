"""What ECS is asked to start, and how a start fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playground.estate.network import Place


class Failed(Exception):  # noqa: N818 - an outcome, not an error of ours
    """The pull failed. *container* is None where it is no container's own fault."""

    def __init__(self, reason: str, stage: str, container: str | None = None) -> None:
        super().__init__(reason)
        self.reason, self.stage, self.container = reason, stage, container


@dataclass(frozen=True, slots=True)
class Host:
    """A container instance: its id, its role, and whether its agent can pull with another one."""

    instance: str
    role: str | None
    by_execution_role: bool


@dataclass(frozen=True, slots=True)
class Order:
    """What ECS is asked to start. *pins* are the digests that the deployment resolved before.

    *host* is the instance in EC2 whose agent pulls; None on Fargate.
    """

    account: str
    region: str
    definition: Any
    place: Place | None
    task: str
    pins: Mapping[str, str] = field(default_factory=dict)
    host: Host | None = None
