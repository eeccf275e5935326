"""A private subnet relies on VPC endpoints, and one that the start needs is missing.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
"""

from __future__ import annotations

from bot.egress import Situation, advice, beside, situated, verdict
from bot.egress.making import cost, making
from bot.model import Call, Cause, Plan, Verdict


@situated
def decide(at: Situation) -> Verdict:
    there = sorted({e.service for e in at.endpoints.items})[:8]
    found = making("no-endpoint", at)
    return verdict(
        "no-endpoint",
        at,
        vpc=at.vpc,
        owner=at.interface.owner,
        there=there,
        fixable=found is not None,
        cost=cost(found),
        beside=beside(at),
    )


@situated
def plan(at: Situation) -> Plan | None:
    """Make each missing endpoint, behind the security group of one that lets the task in."""
    return making("no-endpoint", at)


@situated
def advise(at: Situation) -> tuple[Call, ...]:
    """Create each missing endpoint."""
    return advice("no-endpoint", at)


CAUSE = Cause(
    id="endpoint-missing",
    group="network",
    stage="S2",
    until="S4",
    families=("network-unreachable", "pull-cancelled"),
    registries=("ecr",),
    decide=decide,
    plan=plan,
    advise=advise,
)
