"""The steps that change a container instance: where tasks are placed, and its agent. Pure."""

from __future__ import annotations

from typing import Any

from bot.facts import ClusterHost, Subject
from bot.model import Call, Step

JSON = Any
NEWEST = "newest"


def drained(subject: Subject, host: ClusterHost) -> Step:
    """Return the step that has ECS place nothing on *host*, and move what services run there."""
    do, undo = (
        Call("ecs", "update_container_instances_state", {**_several(subject, host), "status": s})
        for s in ("DRAINING", "ACTIVE")
    )
    return Step(
        kind="container-instance-status",
        account=subject.account,
        region=subject.region,
        resource=host.arn,
        before={"status": host.status},
        after={"status": "DRAINING"},
        do=do,
        undo=undo,
    )


def renewed(subject: Subject, host: ClusterHost) -> Step:
    """Return the step that updates the agent of *host*; ECS has no call that takes it back."""
    return Step(
        kind="container-agent",
        account=subject.account,
        region=subject.region,
        resource=host.arn,
        before={"agentVersion": host.agent},
        after={"agentVersion": NEWEST},
        do=by_hand(subject, host),
        undo=None,
    )


def by_hand(subject: Subject, host: ClusterHost) -> Call:
    """Return the call that updates the agent of *host*."""
    named = {**_cluster(subject, host), "containerInstance": host.arn}
    return Call("ecs", "update_container_agent", named)


def _several(subject: Subject, host: ClusterHost) -> dict[str, JSON]:
    return {**_cluster(subject, host), "containerInstances": [host.arn]}


def _cluster(subject: Subject, host: ClusterHost) -> dict[str, JSON]:
    """Return the parameter that names the cluster: older ARNs of hosts do not."""
    parts = host.arn.split("/")
    name = parts[1] if len(parts) == 3 else subject.cluster
    return {"cluster": name} if name else {}
