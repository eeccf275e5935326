"""ECR is reached by its endpoints, but the image layers in S3 are not.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
"""

from __future__ import annotations

from bot.egress import Situation, advice, gateway_of, service, situated, tables_of, verdict
from bot.egress.making import making
from bot.model import Call, Cause, Plan, Verdict


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
        others=_others(at),
        fixable=making("no-s3", at) is not None,
    )


def _others(at: Situation) -> list[str]:
    """Return the other subnets that use the same route tables, where these are their own."""
    lacking, ours = tables_of("no-s3", at), {s.id for s in at.subnets.all}
    return sorted({s for t in at.tables.items if t.id in lacking for s in t.subnets} - ours)


@situated
def plan(at: Situation) -> Plan | None:
    """Put the gateway endpoint that is there on the route tables in use, or make one for them."""
    return making("no-s3", at)


@situated
def advise(at: Situation) -> tuple[Call, ...]:
    """Put the gateway endpoint for S3 on the route tables that lack it."""
    return advice("no-s3", at)


CAUSE = Cause(
    id="s3-route-missing",
    group="network",
    stage="S5",
    families=("network-unreachable", "pull-cancelled", "runtime-error"),
    registries=("ecr",),
    decide=decide,
    plan=plan,
    advise=advise,
)
