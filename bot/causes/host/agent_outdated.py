"""No host can take the task: the agents are too old for what it asks for, or not connected.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
"""

from __future__ import annotations

from bot.facts import (
    ClusterHost,
    ClusterHosts,
    OptimizedImages,
    Platform,
    Service,
    Subject,
    TaskDefinition,
)
from bot.host_steps import by_hand, renewed
from bot.hosts import UNDER_WAY, active, lacking, outdated, updatable
from bot.model import Call, Cause, Confirmed, Plan, RuledOut, Unknown, Verdict


def decide(
    where: Platform,
    service: Service,
    hosts: ClusterHosts,
    definition: TaskDefinition,
    images: OptimizedImages | Unknown,
) -> Verdict:
    there, old = active(hosts), outdated(hosts, definition)
    ready = [h.id for h in there if h.connected and h not in old]
    seen = {"kind": where.launch_type, "ready": ready, "hosts": len(there)}
    waits = service.exists and service.running < service.desired
    if where.launch_type not in ("EC2", "EXTERNAL") or ready or not there or not waits:
        return RuledOut(seen)
    first, heard = _first(old, images), [h for h in old if h.connected]
    shown = first or next(iter(heard), there[0])
    return Confirmed(
        {
            **seen,
            "problem": "outdated" if heard else "disconnected",
            "service": service.name,
            "host": shown.id,
            "agent": shown.agent,
            "lacks": list(lacking(shown, definition)),
            "old": [h.id for h in heard],
            "away": [h.id for h in there if not h.connected],
            "updates": first is not None,
        },
        mending=any(h.updating in UNDER_WAY for h in heard),
    )


def plan(
    subject: Subject, hosts: ClusterHosts, definition: TaskDefinition, images: OptimizedImages
) -> Plan | None:
    """Update the agent of one host: then ECS places the task there by itself."""
    first = _first(outdated(hosts, definition), images)
    return Plan((renewed(subject, first),), "medium") if first else None


def advise(subject: Subject, hosts: ClusterHosts, definition: TaskDefinition) -> tuple[Call, ...]:
    """Update each agent that is connected; whether a host takes it a person knows."""
    old = [h for h in outdated(hosts, definition) if h.connected]
    return tuple(by_hand(subject, h) for h in old) or (
        Call("ecs", "list_container_instances", {"cluster": subject.cluster or "default"}),
    )


def _first(old: tuple[ClusterHost, ...], images: OptimizedImages | Unknown) -> ClusterHost | None:
    """Return the first host whose agent one call updates, and that is not at it already."""
    if isinstance(images, Unknown):
        return None
    fit = (h for h in old if updatable(h, images) and h.updating not in UNDER_WAY)
    return next(fit, None)


CAUSE = Cause(
    id="agent-outdated",
    group="host",
    stage="S0",
    families=("not-pull:placement", "not-pull:agent-disconnected"),
    decide=decide,
    plan=plan,
    advise=advise,
)
