"""Which pull failed, read from what ECS told: the image, the words, the platform, the interface."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import cast, get_args

from bot import symptom
from bot.aws.accounts import WorkloadAccount
from bot.aws.ecs import failing_deployment
from bot.aws.reference import same_image, split
from bot.circumstances import seen_by_ecr
from bot.facts import (
    AwsvpcConfiguration,
    Circumstances,
    ContainerHost,
    ExecutionRole,
    ExecutionRolePermissions,
    ImageReference,
    InstanceRole,
    InstanceRolePermissions,
    LaunchType,
    NatGateways,
    Platform,
    PullingRole,
    PullingRolePermissions,
    PullInterface,
    Recorded,
    RouteTables,
    Service,
    StoppedTask,
    Subject,
    Subnets,
    TaskDefinition,
    Vpc,
    VpcEndpoints,
)
from bot.model import Call, CannotTell, Unknown
from bot.pullers import pulling_role as whose
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
    here: WorkloadAccount, task: StoppedTask, owner: Service, host: ContainerHost | Unknown
) -> PullInterface:
    """The task's own interface on Fargate; elsewhere the host's, whatever the network mode."""
    launched = task.launch_type or owner.launch_type
    if launched in ("EC2", "MANAGED_INSTANCES") or (task.container_instance and launched is None):
        return _of_host(host)
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
    others = tuple(s for s in network.subnets if s not in subnets)
    return PullInterface(subnets, groups, network.public_ip, others=others)


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


def _of_host(host: ContainerHost | Unknown) -> PullInterface:
    if isinstance(host, Unknown):
        raise CannotTell(host.because, host.grant)
    if host.interface is None:
        raise CannotTell("the container instance is gone")
    found = host.interface
    return PullInterface((found.subnet,), found.groups, found.public_ip, owner="host")


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


def pulling_role(
    where: Platform | Unknown,
    role: ExecutionRole,
    said: Recorded | Unknown,
    host: ContainerHost | Unknown,
    instance: InstanceRole | Unknown,
) -> PullingRole:
    found = whose(where, role, said, host, instance)
    if isinstance(found, Unknown):
        raise CannotTell(found.because, found.grant)
    return found


def pulling_role_permissions(
    who: PullingRole,
    execution: ExecutionRolePermissions | Unknown,
    instance: InstanceRolePermissions | Unknown,
) -> PullingRolePermissions:
    found = execution if who.kind == "execution-role" else instance
    if isinstance(found, Unknown):
        raise CannotTell(found.because, found.grant)
    return PullingRolePermissions(found.items, found.how, found.carried)


def circumstances(
    subject: Subject,
    image: ImageReference,
    where: Platform | Unknown,
    inside: Subnets | Unknown,
    tables: RouteTables | Unknown,
    endpoints: VpcEndpoints | Unknown,
    nats: NatGateways | Unknown,
    vpc: Vpc | Unknown,
) -> Circumstances:
    return seen_by_ecr(subject, image, where, inside, tables, endpoints, nats, vpc)


COLLECTORS = (
    recorded, image_reference, platform, pull_interface, pulling_role, pulling_role_permissions,
    circumstances,
)  # fmt: skip
