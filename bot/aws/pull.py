"""Which pull failed, read from what ECS told: the image, the words, the platform, the interface."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast, get_args

from bot import symptom
from bot.aws.accounts import WorkloadAccount
from bot.aws.client import NotFound
from bot.aws.ecs import cluster_of, failing_deployment
from bot.aws.reference import same_image, split
from bot.facts import (
    AwsvpcConfiguration,
    ImageReference,
    LaunchType,
    Platform,
    PullInterface,
    Recorded,
    Service,
    StoppedTask,
    Subject,
    TaskDefinition,
)
from bot.model import Call, CannotTell, Unknown
from bot.symptom import Symptom

EVENTS = 20  # of at most 100; the newest come first


def recorded(task: StoppedTask, owner: Service) -> Recorded:
    """What ECS wrote on the task; where no task is left, on the service."""
    if task.texts:
        return Recorded(symptom.parse("\n".join(task.texts)))
    reasons = (d.reason for d in owner.deployments if d.reason)
    read = [symptom.parse(text) for text in dict.fromkeys((*reasons, *owner.events[:EVENTS]))]
    return Recorded(next((s for s in read if s.recognised), symptom.EMPTY))


def image_reference(
    task: StoppedTask, definition: TaskDefinition | Unknown, said: Recorded, asked: Symptom
) -> ImageReference:
    """The image of the container that failed; without anything from ECS, the one in the text."""
    images = list(_images(task, definition))
    broken = [c.name for c in task.containers if c.reason]
    named = [split(i, "") for i in (said.symptom.entities.image, asked.entities.image) if i]
    found = (
        *(i for i in images if i.container in broken),
        *(i for n in named for i in images if same_image(i, n)),
        *(i for i in images if i.registry == "ecr"),
        *images,
    )
    if found:
        return _as_pulled(found[0], said.symptom.entities.image)
    if named:
        return named[0]
    if isinstance(definition, Unknown):
        raise CannotTell(definition.because, definition.grant)
    raise CannotTell("no image is known")


def platform(task: StoppedTask, owner: Service, definition: TaskDefinition | Unknown) -> Platform:
    only = () if isinstance(definition, Unknown) else definition.compatibilities
    launched = task.launch_type or owner.launch_type or (only[0] if len(only) == 1 else None)
    if launched not in get_args(LaunchType):
        raise CannotTell("the launch type is not known")
    version = task.platform_version or owner.platform_version
    return Platform(cast(LaunchType, launched), None if version == "LATEST" else version)


def pull_interface(
    here: WorkloadAccount, subject: Subject, task: StoppedTask, owner: Service
) -> PullInterface:
    """The task's own interface on Fargate; elsewhere the host's, whatever the network mode."""
    launched = task.launch_type or owner.launch_type
    if launched in ("EC2", "MANAGED_INSTANCES") or task.container_instance:
        return _host(here, subject, task)
    if launched != "FARGATE":
        outside = launched == "EXTERNAL"
        raise CannotTell("the host is not in AWS" if outside else "the launch type is not known")
    network = _network(task, owner)
    if network is None:
        if task.subnet is None:
            raise CannotTell("the network interface is not known")
        return PullInterface((task.subnet,), None, None)
    subnets = (task.subnet,) if task.subnet else network.subnets
    groups = network.groups or _default_groups(here, subnets[0])
    return PullInterface(subnets, groups, network.public_ip)


def _images(task: StoppedTask, definition: TaskDefinition | Unknown) -> Iterator[ImageReference]:
    """Yield every image: as the definition writes it, then those of sidecars that AWS added."""
    written = (
        {} if isinstance(definition, Unknown) else {c.name: c.image for c in definition.containers}
    )
    for name, image in written.items():
        yield split(image, name)
    for container in task.containers:
        if container.image and container.name not in written:
            yield split(container.image, container.name)


def _as_pulled(image: ImageReference, said: str | None) -> ImageReference:
    """Return *image* with the digest that ECS pinned its tag to, when the record names one."""
    pinned = split(said, "") if said else None
    if image.digest or pinned is None or not pinned.digest or not same_image(image, pinned):
        return image
    return replace(image, digest=pinned.digest)


def _network(task: StoppedTask, owner: Service) -> AwsvpcConfiguration | None:
    """Return the configuration that the failed task got; deployments may differ."""
    ran = [
        d.awsvpc
        for d in sorted(owner.deployments, key=failing_deployment, reverse=True)
        if d.awsvpc
        and (d.definition == task.definition or (not task.arn and failing_deployment(d)))
    ]
    fitting = [n for n in ran if task.subnet is None or task.subnet in n.subnets]
    return next(iter(fitting), owner.awsvpc)


def _host(here: WorkloadAccount, subject: Subject, task: StoppedTask) -> PullInterface:
    if task.container_instance is None:
        raise CannotTell("the container instance is not known")
    parts = task.container_instance.split("/")
    cluster = {"cluster": parts[1]} if len(parts) == 3 else cluster_of(subject)
    params = {**cluster, "containerInstances": [task.container_instance]}
    try:
        hosts = here.call(Call("ecs", "describe_container_instances", params))["containerInstances"]
        ids = {"InstanceIds": [h["ec2InstanceId"] for h in hosts]}
        found = here.call(Call("ec2", "describe_instances", ids))["Reservations"] if hosts else []
    except NotFound:
        found = []
    for interface in (n for r in found for i in r["Instances"] for n in i["NetworkInterfaces"]):
        if interface.get("Attachment", {}).get("DeviceIndex", 0) == 0:
            return _primary(interface)
    raise CannotTell("the container instance is gone")


def _primary(interface: dict[str, Any]) -> PullInterface:
    return PullInterface(
        subnets=(interface["SubnetId"],),
        groups=tuple(g["GroupId"] for g in interface.get("Groups", ())),
        public_ip="PublicIp" in interface.get("Association", {}),
        owner="host",
    )


def _default_groups(here: WorkloadAccount, subnet: str) -> tuple[str, ...] | None:
    """Return the VPC's default group, which a task gets when none is named."""
    by_id = [{"Name": "subnet-id", "Values": [subnet]}]
    subnets = here.pages(Call("ec2", "describe_subnets", {"Filters": by_id}), "Subnets")
    if not subnets:
        return None
    filters = [
        {"Name": "vpc-id", "Values": [subnets[0]["VpcId"]]},
        {"Name": "group-name", "Values": ["default"]},
    ]
    call = Call("ec2", "describe_security_groups", {"Filters": filters})
    return tuple(g["GroupId"] for g in here.pages(call, "SecurityGroups")) or None


COLLECTORS = (recorded, image_reference, platform, pull_interface)
