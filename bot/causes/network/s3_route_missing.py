"""ECR is reached by its endpoints, but the image layers in S3 are not.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
"""

from __future__ import annotations

from bot.egress import Situation, advice, gateway_of, service, situated, verdict
from bot.model import Call, Cause, Verdict


@situated
def decide(at: Situation) -> Verdict:
    region = at.subject.region
    gateway = gateway_of(at.endpoints, region)
    return verdict(
        "no-s3",
        at,
        vpc=at.vpc,
        gateway=gateway.id if gateway else None,
        endpoint=service(region, "s3"),
    )


@situated
def advise(at: Situation) -> tuple[Call, ...]:
    """Put the gateway endpoint for S3 on the route tables that lack it."""
    return advice("no-s3", at)


CAUSE = Cause(
    id="s3-route-missing",
    group="network",
    stage="S5",
    families=("network-unreachable", "pull-cancelled", "runtime-error"),
    decide=decide,
    advise=advise,
)
