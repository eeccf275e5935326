"""A private subnet has no way out, and no VPC endpoint leads to the registry either.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html
"""

from __future__ import annotations

from bot.egress import endpoint_calls, exits, verdict
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
    return verdict("no-route", ways, host=image.host, vpc=subnets.items[0].vpc if ways else None)


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
    """Create every endpoint that the pull needs; none leads to another registry than ECR."""
    ways = exits(
        subject, image, platform, definition, interface, subnets, tables, endpoints, nats, gateways
    )
    return endpoint_calls("no-route", ways, subnets, interface)


CAUSE = Cause(
    id="no-route-to-registry",
    group="network",
    stage="S2",
    until="S5",
    families=("network-unreachable", "pull-cancelled"),
    decide=decide,
    advise=advise,
)
