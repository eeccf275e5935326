"""What there is to choose from, and what runs: the lists that forms, searches and watches need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.aws.client import Door, NotFound, together
from bot.aws.ecs import service_from
from bot.facts import Service
from bot.model import Call

PAGE = 100  # DescribeTasks takes no more ARNs in one call
BATCH = 10  # DescribeServices takes no more names in one call


@dataclass(frozen=True, slots=True)
class Started:
    """One task of a service: when it was made, whether it runs, and what ECS said when it did not."""

    arn: str
    definition: str
    status: str
    created_at: datetime
    texts: tuple[str, ...]
    group: str | None
    stop_code: str | None = None


def clusters(door: Door) -> list[str]:
    """Return the names of the clusters, sorted."""
    return sorted(name(arn) for arn in door.pages(Call("ecs", "list_clusters", {}), "clusterArns"))


def services(door: Door, cluster: str) -> list[str]:
    """Return the names of the cluster's services, sorted; none where there is no such cluster."""
    try:
        found = door.pages(Call("ecs", "list_services", {"cluster": cluster}), "serviceArns")
    except NotFound:
        return []
    return sorted(name(arn) for arn in found)


def standing(door: Door, cluster: str, names: list[str]) -> list[Service]:
    """Return how these services of the cluster are doing; those that were deleted are left out."""
    parts = [names[i : i + BATCH] for i in range(0, len(names), BATCH)]

    def described(part: list[str]) -> list[Any]:
        call = Call("ecs", "describe_services", {"cluster": cluster, "services": part})
        try:
            return list(door.call(call)["services"])
        except NotFound:
            return []

    answers = together(*(lambda p=part: described(p) for part in parts))
    return [service_from(s) for a in answers for s in a if s.get("status") != "INACTIVE"]


def tasks(
    door: Door, cluster: str, statuses: Iterable[str], service: str | None = None
) -> list[Started]:
    """Return the cluster's (or the service's) tasks of these desired statuses, newest first."""
    scope = {"cluster": cluster} | ({"serviceName": service} if service else {})
    arns: list[str] = []
    for status in statuses:
        listed = Call("ecs", "list_tasks", {**scope, "desiredStatus": status})
        try:
            arns += door.pages(listed, "taskArns")
        except NotFound:
            return []
    found: list[Started] = []
    for start in range(0, len(arns), PAGE):
        asked = {"cluster": cluster, "tasks": arns[start : start + PAGE]}
        found += map(_started, door.call(Call("ecs", "describe_tasks", asked))["tasks"])
    return sorted(found, key=lambda t: t.created_at, reverse=True)


def name(arn: str) -> str:
    """Return the last part of an ARN."""
    return arn.rpartition("/")[2]


def _started(task: dict[str, Any]) -> Started:
    said = [c.get("reason") for c in task.get("containers", ())] + [task.get("stoppedReason")]
    return Started(
        arn=task["taskArn"],
        definition=task["taskDefinitionArn"],
        status=task["lastStatus"],
        created_at=task["createdAt"],
        texts=tuple(dict.fromkeys(t for t in said if t)),
        group=task.get("group"),
        stop_code=task.get("stopCode"),
    )
