"""How each subnet that pulls gets out, and why it does not reach what a pull needs. Pure.

One subnet has one fault, so that of the causes which read this exactly one holds for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from ipaddress import ip_network
from typing import Literal

from bot import endpoint
from bot.facts import (
    ImageReference,
    InternetGateways,
    NatGateways,
    Platform,
    PullInterface,
    Route,
    RouteTable,
    RouteTables,
    Subject,
    Subnets,
    TaskDefinition,
    VpcEndpoint,
    VpcEndpoints,
)
from bot.model import Call, Confirmed, RuledOut, Undecided, Unknown, Verdict

Fault = Literal["none", "unknown", "no-public-ip", "no-route", "no-endpoint", "no-s3"]

_KNOWN_TARGETS = ("local", "igw-", "eigw-", "nat-")
_EVERYWHERE = "0.0.0.0/0"
_PUBLIC_IP: Mapping[bool | None, Fault] = {True: "none", False: "no-public-ip", None: "unknown"}


@dataclass(frozen=True, slots=True)
class Exit:
    """What happens to a pull from one subnet. *missing* are the endpoints that would help."""

    subnet: str
    table: str
    target: str | None
    fault: Fault
    why: str = ""
    missing: tuple[str, ...] = ()


def exits(
    subject: Subject,
    image: ImageReference,
    platform: Platform,
    definition: TaskDefinition,
    interface: PullInterface,
    subnets: Subnets,
    tables: RouteTables,
    endpoints: VpcEndpoints,
    nats: NatGateways,
    gateways: InternetGateways,
) -> tuple[Exit, ...]:
    """Return the way out of every subnet that may pull."""
    needed = endpoint.needed(subject, image, platform, definition)
    usable = endpoint.usable(endpoints)
    found = []
    for subnet in subnets.items:
        table = effective(tables, subnet.id)
        way = _internet(subnet.id, table, tables, interface, endpoints, nats, gateways)
        if way.fault in ("none", "unknown"):
            found.append(way)
        elif subnet.ipv6 and _speaks_ipv6(image):
            why = f"whether {image.host} is reached by IPv6 is not known"
            found.append(replace(way, fault="unknown", why=why))
        elif image.registry != "ecr":
            found.append(way)
        elif image.region == subject.region:
            found.append(_by_endpoints(way, needed, table, usable, subject.region))
        elif any(endpoint.serves(e, image.region or "", "ecr.dkr") for e in usable):
            why = f"whether the endpoints for {image.region} serve the pull is not known"
            found.append(replace(way, fault="unknown", why=why))
        else:
            found.append(way)
    return tuple(found)


def verdict(fault: Fault, ways: Iterable[Exit], **proof: object) -> Verdict:
    """Confirm *fault* where a subnet has it, and name the subnets that do and do not."""
    ways = tuple(ways)
    closed = [w for w in ways if w.fault == fault]
    seen = {
        **proof,
        "closed": [w.subnet for w in closed],
        "open": [w.subnet for w in ways if w.fault == "none"],
        "unclear": [w.subnet for w in ways if w.fault == "unknown"],
        "tables": sorted({w.table for w in closed}),
        "missing": list(dict.fromkeys(m for w in closed for m in w.missing)),
    }
    if closed:
        return Confirmed(seen)
    unknown = tuple(dict.fromkeys(w.why for w in ways if w.fault == "unknown"))
    if unknown or not ways:
        reasons = unknown or ("no subnet is known",)
        return Undecided(tuple(Unknown("RouteTables", why) for why in reasons))
    return RuledOut(seen)


def effective(tables: RouteTables, subnet: str) -> RouteTable | None:
    """Return the table associated with *subnet*, or else the main one of the VPC."""
    own = (t for t in tables.items if subnet in t.subnets)
    return next(own, next((t for t in tables.items if t.main), None))


def _internet(
    subnet: str,
    table: RouteTable | None,
    tables: RouteTables,
    interface: PullInterface,
    endpoints: VpcEndpoints,
    nats: NatGateways,
    gateways: InternetGateways,
) -> Exit:
    """Return how *subnet* gets to the internet, whatever endpoints there are."""
    if table is None:
        return Exit(subnet, "", None, "unknown", f"the route table of {subnet} is not known")
    route = _default(table)
    way = Exit(subnet, table.id, route.target if route else None, "no-route")
    if route and route.state != "blackhole":
        fault, why = _leads(route.target, tables, interface, nats, gateways)
        way = replace(way, fault=fault, why=why)
    hidden = _hidden(table, endpoints, open_anyway=way.fault == "none")
    if hidden and way.fault != "unknown":
        return replace(way, fault="unknown", why=f"what lies behind {hidden} is not known")
    return way


def _leads(
    target: str,
    tables: RouteTables,
    interface: PullInterface,
    nats: NatGateways,
    gateways: InternetGateways,
) -> tuple[Fault, str]:
    """Return what a default route to *target* is worth, and what is not known about it."""
    if target in gateways.ids:
        return _PUBLIC_IP[interface.public_ip], "whether there was a public IP address is not known"
    nat = next((n for n in nats.items if n.id == target), None)
    if nat is None or not nat.public or nat.state == "pending":
        return "unknown", f"where {target} leads is not known"
    table = effective(tables, nat.subnet)
    onwards = _default(table) if table else None
    if table is None or (
        onwards and onwards.state != "blackhole" and onwards.target not in gateways.ids
    ):
        return "unknown", f"where {target} leads is not known"
    works = nat.state == "available" and onwards and onwards.target in gateways.ids
    return ("none" if works else "no-route"), ""


def _default(table: RouteTable) -> Route | None:
    return next((r for r in table.routes if r.destination == _EVERYWHERE), None)


def _hidden(table: RouteTable, endpoints: VpcEndpoints, *, open_anyway: bool) -> str | None:
    """Return a target whose other side we cannot see: transit, peering, VPN, firewall, appliance.

    Such a route matters even without being the default, because endpoints may be shared from
    there; where the default route works, only a route to public addresses does.
    """
    ours = {e.id for e in endpoints.items if e.type == "Gateway"}
    return next(
        (
            r.target
            for r in table.routes
            if r.state != "blackhole"
            and not r.target.startswith(_KNOWN_TARGETS)
            and r.target not in ours
            and not (open_anyway and not _public(r.destination))
        ),
        None,
    )


def _public(destination: str) -> bool:
    try:
        return ip_network(destination).is_global
    except ValueError:  # a prefix list
        return False


def _speaks_ipv6(image: ImageReference) -> bool:
    """Tell whether the host may have an IPv6 address; the usual host of ECR has none."""
    return image.registry != "ecr" or ".dkr-ecr" in image.host


def _by_endpoints(
    way: Exit,
    needed: tuple[str, ...],
    table: RouteTable | None,
    endpoints: tuple[VpcEndpoint, ...],
    region: str,
) -> Exit:
    """Return what VPC endpoints make of a subnet without a way to the internet."""
    lacking = [n for n in needed if not any(endpoint.serves(e, region, n) for e in endpoints)]
    layers = endpoint.leads_to_layers(table, endpoints, region)
    early = [n for n in lacking if n != "logs"]
    all_missing = tuple(
        endpoint.service(region, n)
        for n in (*early, *([] if layers else ["s3"]), *(n for n in lacking if n == "logs"))
    )
    if early:
        meant = any(e.type == "Interface" for e in endpoints)
        return replace(way, fault="no-endpoint" if meant else way.fault, missing=all_missing)
    if not layers:
        return replace(way, fault="no-s3", missing=all_missing)
    return replace(way, fault="no-endpoint" if lacking else "none", missing=all_missing)


def endpoint_calls(
    fault: Fault, ways: Iterable[Exit], subnets: Subnets, interface: PullInterface
) -> tuple[Call, ...]:
    """Return the calls that create the endpoints which the subnets with *fault* lack."""
    closed = [w for w in ways if w.fault == fault]
    names = dict.fromkeys(m for w in closed for m in w.missing)
    tables = sorted({w.table for w in closed})
    where = [s for s in subnets.items if s.id in {w.subnet for w in closed}]
    return tuple(endpoint.create(name, where, tables, interface) for name in names)


def layers_calls(
    ways: Iterable[Exit], subnets: Subnets, endpoints: VpcEndpoints, region: str
) -> tuple[Call, ...]:
    """Return the call that gives the subnets without S3 a route to it."""
    tables = sorted({w.table for w in ways if w.fault == "no-s3"})
    if not tables:
        return ()
    gateway = endpoint.gateway_of(endpoints, region)
    if gateway is None:
        return (
            endpoint.create_gateway(f"com.amazonaws.{region}.s3", subnets.items[0].vpc, tables),
        )
    added = {"VpcEndpointId": gateway.id, "AddRouteTableIds": tables}
    return (Call("ec2", "modify_vpc_endpoint", added),)
