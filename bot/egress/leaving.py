"""The plan that runs a service only in those of its subnets from which a start works. Pure.

It repairs nothing for others: where a route table or an ACL of many is at fault, a person mends that.
"""

from __future__ import annotations

from dataclasses import replace

from bot.egress.faults import exits, spare
from bot.egress.situation import Situation
from bot.facts import Service, Subnet, Subnets
from bot.model import JSON, Plan
from bot.steps import network


def leaving(at: Situation) -> Plan | None:
    """Return the plan that takes the service out of the subnets that have no way for certain.

    What is left must be open for sure, and the way of every subnet of the service be known.
    """
    sure = {w.subnet for w in (*exits(at), *spare(at)) if w.sure}
    return staying(at.ours, at.subnets, sure) if at.interface.owner == "task" else None


def staying(service: Service | None, subnets: Subnets, good: set[str]) -> Plan | None:
    """Return the plan that keeps *service* in the *good* ones of its subnets, with a free address."""
    if service is None or service.awsvpc is None:
        return None
    known = {s.id for s in subnets.all}
    kept = tuple(s.id for s in _kept(service, subnets, good))
    if not kept or not known.issuperset(service.awsvpc.subnets):
        return None
    steps = network(service, replace(service.awsvpc, subnets=kept))
    return Plan(steps, "medium") if steps else None


def told(plan: Plan | None, subnets: Subnets) -> dict[str, JSON]:
    """Return what a proof says of such a plan: the subnets and the zones that stay."""
    stays = plan.steps[0].after["awsvpcConfiguration"]["subnets"] if plan else []
    zones = sorted({s.zone for s in subnets.all if s.id in stays})
    return {"fixable": plan is not None, "stays": stays, "zones": zones}


def _kept(service: Service, subnets: Subnets, good: set[str]) -> list[Subnet]:
    asked = service.awsvpc.subnets if service.awsvpc else ()
    by_id = {s.id: s for s in subnets.all}
    found = (by_id[s] for s in asked if s in good and s in by_id)
    return [s for s in found if s.free is None or s.free > 0]
