"""What one subnet sees of its VPC, and the hops that its packets take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bot.facts import (
    InternetGateways,
    NatGateways,
    NetworkAcl,
    NetworkAcls,
    PrefixLists,
    PullInterface,
    RouteTable,
    RouteTables,
    SecurityGroups,
    Subnet,
    Subnets,
    Vpc,
    VpcEndpoint,
    VpcEndpoints,
)
from bot.model import JSON, Unknown
from bot.network.addresses import Family, Region, State, region
from bot.network.routing import effective

Kind = Literal[
    "interface", "subnet", "security-group", "network-acl", "route", "nat", "internet-gateway",
    "endpoint", "endpoint-security-group", "dns", "endpoint-policy", "registry",
]  # fmt: skip
Via = Literal["endpoint", "gateway-endpoint", "internet", "nat", "none", "unknown"]
# The ports that a client answers on: Linux by default; a NAT gateway picks its own.
LINUX_PORTS = (32768, 60999)
WINDOWS_PORTS = (49152, 65535)
NAT_PORTS = (1024, 65535)


@dataclass(frozen=True, slots=True)
class Hop:
    """One thing on the way. *why* holds values: a ``reason`` where it is not open, no prose."""

    kind: Kind
    id: str | None
    state: State
    why: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Network:
    """All that was learned about the way out; Unknown where nobody could tell.

    *ports* is the range of the client's own ports.
    """

    interface: PullInterface | Unknown
    subnets: Subnets | Unknown
    vpc: Vpc | Unknown
    tables: RouteTables | Unknown
    endpoints: VpcEndpoints | Unknown
    groups: SecurityGroups | Unknown
    acls: NetworkAcls | Unknown
    nats: NatGateways | Unknown
    gateways: InternetGateways | Unknown
    prefixes: PrefixLists | Unknown
    ports: tuple[int, int] = LINUX_PORTS


@dataclass(frozen=True, slots=True)
class View:
    """One subnet, speaking one family of addresses, on its way to one service of one Region.

    *host* is the name that is asked for, None where it is not known.
    """

    network: Network
    source: str
    subnet: Subnet | None
    family: Family
    region: str
    service: str | None
    host: str | None = None

    @property
    def here(self) -> Region:
        """Where the client's address lies."""
        return self.region_of(self.source)

    def region_of(self, subnet: str) -> Region:
        """Return where addresses of *subnet* lie: in its block, else somewhere in the VPC."""
        known = self.network.subnets
        found = None if isinstance(known, Unknown) else known.all
        one = next((s for s in found or () if s.id == subnet), None)
        if one is not None:
            return region(self.family, (one.cidr, *one.ipv6))
        vpc = self.network.vpc
        return region(self.family, () if isinstance(vpc, Unknown) else vpc.cidrs)

    def table(self, subnet: str) -> RouteTable | None:
        tables = self.network.tables
        return None if isinstance(tables, Unknown) else effective(subnet, tables.items)

    def acl(self, subnet: str) -> NetworkAcl | None:
        acls = self.network.acls
        found = () if isinstance(acls, Unknown) else acls.items
        return next((a for a in found if subnet in a.subnets), None)

    def gateway_endpoints(self) -> tuple[VpcEndpoint, ...]:
        known = self.network.endpoints
        found = () if isinstance(known, Unknown) else known.items
        return tuple(e for e in found if e.type == "Gateway" and e.state.lower() not in GONE)

    def is_list(self, name: str, service: str) -> bool:
        return name.endswith(f".{self.region}.{service}")


Way = tuple[Via, tuple[Hop, ...]]
GONE = frozenset({"deleted", "deleting", "expired", "failed", "rejected"})


def hop(kind: Kind, which: str | None, state: State, reason: str, /, **seen: JSON) -> Hop:
    """Return a hop whose *reason* is told where it is not open."""
    return Hop(kind, which, state, seen if state == "open" else {"reason": reason, **seen})


def unread(kind: Kind, which: str | None, fact: str, /, **seen: JSON) -> Hop:
    """Return a hop about which *fact* would have told."""
    return hop(kind, which, "unknown", "unread", fact=fact, **seen)
