"""ECR is reached by its endpoints, but the image layers in S3 are not.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
"""

from __future__ import annotations

from bot.egress import exits, layers_calls, verdict
from bot.endpoint import gateway_of
from bot.facts import (
    ImageReference,
    InternetGateways,
    NatGateways,
    Platform,
    PullInterface,
    RouteTables,
    Subject,
    Subnets,
    TaskDefinition,
    VpcEndpoints,
)
from bot.model import Call, Cause, Verdict


def decide(
    subject: Subject,
    image: ImageReference,
    platform: Platform,
    definition: TaskDefinition,
    interface: PullInterface,
    subnets: Subnets,
    tables: RouteTables,
    endpoints: VpcEndpoints,
    nats: NatGateways,
    gateways: InternetGateways,
) -> Verdict:
    ways = exits(
        subject, image, platform, definition, interface, subnets, tables, endpoints, nats, gateways
    )
    gateway = gateway_of(endpoints, subject.region)
    return verdict(
        "no-s3",
        ways,
        vpc=subnets.items[0].vpc if ways else None,
        gateway=gateway.id if gateway else None,
        endpoint=f"com.amazonaws.{subject.region}.s3",
    )


def advise(
    subject: Subject,
    image: ImageReference,
    platform: Platform,
    definition: TaskDefinition,
    interface: PullInterface,
    subnets: Subnets,
    tables: RouteTables,
    endpoints: VpcEndpoints,
    nats: NatGateways,
    gateways: InternetGateways,
) -> tuple[Call, ...]:
    """Put the gateway endpoint for S3 on the route tables that lack it."""
    ways = exits(
        subject, image, platform, definition, interface, subnets, tables, endpoints, nats, gateways
    )
    return layers_calls(ways, subnets, endpoints, subject.region)


CAUSE = Cause(
    id="s3-route-missing",
    group="network",
    stage="S5",
    families=("network-unreachable", "pull-cancelled", "runtime-error"),
    decide=decide,
    advise=advise,
)
