"""A private subnet relies on VPC endpoints, and one that the start needs is missing.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
"""

from __future__ import annotations

from bot.egress import Situation, advice, situated, verdict
from bot.model import Call, Cause, Verdict


@situated
def decide(at: Situation) -> Verdict:
    there = sorted({e.service for e in at.endpoints.items})[:8]
    return verdict("no-endpoint", at, vpc=at.vpc, owner=at.interface.owner, there=there)


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
    decide=decide,
    advise=advise,
)
