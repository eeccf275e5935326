"""A private subnet has no way out, and no VPC endpoint leads to Amazon ECR either.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html
"""

from __future__ import annotations

from typing import Final

from bot.egress import Situation, advice, away_from, situated, stays, verdict
from bot.model import Call, Cause, Plan, RuledOut, Verdict

FAULT: Final = "no-route"


@situated
def decide(at: Situation) -> Verdict:
    """Judge the way to ECR; a registry on the internet is another cause, and has other remedies."""
    if at.image.registry != "ecr":
        return RuledOut({"host": at.image.host})
    return verdict(
        FAULT,
        at,
        host=at.image.host,
        vpc=at.vpc,
        **stays(FAULT, at),
    )


@situated
def plan(at: Situation) -> Plan | None:
    """Run the service only in those of its subnets that have a way."""
    return away_from(FAULT, at)


@situated
def advise(at: Situation) -> tuple[Call, ...]:
    """Create every endpoint that the pull needs; none leads to ECR of another Region."""
    return advice(FAULT, at)


CAUSE = Cause(
    id="no-route-to-registry",
    group="network",
    stage="S2",
    until="S5",
    families=("network-unreachable", "pull-cancelled"),
    registries=("ecr",),
    decide=decide,
    plan=plan,
    advise=advise,
)
