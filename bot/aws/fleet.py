"""The container instances of a cluster: what they can do, and how they fare.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/create-capacity.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot import symptom
from bot.aws.accounts import WorkloadAccount
from bot.aws.client import NotFound, together
from bot.aws.ecs import cluster_of, described, short
from bot.facts import (
    ClusterHost,
    ClusterHosts,
    FullDisks,
    HostVolumes,
    OptimizedImages,
    Platform,
    Recorded,
    Service,
    StoppedTask,
    Subject,
    TaskDefinition,
)
from bot.hosts import outdated
from bot.model import Call, CannotTell, Unknown

FAMILY = "disk-full"
ON_HOSTS = ("EC2", "EXTERNAL")
HOSTS_A_CALL = 100
# Amazon's own AMIs for ECS, of all its Linuxes.
OPTIMIZED = re.compile(r"(?:amzn2|al2023)-ami-ecs-|amzn-ami-.*-amazon-ecs-optimized$")


def cluster_hosts(
    here: WorkloadAccount, subject: Subject, owner: Service, where: Platform | Unknown
) -> ClusterHosts:
    if isinstance(where, Unknown):
        raise CannotTell(where.because, where.grant)
    if where.launch_type not in ON_HOSTS:
        return ClusterHosts()
    cluster = {"cluster": short(owner.cluster)} if owner.cluster else cluster_of(subject)
    try:
        arns = here.pages(Call("ecs", "list_container_instances", cluster), "containerInstanceArns")
    except NotFound:
        return ClusterHosts()
    parts = [arns[i : i + HOSTS_A_CALL] for i in range(0, len(arns), HOSTS_A_CALL)]
    answers = together(*(lambda p=part: _described(here, cluster, p) for part in parts))
    return ClusterHosts(tuple(_host(h) for answer in answers for h in answer))


def full_disks(
    here: WorkloadAccount, subject: Subject, task: StoppedTask, said: Recorded
) -> FullDisks:
    if task.container_instance is None or said.symptom.family != FAMILY:
        return FullDisks()
    cluster = cluster_of(subject)
    where = {**cluster, "desiredStatus": "STOPPED"}
    arns = here.pages(Call("ecs", "list_tasks", where), "taskArns")
    failed = [t.container_instance for t in described(here, cluster, arns) if _full(t)]
    return FullDisks(tuple(dict.fromkeys(h for h in (task.container_instance, *failed) if h)))


def host_volumes(
    here: WorkloadAccount, task: StoppedTask, said: Recorded, hosts: ClusterHosts
) -> HostVolumes:
    ours = next((h for h in hosts.items if h.arn == task.container_instance), None)
    if said.symptom.family != FAMILY or ours is None or not ours.instance.startswith("i-"):
        return HostVolumes()
    attached = [{"Name": "attachment.instance-id", "Values": [ours.instance]}]
    found = here.pages(Call("ec2", "describe_volumes", {"Filters": attached}), "Volumes")
    sizes = [(a["Device"], int(v["Size"])) for v in found for a in v.get("Attachments", ())]
    return HostVolumes(tuple(sorted(dict.fromkeys(sizes))))


def optimized_images(
    here: WorkloadAccount, hosts: ClusterHosts, definition: TaskDefinition
) -> OptimizedImages:
    ids = sorted({h.image for h in outdated(hosts, definition) if h.image})
    if not ids:
        return OptimizedImages()
    try:
        found = here.call(Call("ec2", "describe_images", {"ImageIds": ids}))["Images"]
    except NotFound:
        return OptimizedImages()
    own = [i for i in found if i.get("ImageOwnerAlias") == "amazon"]
    named = ((i["ImageId"], i.get("Name", "")) for i in own)
    return OptimizedImages(tuple((i, name) for i, name in named if OPTIMIZED.match(name)))


def _described(
    here: WorkloadAccount, cluster: Mapping[str, str], arns: list[str]
) -> list[dict[str, Any]]:
    asked = {**cluster, "containerInstances": arns}
    found = here.call(Call("ecs", "describe_container_instances", asked))
    return list(found["containerInstances"])


def _host(said: Mapping[str, Any]) -> ClusterHost:
    values = {a["name"]: a.get("value") for a in said.get("attributes", ())}
    left = {r["name"]: r.get("integerValue") for r in said.get("remainingResources", ())}
    return ClusterHost(
        arn=said["containerInstanceArn"],
        instance=said.get("ec2InstanceId") or "",
        status=said.get("status", ""),
        connected=bool(said.get("agentConnected")),
        agent=(said.get("versionInfo") or {}).get("agentVersion"),
        updating=said.get("agentUpdateStatus"),
        capabilities=tuple(values),
        image=values.get("ecs.ami-id"),
        system=values.get("ecs.os-type") or "linux",
        tasks=said.get("runningTasksCount", 0),
        architecture=values.get("ecs.cpu-architecture"),
        cpu=left.get("CPU"),
        memory=left.get("MEMORY"),
    )


def _full(task: StoppedTask) -> bool:
    """Tell whether *task* never ran for want of space; what others stop may quote such an error."""
    if task.stop_code != "TaskFailedToStart" or not task.texts:
        return False
    return symptom.parse("\n".join(task.texts)).family == FAMILY


COLLECTORS = (cluster_hosts, full_disks, host_volumes, optimized_images)
