"""Which container instances can take a task, and which are in the way of it. Pure.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-versions.html
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.facts import ClusterHost, ClusterHosts, OptimizedImages, TaskDefinition

# What an agent must be able to do for a pull, by the attributes that it registers: all of it is
# there in every agent that is recent enough.
CAPABILITIES = (
    "com.amazonaws.ecs.capability.ecr-auth",
    "ecs.capability.execution-role-ecr-pull",
    "ecs.capability.private-registry-authentication.secretsmanager",
    "ecs.capability.secrets.asm.environment-variables",
    "ecs.capability.secrets.ssm.environment-variables",
)
UNDER_WAY = ("PENDING", "STAGING", "STAGED", "UPDATING")
ARM = ("arm64", "aarch64")
SECOND = "amzn2-ami-ecs"  # Amazon Linux 2, whose agent no call updates on ARM


def needed(definition: TaskDefinition) -> tuple[str, ...]:
    """Return what the agent must be able to do for the pull, as ECS worked it out."""
    asked = {a.get("name") for a in definition.raw.get("requiresAttributes") or ()}
    return tuple(c for c in CAPABILITIES if c in asked)


def lacking(host: ClusterHost, definition: TaskDefinition) -> tuple[str, ...]:
    """Return what the agent of *host* cannot do of that."""
    return tuple(c for c in needed(definition) if c not in host.capabilities)


def outdated(hosts: ClusterHosts, definition: TaskDefinition) -> tuple[ClusterHost, ...]:
    """Return the active hosts whose agent is too old for the task."""
    return tuple(h for h in active(hosts) if lacking(h, definition))


def active(hosts: ClusterHosts) -> tuple[ClusterHost, ...]:
    """Return the hosts that ECS places tasks on, their agent permitting."""
    return tuple(h for h in hosts.items if h.status == "ACTIVE")


def spare(
    hosts: ClusterHosts, full: Iterable[str], ours: ClusterHost, definition: TaskDefinition
) -> tuple[ClusterHost, ...]:
    """Return the hosts that take the task in place of *ours*, as far as ECS has recorded."""
    avoided = {*full, ours.arn}
    ready = (h for h in active(hosts) if h.connected and h.arn not in avoided)
    return tuple(
        h for h in ready
        if _alike(h, ours) and not lacking(h, definition) and _has_room(h, definition)
    )  # fmt: skip


def _alike(host: ClusterHost, ours: ClusterHost) -> bool:
    """Tell whether what runs on *ours* runs on *host*; unknown CPUs are not the same."""
    return host.system == ours.system and None is not host.architecture == ours.architecture


def _has_room(host: ClusterHost, definition: TaskDefinition) -> bool:
    """Tell whether ECS has as much CPU and memory left on *host* as the task reserves."""
    cpu, memory = _reserved(definition, "cpu"), _reserved(definition, "memory")
    if None in (cpu, memory, host.cpu, host.memory):
        return False
    return bool(cpu <= host.cpu and memory <= host.memory)  # type: ignore[operator]


def _reserved(definition: TaskDefinition, what: str) -> int | None:
    """Return what the task reserves: as a whole, else all of its containers together."""
    raw = definition.raw
    if whole := raw.get(what):
        return int(whole) if str(whole).isdecimal() else None
    own = raw.get("containerDefinitions", ())
    return sum(c.get(f"{what}Reservation") or c.get(what) or 0 for c in own)


def updatable(host: ClusterHost, images: OptimizedImages) -> bool:
    """Tell whether one call of ECS updates the agent of *host*: connected, and on Amazon's own AMI."""
    name = dict(images.names).get(host.image or "")
    if name is None or not host.connected or host.system != "linux":
        return False
    return not (name.startswith(SECOND) and any(cpu in name for cpu in ARM))


def short(arn: str) -> str:
    """Return the id of a container instance."""
    return arn.rpartition("/")[2]
