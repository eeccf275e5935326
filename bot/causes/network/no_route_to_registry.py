"""A private subnet has no way out, and no VPC endpoint leads to Amazon ECR either.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html
"""

from __future__ import annotations

from bot.egress import Situation, advice, situated, verdict
from bot.model import Call, Cause, RuledOut, Verdict


@situated
def decide(at: Situation) -> Verdict:
    """Judge the way to ECR; a registry on the internet is another cause, and has other remedies."""
    if at.image.registry != "ecr":
        return RuledOut({"host": at.image.host})
    return verdict("no-route", at, host=at.image.host, vpc=at.vpc)


@situated
def advise(at: Situation) -> tuple[Call, ...]:
    """Create every endpoint that the pull needs; none leads to ECR of another Region."""
    return advice("no-route", at)


CAUSE = Cause(
    id="no-route-to-registry",
    group="network",
    stage="S2",
    until="S5",
    families=("network-unreachable", "pull-cancelled"),
    registries=("ecr",),
    decide=decide,
    advise=advise,
)
