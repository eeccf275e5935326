"""The VPC's endpoints of ECR are those of the other family: FIPS, and the host is not, or the reverse.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
"""

from __future__ import annotations

from typing import Final

from bot.egress import Situation, advice, beside, exits, faulty, situated, verdict
from bot.egress.endpoints import usable
from bot.egress.making import cost, making
from bot.facts import VpcEndpoint
from bot.model import Call, Cause, Plan, RuledOut, Undecided, Unknown, Verdict
from bot.network.families import FIPS, relative

FAULT: Final = "wrong-family"


@situated
def decide(at: Situation) -> Verdict:
    plan = making(FAULT, at)
    found = verdict(
        FAULT,
        at,
        vpc=at.vpc,
        host=at.image.host,
        owner=at.interface.owner,
        ids=[e.id for e in _related(at)],
        there=list(dict.fromkeys(e.service for e in _related(at))),
        fips=any(FIPS in e.service for e in _related(at)),
        fixable=plan is not None,
        cost=cost(plan),
        beside=beside(at),
    )
    hops = (h for w in exits(at) for p in w.ways for h in p.hops)
    unnamed = next((h for h in hops if h.why.get("reason") == "other-family"), None)
    if isinstance(found, RuledOut) and unnamed:
        because = f"whether names lead to {unnamed.id} is not known"
        return Undecided((Unknown("VpcEndpoints", because),))
    return found


def _related(at: Situation) -> list[VpcEndpoint]:
    """Return the endpoints that are there in place of those that the start asks for."""
    asked = {m for w in faulty(at, FAULT) for m in w.missing}
    return [e for e in usable(at.endpoints) if relative(e.service) in asked]


@situated
def plan(at: Situation) -> Plan | None:
    """Make the endpoints of the right family, behind the security group of those that are there."""
    return making(FAULT, at)


@situated
def advise(at: Situation) -> tuple[Call, ...]:
    """Create the endpoints of the right family."""
    return advice(FAULT, at)


CAUSE = Cause(
    id="endpoint-family-mismatch",
    group="network",
    stage="S2",
    until="S4",
    families=("network-unreachable", "pull-cancelled"),
    registries=("ecr",),
    decide=decide,
    plan=plan,
    advise=advise,
    seldom=True,
)
