"""A subnet that is meant to be public has no route to an internet gateway, or to one that is detached.

https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
"""

from __future__ import annotations

from typing import Final

from bot.egress import Situation, away_from, exits, situated, stays, tables_of, verdict
from bot.model import JSON, Call, Cause, Plan, Unknown, Verdict

ID: Final = "internet-gateway-missing"


@situated
def decide(at: Situation) -> Verdict:
    return verdict(
        ID,
        at,
        vpc=at.vpc,
        owner=at.interface.owner,
        **stays(ID, at),
        **_seen(at),
    )


def _seen(at: Situation) -> dict[str, JSON]:
    """Return the gateway that the route names or that the VPC has, and what is missing."""
    hop = next((w.hop for w in exits(at) if w.fault == ID and w.hop), None)
    known = at.network.gateways
    attached = next(iter(() if isinstance(known, Unknown) else known.ids), None)
    if hop is None:
        return {"gateway": attached, "kind": None, "instead": None}
    if hop.why.get("reason") == "no-route":
        return {"gateway": attached, "kind": "no-route", "instead": None}
    named = hop.why.get("target") or hop.id
    other = attached if attached != named else None
    return {"gateway": named, "kind": "detached", "instead": other}


@situated
def plan(at: Situation) -> Plan | None:
    """Run the service only in those of its subnets that have a way."""
    return away_from(ID, at)


@situated
def advise(at: Situation) -> tuple[Call, ...]:
    """Attach the gateway, or lead the subnets to it: a person decides what becomes public."""
    seen = _seen(at)
    which = seen["instead"] or seen["gateway"] or "<internet gateway id>"
    attached = seen["instead"] or (seen["kind"] == "no-route" and seen["gateway"])
    params = {"InternetGatewayId": which, "VpcId": at.vpc}
    calls = [] if attached else [Call("ec2", "attach_internet_gateway", params)]
    if seen["kind"] == "no-route" or seen["instead"]:
        tables = tables_of(ID, at)
        new = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": which}
        name = "replace_route" if seen["instead"] else "create_route"
        calls += [Call("ec2", name, {"RouteTableId": t, **new}) for t in tables]
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
