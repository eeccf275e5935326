"""A private subnet has no way out, and no VPC endpoint leads to the registry either.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html
"""

from __future__ import annotations

from bot.egress import Situation, advice, situated, verdict
from bot.model import Call, Cause, Verdict


@situated
def decide(at: Situation) -> Verdict:
    return verdict("no-route", at, host=at.image.host, vpc=at.vpc)


@situated
def advise(at: Situation) -> tuple[Call, ...]:
    """Create every endpoint that the pull needs; none leads to another registry than ECR."""
    return advice("no-route", at)


CAUSE = Cause(
    id="no-route-to-registry",
    group="network",
    stage="S2",
    until="S5",
    families=("network-unreachable", "pull-cancelled"),
    decide=decide,
    advise=advise,
)
