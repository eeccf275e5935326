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

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Situation:
    """What a rule about the way out may read."""

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

    @property
    def near(self) -> bool:
        """Whether endpoints of this Region lead to the image."""
        return self.image.registry == "ecr" and self.image.region == self.subject.region

    @property
    def vpc(self) -> str | None:
        return self.subnets.items[0].vpc if self.subnets.items else None


class _Same:
    """Facts that are equal only to the very same ones: they need no look inside."""

    __slots__ = ("items",)

    def __init__(self, items: tuple[Any, ...]) -> None:
        self.items = items

    def __hash__(self) -> int:
        return hash(tuple(map(id, self.items)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and all(map(is_, self.items, other.items))


@lru_cache(maxsize=8)
def _made(facts: _Same) -> Situation:
    """Return the situation of *facts*: one for all the rules of a diagnosis."""
    (
        subject, image, platform, definition, service, interface, subnets, vpc, tables,
        endpoints, groups, acls, nats, gateways, prefixes,
    ) = facts.items  # fmt: skip
    system = (definition.raw.get("runtimePlatform") or {}).get("operatingSystemFamily", "")
    ports = WINDOWS_PORTS if str(system).startswith("WINDOWS") else LINUX_PORTS
    network = Network(
        interface, subnets, vpc, tables, endpoints, groups, acls, nats, gateways, prefixes, ports
    )
    return Situation(
        subject, image, platform, definition, service, interface, subnets, tables, endpoints,
        network,
    )  # fmt: skip


def situated(rule: Callable[..., T]) -> Callable[..., T]:
    """Let *rule* ask for all facts about the way out; it can do without those that only filter."""
    return on(_situation, rule)


def _situation(  # noqa: PLR0917 - facts are given in their order
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
) -> Situation:
    facts = (
        subject, image, platform, definition, service, interface, subnets, vpc, tables, endpoints,
        groups, acls, nats, gateways, prefixes,
    )  # fmt: skip
    return _made(_Same(facts))
