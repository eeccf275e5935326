"""A subnet was given no route table, so it uses the main one of its VPC, which has no way out.

https://docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html
"""

from __future__ import annotations

from typing import Final

from bot.egress import Situation, away_from, better, faulty, situated, stays, verdict
from bot.model import Call, Cause, Plan, Undecided, Unknown, Verdict

FAULT: Final = "main-table"


@situated
def decide(at: Situation) -> Verdict:
    closed, net = [w.subnet for w in faulty(at, FAULT)], at.network
    good = better(at, closed[0]) if closed else None
    if closed and good is None:
        read = (net.vpc, net.groups, net.acls, net.nats, net.gateways, net.prefixes)
        return Undecided(tuple(f for f in read if isinstance(f, Unknown)))
    return verdict(
        FAULT,
        at,
        vpc=at.vpc,
        good=good,
        **stays(FAULT, at),
    )


@situated
def plan(at: Situation) -> Plan | None:
    """Run the service only in those of its subnets that have a way."""
    return away_from(FAULT, at)


@situated
def advise(at: Situation) -> tuple[Call, ...]:
    """Associate each subnet with a table that leads it out: all that stands in it goes that way then."""
    pairs = [(w.subnet, better(at, w.subnet)) for w in faulty(at, FAULT)]
    return tuple(
        Call("ec2", "associate_route_table", {"RouteTableId": table, "SubnetId": subnet})
        for subnet, table in pairs
        if table
    )


CAUSE = Cause(
    id="subnet-on-main-route-table",
    group="network",
    stage="S2",
    until="S5",
    families=("network-unreachable", "pull-cancelled"),
    decide=decide,
    plan=plan,
    advise=advise,
    seldom=True,
)
