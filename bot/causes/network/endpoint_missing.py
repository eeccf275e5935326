"""A private subnet relies on VPC endpoints, and one that the start needs is missing.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
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
    return verdict(
        "no-endpoint",
        ways,
        vpc=subnets.items[0].vpc if ways else None,
        owner=interface.owner,
        there=sorted({e.service for e in endpoints.items})[:8],
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
    """Create each missing endpoint."""
    ways = exits(
        subject, image, platform, definition, interface, subnets, tables, endpoints, nats, gateways
    )
    return endpoint_calls("no-endpoint", ways, subnets, interface)


CAUSE = Cause(
    id="endpoint-missing",
    group="network",
    stage="S2",
    until="S4",
    families=("network-unreachable", "pull-cancelled"),
    decide=decide,
    advise=advise,
)
