"""The plan that gives subnets the endpoints they lack, where it is sure that these then do. Pure.

Nothing is invented: the security groups are those of an endpoint that is there, and the plan is
given only where a start from each of the subnets would find these ways open.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bot.egress.endpoints import gateway_of, usable, wanted
from bot.egress.faults import Exit, Fault, exits, faulty, spare
from bot.egress.situation import Situation
from bot.egress.verdicts import repair
from bot.facts import Route, RouteTables, VpcEndpoint, VpcEndpoints
from bot.model import Plan, Step
from bot.network import SERVICES
from bot.vpc_steps import new_endpoint, routed

JSON = Any


def making(fault: Fault, at: Situation) -> Plan | None:
    """Return the plan that makes what subnets with *fault* lack.

    The service's other subnets are left out where something else closes them as well.
    """
    closed = faulty(at, fault)
    pulling = [w for w in closed if w in exits(at)]
    for ways in (closed, pulling) if len(pulling) < len(closed) else (closed,):
        names = list(dict.fromkeys(m for w in ways for m in w.missing))
        for groups in _groups(at) if names and at.vpc else ():
            made = [_endpoint(at, ways, name, groups) for name in names]
            if _works(at, made, {w.subnet for w in ways}):
                return repair(at, "medium", *_steps(at, ways, made))
    return None


def _groups(at: Situation) -> Iterator[tuple[str, ...]]:
    """Yield the groups of endpoints that are there, each once; none are needed for a gateway."""
    there = (e.groups for e in usable(at.endpoints) if e.type == "Interface" and e.groups)
    yield from dict.fromkeys(there)


def _endpoint(at: Situation, closed: list[Exit], name: str, groups: tuple[str, ...]) -> VpcEndpoint:
    """Return the endpoint *name* as it would be: with private DNS, in one subnet of each zone."""
    subnets = {w.subnet for w in closed}
    if name.endswith(".s3"):
        gateway = gateway_of(at.endpoints, at.subject.region)
        tables = tuple(sorted({w.table for w in closed if w.table}))
        kept = gateway or VpcEndpoint("vpce-new-s3", name, "Gateway", "available")
        return replace(kept, route_tables=(*kept.route_tables, *tables))
    by_zone = {s.zone: s.id for s in reversed(at.subnets.all) if s.id in subnets}
    return VpcEndpoint(
        f"vpce-new-{name}", name, "Interface", "available", private_dns=True,
        subnets=tuple(sorted(by_zone.values())), groups=groups,
    )  # fmt: skip


def _works(at: Situation, made: list[VpcEndpoint], subnets: set[str]) -> bool:
    """Tell whether a start from *subnets* would find the way to each of *made* open."""
    kept = [e for e in at.endpoints.items if e.id not in {m.id for m in made}]
    layers = [m for m in made if m.type == "Gateway"]
    tables = tuple(
        replace(t, routes=(*t.routes, *(Route("pl-layers", m.id) for m in layers)))
        if any(t.id in m.route_tables for m in layers) else t
        for t in at.tables.items
    )  # fmt: skip
    endpoints = VpcEndpoints((*kept, *made))
    routes = RouteTables(tables)
    network = replace(at.network, endpoints=endpoints, tables=routes)
    then = replace(at, endpoints=endpoints, tables=routes, network=network)
    after = (*exits(then), *spare(then))
    new = {m.service for m in made}
    return all(new <= _open(at, way) for way in after if way.subnet in subnets)


def _open(at: Situation, way: Exit) -> set[str]:
    """Return the services that a start from the subnet of *way* reaches."""
    named = (p for p in way.ways if p.state == "open" and p.target in SERVICES)
    return {wanted(at, p.target) for p in named}


def _steps(at: Situation, closed: list[Exit], made: list[VpcEndpoint]) -> tuple[Step, ...]:
    gateway = gateway_of(at.endpoints, at.subject.region)
    tables = sorted({w.table for w in closed if w.table})
    steps: list[Step] = []
    for endpoint in made:
        if gateway and endpoint.id == gateway.id:
            steps.append(routed(at.subject, gateway.id, tables))
            continue
        params = _params(endpoint)
        token = _token(at, params)
        steps.append(new_endpoint(at.subject, len(steps), at.vpc or "", params, token))
    return tuple(steps)


def _params(endpoint: VpcEndpoint) -> dict[str, JSON]:
    named = {"VpcEndpointType": endpoint.type, "ServiceName": endpoint.service}
    if endpoint.type == "Gateway":
        return {**named, "RouteTableIds": sorted(endpoint.route_tables)}
    return {
        **named,
        "SubnetIds": list(endpoint.subnets),
        "SecurityGroupIds": list(endpoint.groups),
        "PrivateDnsEnabled": True,
    }


def _token(at: Situation, params: dict[str, JSON]) -> str:
    """Return what makes asking twice one endpoint, and asking after an undo another."""
    ours = at.ours
    deployments = sorted(d.id for d in ours.deployments) if ours else []
    seen = json.dumps([at.vpc, params, deployments], sort_keys=True)
    return f"ecs-pull-{hashlib.sha256(seen.encode()).hexdigest()[:32]}"


def cost(plan: Plan | None) -> int:
    """Return the US dollars that the new interface endpoints cost a month, at 0.01 an hour."""
    made = (s.do.params for s in plan.steps if s.kind == "vpc-endpoint") if plan else ()
    zones = sum(len(p.get("SubnetIds", ())) for p in made)
    return round(zones * 730 * 0.01)
