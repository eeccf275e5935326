"""The subnet has no free address, so that a new task gets no network interface.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/failed-to-start-error.html
"""

from __future__ import annotations

from bot.egress import Situation, leaving, situated
from bot.facts import PullInterface, Recorded, Service, Subnet, Subnets
from bot.model import Call, Cause, Confirmed, Plan, RuledOut, Undecided, Unknown, Verdict


def decide(
    interface: PullInterface,
    subnets: Subnets,
    service: Service | Unknown,
    recorded: Recorded | Unknown,
) -> Verdict:
    full = [s.id for s in subnets.items if _full(s)]
    said = None if isinstance(recorded, Unknown) else recorded.symptom.family
    waits = isinstance(service, Service) and service.exists and service.running < service.desired
    seen = {
        "closed": full,
        "open": [s.id for s in subnets.all if s.free is not None and not _full(s)],
        "blocks": [s.cidr for s in subnets.items if s.id in full],
        "service": service.name if isinstance(service, Service) and service.exists else None,
    }
    if interface.owner != "task" or not (full or said == "not-pull:eni"):
        return RuledOut(seen)
    if not full:
        unread = any(s.free is None for s in subnets.items)
        because = "how many addresses are free is not known"
        return Undecided((Unknown("Subnets", because),)) if unread else RuledOut(seen)
    return Confirmed(seen) if waits or said == "not-pull:eni" else RuledOut(seen)


@situated
def plan(at: Situation) -> Plan | None:
    """Run the service only in those of its subnets that have addresses, and a way out."""
    return leaving(at, [s.id for s in at.subnets.all if _full(s)])


def _full(subnet: Subnet) -> bool:
    return bool(subnet.cidr) and subnet.free is not None and subnet.free <= 0


def advise(subnets: Subnets, service: Service | Unknown) -> tuple[Call, ...]:
    """Give the service a subnet with free addresses; a person knows which has the same way out."""
    if isinstance(service, Unknown) or not service.exists or service.awsvpc is None:
        return ()
    full = {s.id for s in subnets.all if _full(s)}
    kept = [s for s in service.awsvpc.subnets if s not in full]
    inside = {
        "subnets": [*kept, "<subnet with free addresses>"],
        "securityGroups": list(service.awsvpc.groups),
        "assignPublicIp": "ENABLED" if service.awsvpc.public_ip else "DISABLED",
    }
    named = {"cluster": service.cluster, "service": service.name}
    changed = {**named, "networkConfiguration": {"awsvpcConfiguration": inside}}
    return (Call("ecs", "update_service", changed),)


CAUSE = Cause(
    id="subnet-addresses-exhausted",
    group="network",
    stage="S0",
    families=("not-pull:eni",),
    decide=decide,
    plan=plan,
    advise=advise,
)
