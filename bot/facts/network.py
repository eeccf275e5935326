"""The network that a pull passes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bot.facts.documents import Document


@dataclass(frozen=True, slots=True)
class PullInterface:
    """The network interface that pulls: the task's on Fargate, the host's on EC2.

    *groups* and *public_ip* are None where nothing told (a standalone task is gone with its
    network configuration). *others* are subnets that another try may get, and this one did not.
    """

    subnets: tuple[str, ...]
    groups: tuple[str, ...] | None
    public_ip: bool | None
    owner: Literal["task", "host"] = "task"
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subnet:
    """One subnet. *owner* is the account that made it, and may share it with others; *free*
    counts its addresses that nobody has.
    """

    id: str
    vpc: str
    zone: str
    cidr: str
    ipv6: tuple[str, ...] = ()
    owner: str | None = None
    free: int | None = None


@dataclass(frozen=True, slots=True)
class Subnets:
    """The subnets that pull. *missing* lists ids that do not exist any more; *others* may pull next."""

    items: tuple[Subnet, ...]
    missing: tuple[str, ...] = ()
    others: tuple[Subnet, ...] = ()

    @property
    def all(self) -> tuple[Subnet, ...]:
        return (*self.items, *self.others)


@dataclass(frozen=True, slots=True)
class Vpc:
    """The VPC of the subnets. *dns_servers* are those of its DHCP options."""

    id: str
    cidrs: tuple[str, ...]
    dns_support: bool
    dns_hostnames: bool
    dns_servers: tuple[str, ...] = ("AmazonProvidedDNS",)


@dataclass(frozen=True, slots=True)
class Route:
    """One route. *destination* is a CIDR block or a prefix list id; *target* an id (igw-, nat-,
    vpce-, tgw-, pcx-, eni-, vgw-, local).
    """

    destination: str
    target: str
    state: str = "active"


@dataclass(frozen=True, slots=True)
class RouteTable:
    """One route table: explicitly associated with *subnets*, or *main* of its VPC."""

    id: str
    main: bool
    subnets: tuple[str, ...]
    routes: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class RouteTables:
    """All route tables of the VPC."""

    items: tuple[RouteTable, ...]


@dataclass(frozen=True, slots=True)
class VpcEndpoint:
    """One VPC endpoint. *service* is its full name, ``com.amazonaws.eu-west-1.ecr.api``.

    *names* are the public ones that lead to it inside the VPC; none are told without private DNS.
    """

    id: str
    service: str
    type: Literal["Interface", "Gateway", "GatewayLoadBalancer"]
    state: str
    private_dns: bool = False
    subnets: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    route_tables: tuple[str, ...] = ()
    policy: Document | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VpcEndpoints:
    """All endpoints of the VPC."""

    items: tuple[VpcEndpoint, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a security group. *protocol* is ``tcp``, ``udp``, ``icmp`` or ``-1`` for all."""

    protocol: str
    from_port: int | None
    to_port: int | None
    cidrs: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    prefix_lists: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SecurityGroup:
    """One security group."""

    id: str
    ingress: tuple[Rule, ...]
    egress: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class SecurityGroups:
    """All security groups of the VPC."""

    items: tuple[SecurityGroup, ...]


@dataclass(frozen=True, slots=True)
class AclEntry:
    """One entry of a network ACL. *protocol* is IANA's number, ``-1`` for all."""

    number: int
    egress: bool
    allow: bool
    protocol: str
    cidr: str
    from_port: int | None = None
    to_port: int | None = None


@dataclass(frozen=True, slots=True)
class NetworkAcl:
    """One network ACL."""

    id: str
    subnets: tuple[str, ...]
    entries: tuple[AclEntry, ...]


@dataclass(frozen=True, slots=True)
class NetworkAcls:
    """All network ACLs of the VPC."""

    items: tuple[NetworkAcl, ...]


@dataclass(frozen=True, slots=True)
class NatGateway:
    """One NAT gateway. *addresses* are the public ones that packets leave with."""

    id: str
    subnet: str
    state: str
    public: bool = True
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NatGateways:
    """All NAT gateways of the VPC."""

    items: tuple[NatGateway, ...]


@dataclass(frozen=True, slots=True)
class InternetGateways:
    """Ids of the internet gateways attached to the VPC."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PrefixLists:
    """AWS's own prefix lists of the Region: id -> name (``com.amazonaws.eu-west-1.s3``)."""

    names: Mapping[str, str]
