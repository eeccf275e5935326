"""The way out leads to a NAT gateway that is gone, not available, private, or has no way out itself.

https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html
"""

from __future__ import annotations

from typing import Final

from bot.egress import Situation, away_from, exits, situated, stays, tables_of, verdict
from bot.facts import NatGateway
from bot.model import JSON, Call, Cause, Plan, Unknown, Verdict
from bot.network.routing import effective

ID: Final = "nat-gateway-broken"


@situated
def decide(at: Situation) -> Verdict:
    return verdict(
        ID,
        at,
        vpc=at.vpc,
        good=_good(at),
        **stays(ID, at),
        **_seen(at),
    )


def _seen(at: Situation) -> dict[str, JSON]:
    """Return the gateway, and what is wrong with it."""
    hop = next((w.hop for w in exits(at) if w.fault == ID and w.hop), None)
    why = dict(hop.why) if hop else {}
    gone = hop is not None and hop.kind == "route"
    return {
        "nat": why.get("target") if gone else hop and hop.id,
        "reason": "nat-gone" if gone else why.get("reason"),
        "state": why.get("state"),
        "its_subnet": why.get("subnet"),
        "its_table": why.get("table"),
    }


def _good(at: Situation) -> str | None:
    """Return a NAT gateway of the VPC that could take over."""
    known = at.network.nats
    items = () if isinstance(known, Unknown) else known.items
    broken = _seen(at)["nat"]
    return next((n.id for n in items if n.id != broken and _works(at, n)), None)


def _works(at: Situation, nat: NatGateway) -> bool:
    table = effective(nat.subnet, at.tables.items)
    routes = table.routes if table else ()
    out = (r.target for r in routes if r.destination == "0.0.0.0/0" and r.state == "active")
    return nat.state == "available" and nat.public and any(t.startswith("igw-") for t in out)


@situated
def plan(at: Situation) -> Plan | None:
    """Run the service only in those of its subnets that have a way."""
    return away_from(ID, at)


@situated
def advise(at: Situation) -> tuple[Call, ...]:
    """Lead the route to a NAT gateway that works, or give the broken one its way out."""
    seen, everywhere = _seen(at), {"DestinationCidrBlock": "0.0.0.0/0"}
    if seen["reason"] in ("nat-without-route", "nat-without-gateway"):
        gateways = at.network.gateways
        ids = () if isinstance(gateways, Unknown) else gateways.ids
        route = {"RouteTableId": seen["its_table"], **everywhere}
        out = {"GatewayId": next(iter(ids), "<internet gateway id>")}
        return (Call("ec2", "create_route", {**route, **out}),)
    good, calls = _good(at), []
    if good is None:
        params = {"SubnetId": "<public subnet id>", "AllocationId": "<elastic ip allocation id>"}
        calls.append(Call("ec2", "create_nat_gateway", params))
    tables = tables_of(ID, at)
    new = {**everywhere, "NatGatewayId": good or "<nat gateway id>"}
    calls += [Call("ec2", "replace_route", {"RouteTableId": t, **new}) for t in tables]
    return tuple(calls)


CAUSE = Cause(
    id=ID,
    group="network",
    stage="S2",
    until="S5",
    families=("network-unreachable", "pull-cancelled"),
    decide=decide,
    plan=plan,
    advise=advise,
)
