"""The disk of the host that the task was placed on is full.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-instance-draining.html
"""

from __future__ import annotations

from bot.facts import (
    ClusterHost,
    ClusterHosts,
    FullDisks,
    HostVolumes,
    Platform,
    Recorded,
    Service,
    StoppedTask,
    Subject,
    TaskDefinition,
)
from bot.host_steps import drained
from bot.hosts import short, spare
from bot.model import Call, Cause, Confirmed, Plan, RuledOut, Undecided, Unknown, Verdict
from bot.steps import then_redeploy

FAMILY = "disk-full"
UNTOLD = "no API tells whether it still holds"
DRAINED = ("EC2", "EXTERNAL")  # whose hosts ECS lets us drain


def decide(
    where: Platform,
    recorded: Recorded,
    task: StoppedTask | Unknown,
    hosts: ClusterHosts | Unknown,
    full: FullDisks | Unknown,
    volumes: HostVolumes | Unknown,
    definition: TaskDefinition | Unknown,
) -> Verdict:
    ours = _ours(task, hosts)
    seen = {"kind": where.launch_type, "host": ours.id if ours else _id(task)}
    said = recorded.symptom.family == FAMILY
    if where.launch_type == "FARGATE" or not (said or _settled(task)):
        return RuledOut(seen)
    if ours and ours.status != "ACTIVE":
        return RuledOut({**seen, "status": ours.status})
    if where.launch_type in DRAINED and _gone(task, hosts):
        return RuledOut({**seen, "status": "gone"})
    if not said:
        return Undecided((Unknown("FullDisks", UNTOLD),))
    there = () if isinstance(volumes, Unknown) else volumes.items
    elsewhere = _elsewhere(ours, hosts, full, definition)
    return Confirmed(
        {
            **seen,
            "instance": ours.instance if ours else None,
            "tasks": ours.tasks if ours else None,
            "volumes": [f"{device} {size} GiB" for device, size in there],
            "others": _others(task, full),
            "spare": elsewhere,
            "drains": bool(elsewhere) and ours is not None and where.launch_type in DRAINED,
        }
    )


def plan(
    subject: Subject,
    service: Service,
    where: Platform,
    task: StoppedTask,
    hosts: ClusterHosts,
    full: FullDisks,
    definition: TaskDefinition,
) -> Plan | None:
    """Drain the host, where another one can take its tasks, and have the service try again."""
    ours = _ours(task, hosts)
    usable = ours is not None and ours.status == "ACTIVE" and where.launch_type in DRAINED
    elsewhere = _elsewhere(ours, hosts, full, definition)
    if ours is None or not usable or not elsewhere or ours.arn not in full.hosts:
        return None
    steps = then_redeploy(drained(subject, ours), service=service)
    return Plan(steps, "high" if ours.tasks else "medium")  # whose they are is not read


def advise(task: StoppedTask | Unknown, hosts: ClusterHosts | Unknown) -> tuple[Call, ...]:
    """Look at the volumes of the host, whose size a person changes."""
    ours = _ours(task, hosts)
    if ours is None or not ours.instance.startswith("i-"):
        return ()
    by = [{"Name": "attachment.instance-id", "Values": [ours.instance]}]
    larger = {"VolumeId": "<volume>", "Size": "<GiB>"}
    return (
        Call("ec2", "describe_volumes", {"Filters": by}),
        Call("ec2", "modify_volume", larger),
    )


def _ours(task: StoppedTask | Unknown, hosts: ClusterHosts | Unknown) -> ClusterHost | None:
    """Return the host that the task failed on, as far as it is still there."""
    if isinstance(task, Unknown) or isinstance(hosts, Unknown):
        return None
    return next((h for h in hosts.items if h.arn == task.container_instance), None)


def _settled(task: StoppedTask | Unknown) -> bool:
    """Tell whether this is a look at what a fix has left."""
    return isinstance(task, StoppedTask) and task.settled


def _gone(task: StoppedTask | Unknown, hosts: ClusterHosts | Unknown) -> bool:
    """Tell whether the host that the task failed on has left its cluster."""
    if isinstance(task, Unknown) or isinstance(hosts, Unknown) or task.container_instance is None:
        return False
    return all(h.arn != task.container_instance for h in hosts.items)


def _others(task: StoppedTask | Unknown, full: FullDisks | Unknown) -> list[str]:
    """Return the other hosts that are full; *full* names our own as well."""
    if isinstance(task, Unknown) or isinstance(full, Unknown):
        return []
    return [short(a) for a in full.hosts if a != task.container_instance]


def _id(task: StoppedTask | Unknown) -> str | None:
    arn = None if isinstance(task, Unknown) else task.container_instance
    return short(arn) if arn else None


def _elsewhere(
    ours: ClusterHost | None,
    hosts: ClusterHosts | Unknown,
    full: FullDisks | Unknown,
    definition: TaskDefinition | Unknown,
) -> int:
    """Count the hosts that take the task as far as ECS has recorded."""
    if isinstance(hosts, Unknown) or isinstance(full, Unknown) or isinstance(definition, Unknown):
        return 0
    return len(spare(hosts, full.hosts, ours, definition)) if ours else 0


CAUSE = Cause(
    id="disk-full",
    group="host",
    stage="S6",
    families=(FAMILY,),
    decide=decide,
    plan=plan,
    advise=advise,
)
