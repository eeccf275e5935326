"""The hops of a way out of the VPC: the effective route, and the gateway that it leads to."""

from __future__ import annotations

from bot.facts import NatGateway, Route, RouteTable, VpcEndpoint
from bot.model import Unknown
from bot.network.addresses import INTERNET, Region, State, block, minus
from bot.network.gates import acl_of_nat, acl_to_internet, group_to_public
from bot.network.routing import taken
from bot.network.view import Hop, Via, View, Way, hop, unread


def to_internet(view: View) -> Way:
    """Return how packets leave for public addresses: by which way, over which hops."""
    table = view.table(view.source)
    if table is None:
        route = unread("route", None, "RouteTables")
        return "unknown", (group_to_public(view), acl_to_internet(view), route)
    out, route = _default(view, table)
    first = (group_to_public(view), acl_to_internet(view))
    target = out.target if out and route.state == "open" else ""
    if target.startswith("igw-"):
        return "internet", (_public_ip(view), *first, route, _gateway(view, target))
    if target.startswith("nat-"):
        return "nat", (*first, route, *_nat(view, target))
    if target.startswith("eigw-"):
        return "internet", (*first, route)
    way: Via = "none" if route.state == "closed" else "unknown"
    return way, (*first, route)


def _default(view: View, table: RouteTable) -> tuple[Route | None, Hop]:
    """Return the route that packets for public addresses take, as a hop."""
    routes = taken(table, _public(view, table), _beside(view))
    seen = {"table": table.id, "main": view.source not in table.subnets}
    if len({(r.target, r.state) if r else None for r in routes}) > 1:
        targets = sorted({r.target if r else "" for r in routes})
        return None, hop("route", table.id, "unknown", "routes-differ", targets=targets, **seen)
    route = routes[0]
    if route is None:
        return None, hop("route", table.id, "closed", "no-route", **seen)
    seen |= {"target": route.target, "destination": route.destination}
    if route.state == "blackhole":
        return route, hop("route", table.id, "closed", "blackhole", **seen)
    known = ("igw-", "nat-", "eigw-") if view.family == 6 else ("igw-", "nat-")
    if not route.target.startswith(known):
        return route, hop("route", table.id, "unknown", "target-not-judged", **seen)
    return route, hop("route", table.id, "open", "", **seen)


def _public(view: View, table: RouteTable) -> Region:
    """Return where public services lie; over IPv6 the VPC's own addresses are public, and no service's."""
    spans = INTERNET[view.family].spans
    own = [block(r.destination) for r in table.routes if r.target == "local"]
    for found in own if view.family == 6 else ():
        spans = minus(spans, found.span) if found and found.family == 6 else spans
    return Region(view.family, spans)


def _beside(view: View) -> frozenset[str]:
    """Return the prefix lists that hold a service's own addresses, not those of others."""
    known = view.network.prefixes
    names = {} if isinstance(known, Unknown) else known.names
    gateways = {e.id for e in view.gateway_endpoints()}
    table = view.table(view.source)
    routes = table.routes if table else ()
    named = {i for i, name in names.items() if name.endswith((".s3", ".dynamodb"))}
    return frozenset(named | {r.destination for r in routes if r.target in gateways})


def _public_ip(view: View) -> Hop:
    interface = view.network.interface
    if view.family == 6:
        return Hop("interface", None, "open")
    if isinstance(interface, Unknown) or interface.public_ip is None:
        return unread("interface", None, "PullInterface")
    state: State = "open" if interface.public_ip else "closed"
    return hop("interface", None, state, "no-public-ip", owner=interface.owner)


def _gateway(view: View, target: str) -> Hop:
    gateways = view.network.gateways
    if isinstance(gateways, Unknown):
        return unread("internet-gateway", target, "InternetGateways")
    state: State = "open" if target in gateways.ids else "closed"
    return hop("internet-gateway", target, state, "detached")


