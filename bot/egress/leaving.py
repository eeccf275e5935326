"""The plan that runs a service only in those of its subnets from which a start works. Pure.

It repairs nothing for others: where a route table or an ACL of many is at fault, a person mends that.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import cast

from bot.egress.faults import Fault, exits, faulty, spare
from bot.egress.situation import Situation
from bot.egress.verdicts import closed_by
from bot.facts import Service, Subnet
from bot.model import JSON, Plan
from bot.steps import network


def leaving(at: Situation, closed: Collection[str]) -> Plan | None:
    """Return the plan that takes the service out of the *closed* ones of its subnets.

    Each of its other subnets must be open for sure, with the groups and the address that the
    service has now, and together they must have an address for each of its tasks.
    """
    ours = at.ours
    if ours is None or ours.awsvpc is None or not closed or not _alike(at, ours):
        return None
    sure = {w.subnet for w in (*exits(at), *spare(at)) if w.sure} - set(closed)
    asked = ours.awsvpc.subnets
    kept = [s for s in at.subnets.all if s.id in sure and s.id in asked]
    if not kept or not {*sure, *closed}.issuperset(asked) or _room(kept) < ours.desired:
        return None
    order = tuple(i for i in asked if i in sure)
    steps = network(ours, replace(ours.awsvpc, subnets=order))
    return Plan(steps, "medium") if steps else None


def away_from(fault: str, at: Situation) -> Plan | None:
    """Return the plan that takes the service out of the subnets in which *fault* closes a way."""
    lacking = faulty(at, cast("Fault", fault))  # of a fault that only closes hops there are none
    return leaving(at, [*(w.subnet for w in lacking), *(c.subnet for c in closed_by(fault, at))])


def stays(fault: str, at: Situation) -> dict[str, JSON]:
    """Return what a proof says of that plan: the service, its subnets and the zones that stay."""
    plan, ours = away_from(fault, at), at.ours
    kept = plan.steps[0].after["awsvpcConfiguration"]["subnets"] if plan else []
    zones = sorted({s.zone for s in at.subnets.all if s.id in kept})
    name = ours.name if ours else None
    return {"service": name, "fixable": plan is not None, "stays": kept, "zones": zones}


def _alike(at: Situation, ours: Service) -> bool:
    """Tell whether the ways were judged for what the service would start its tasks with."""
    inside, interface = ours.awsvpc, at.interface
    return (
        inside is not None
        and interface.owner == "task"
        and interface.groups is not None
        and set(interface.groups) == set(inside.groups)
        and interface.public_ip == inside.public_ip
    )


def _room(subnets: Collection[Subnet]) -> float:
    """Return how many tasks find an address; one without IPv4 has as many as anybody needs."""
    return sum(float("inf") if not s.cidr else s.free or 0 for s in subnets)
