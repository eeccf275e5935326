"""The way out of a public subnet is its internet gateway, which needs a public IP address.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html
"""

from __future__ import annotations

from dataclasses import replace

from bot.egress import exits, verdict
from bot.facts import (
    ImageReference,
    InternetGateways,
    NatGateways,
    Platform,
    PullInterface,
    RouteTables,
    SecurityGroups,
    Service,
    Subject,
    Subnets,
    TaskDefinition,
    VpcEndpoints,
)
from bot.model import Cause, Plan, Unknown, Verdict
from bot.steps import network


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
    service: Service | Unknown,
    groups: SecurityGroups | Unknown,
) -> Verdict:
    ways = exits(
        subject, image, platform, definition, interface, subnets, tables, endpoints, nats, gateways
    )
    closed = [w.target for w in ways if w.fault == "no-public-ip"]
    ours = None if isinstance(service, Unknown) else service
    return verdict(
        "no-public-ip",
        ways,
        gateway=next(iter(closed), None),
        owner=interface.owner,
        service=ours.name if ours else None,
        fixable=bool(ours and plan(ours, platform, interface)),
        exposed=_exposed(interface, groups),
    )


def plan(service: Service, platform: Platform, interface: PullInterface) -> Plan | None:
    """Give the tasks a public address; a task on EC2 never gets one."""
    if platform.launch_type != "FARGATE" or interface.owner != "task" or not service.awsvpc:
        return None
    steps = network(service, replace(service.awsvpc, public_ip=True))
    return Plan(steps, "medium") if steps else None


def _exposed(interface: PullInterface, groups: SecurityGroups | Unknown) -> list[str] | None:
    """Return the security groups that let the whole internet in, None where that is not known."""
    if isinstance(groups, Unknown) or interface.groups is None:
        return None
    ours = [g for g in groups.items if g.id in interface.groups]
    return [g.id for g in ours if any({"0.0.0.0/0", "::/0"} & set(r.cidrs) for r in g.ingress)]


CAUSE = Cause(
    id="public-ip-missing",
    group="network",
    stage="S2",
    until="S5",
    families=("network-unreachable", "pull-cancelled"),
    decide=decide,
    plan=plan,
)