def _nat(view: View, target: str) -> tuple[Hop, ...]:
    nats = view.network.nats
    if isinstance(nats, Unknown):
        return (unread("nat", target, "NatGateways"),)
    nat = next((n for n in nats.items if n.id == target), None)
    if nat is None:
        return (hop("nat", target, "unknown", "nat-elsewhere"),)
    seen = {"state": nat.state, "subnet": nat.subnet}
    if nat.state.lower() == "pending":
        return (hop("nat", nat.id, "unknown", "nat-pending", **seen),)
    if nat.state.lower() != "available":
        return (hop("nat", nat.id, "closed", "nat-unavailable", **seen),)
    if not nat.subnet:  # a regional gateway: it routes on by itself
        return (hop("nat", nat.id, "unknown", "nat-regional", **seen),)
    return (_onwards(view, nat), acl_of_nat(view, nat.subnet))


def _onwards(view: View, nat: NatGateway) -> Hop:
    """Judge the route of the NAT gateway's own subnet: a public one needs an internet gateway."""
    table = view.table(nat.subnet)
    if table is None:
        return unread("nat", nat.id, "RouteTables", subnet=nat.subnet)
    route, onwards = _default(view, table)
    seen = {"subnet": nat.subnet, "table": table.id, "public": nat.public}
    if route is None or onwards.state != "open":
        reason = "nat-without-route" if onwards.state == "closed" else "nat-route-not-judged"
        return hop("nat", nat.id, onwards.state, reason, **seen)
    if not route.target.startswith("igw-"):
        return hop("nat", nat.id, "unknown", "nat-route-not-judged", target=route.target, **seen)
    if not nat.public:
        return hop("nat", nat.id, "closed", "nat-private", **seen)
    gateway = _gateway(view, route.target)
    return hop("nat", nat.id, gateway.state, "nat-without-gateway", gateway=route.target, **seen)


def opaque(view: View) -> str | None:
    """Return a target whose far side we cannot see, where endpoints may be shared from."""
    table = view.table(view.source)
    judged = ("local", "igw-", "nat-", "eigw-")
    alive = [r for r in (table.routes if table else ()) if r.state != "blackhole"]
    # A prefix list to an endpoint is the route of a gateway endpoint, whoever made it.
    behind = (
        r.target
        for r in alive
        if not (r.destination.startswith("pl-") and r.target.startswith("vpce-"))
    )
    return next((target for target in behind if not target.startswith(judged)), None)


def to_gateway_endpoint(view: View, endpoint: VpcEndpoint) -> Hop:
    """Judge whether the effective table leads to a gateway endpoint."""
    table = view.table(view.source)
    if table is None:
        return unread("route", None, "RouteTables", endpoint=endpoint.id)
    routes = [r for r in table.routes if r.target == endpoint.id]
    alive = [r for r in routes if r.state != "blackhole"]
    there = bool(alive) or (not routes and table.id in endpoint.route_tables)
    return hop(
        "route", table.id, "open" if there else "closed", "not-on-table",
        table=table.id, main=view.source not in table.subnets, endpoint=endpoint.id,
        tables=list(endpoint.route_tables),
    )  # fmt: skip


def to_interfaces(view: View, endpoint: VpcEndpoint) -> Hop:
    """Judge the route to the endpoint's interfaces: local, unless an appliance comes between."""
    table = view.table(view.source)
    if table is None:
        return unread("route", None, "RouteTables", endpoint=endpoint.id)
    regions = (view.region_of(s) for s in endpoint.subnets)
    routes = {r for where in regions for r in taken(table, where, _beside(view))}
    targets = {r.target if r else "" for r in routes}
    # An address that no subnet told may lie anywhere in the VPC, and the rest is not ours.
    state: State = "open" if targets <= {"local", ""} and "local" in targets else "unknown"
    return hop("route", table.id, state, "not-local", table=table.id, targets=sorted(targets))
