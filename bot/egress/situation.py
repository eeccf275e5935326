"""A start of a task, and all that was learned about the way out from there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from operator import is_
from typing import Any, TypeVar

from bot.facts import (
    ImageReference,
    InternetGateways,
    NatGateways,
    NetworkAcls,
    Platform,
    PrefixLists,
    PullInterface,
    Recorded,
    RouteTables,
    SecurityGroups,
    Service,
    Subject,
    Subnets,
    TaskDefinition,
    Vpc,
    VpcEndpoints,
)
from bot.model import Unknown
from bot.needing import on
from bot.network import LINUX_PORTS, WINDOWS_PORTS, Network
from bot.symptom import EMPTY, Symptom

T = TypeVar("T")
REMEMBERED = 16  # diagnoses whose ways out are not worked out anew for each cause


class Same:
    """Facts that are the same where they are the very same objects."""

    __slots__ = ("facts",)

    def __init__(self, *facts: object) -> None:
        self.facts = facts

    def __hash__(self) -> int:
        return hash(tuple(map(id, self.facts)))

    def __eq__(self, other: object) -> bool:
        theirs = other.facts if isinstance(other, Same) else ()
        return len(theirs) == len(self.facts) and all(map(is_, self.facts, theirs))


@dataclass(frozen=True, slots=True, eq=False)
class Situation:
    """What a rule about the way out may read; one is made for all rules that read the same."""

    subject: Subject
    image: ImageReference
    platform: Platform
    definition: TaskDefinition
    service: Service | Unknown
    interface: PullInterface
    subnets: Subnets
    tables: RouteTables
    endpoints: VpcEndpoints
    network: Network
    recorded: Recorded | Unknown

    @property
    def said(self) -> Symptom:
        """What ECS recorded about the failure; empty where it recorded nothing."""
        return EMPTY if isinstance(self.recorded, Unknown) else self.recorded.symptom

    @property
    def near(self) -> bool:
        """Whether endpoints of this Region lead to the image."""
        return self.image.registry == "ecr" and self.image.region == self.subject.region

    @property
    def ours(self) -> Service | None:
        """The service that waits for the pull, where there is one."""
        known = not isinstance(self.service, Unknown) and self.service.exists
        return self.service if known and not isinstance(self.service, Unknown) else None

    @property
    def vpc(self) -> str | None:
        return self.subnets.items[0].vpc if self.subnets.items else None


def _asked(  # noqa: PLR0917 - facts are given in their order
    subject: Subject,
    image: ImageReference,
    platform: Platform,
    definition: TaskDefinition,
    service: Service | Unknown,
    interface: PullInterface,
    subnets: Subnets,
    vpc: Vpc | Unknown,
    tables: RouteTables,
    endpoints: VpcEndpoints,
    groups: SecurityGroups | Unknown,
    acls: NetworkAcls | Unknown,
    nats: NatGateways | Unknown,
    gateways: InternetGateways | Unknown,
    prefixes: PrefixLists | Unknown,
    recorded: Recorded | Unknown,
) -> Situation:
    """Return the situation of these facts; a rule can do without those that only filter."""
    return _situation(
        Same(
            subject, image, platform, definition, service, interface, subnets, vpc, tables,
            endpoints, groups, acls, nats, gateways, prefixes, recorded,
        )
    )  # fmt: skip


def situated(rule: Callable[..., T]) -> Callable[..., T]:
    """Let *rule* ask for all facts about the way out, and for those that it names beside."""
    return on(_asked, rule)


@lru_cache(maxsize=REMEMBERED)
def _situation(known: Same) -> Situation:
    facts: tuple[Any, ...] = known.facts
    subject, image, platform, definition, service, interface, subnets, vpc, tables, *rest = facts
    endpoints, groups, acls, nats, gateways, prefixes, recorded = rest
    system = (definition.raw.get("runtimePlatform") or {}).get("operatingSystemFamily", "")
    ports = WINDOWS_PORTS if str(system).startswith("WINDOWS") else LINUX_PORTS
    network = Network(
        interface, subnets, vpc, tables, endpoints, groups, acls, nats, gateways, prefixes, ports
    )
    return Situation(
        subject, image, platform, definition, service, interface, subnets, tables, endpoints,
        network, recorded,
    )  # fmt: skip
