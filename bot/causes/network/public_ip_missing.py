"""The way out of a public subnet is its internet gateway, which needs a public IP address.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html
"""

from __future__ import annotations

from dataclasses import replace

from bot.egress import Situation, exits, situated, verdict
from bot.facts import Platform, PullInterface, SecurityGroups, Service
from bot.model import Cause, Plan, Unknown, Verdict
from bot.steps import network


@situated
def decide(at: Situation) -> Verdict:
    closed = (w for w in exits(at) if w.fault == "no-public-ip")
    ours = None if isinstance(at.service, Unknown) else at.service
    return verdict(
        "no-public-ip",
        at,
        gateway=next((w.target for w in closed), None),
        owner=at.interface.owner,
        service=ours.name if ours else None,
        fixable=bool(ours and plan(ours, at.platform, at.interface)),
        exposed=_exposed(at.interface, at.network.groups),
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
