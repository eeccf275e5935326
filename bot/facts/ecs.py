"""What ECS knows: the task that failed, its service and its task definition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.facts.documents import Document
from bot.model import Registry
from bot.symptom import Symptom

LaunchType = Literal["FARGATE", "EC2", "EXTERNAL", "MANAGED_INSTANCES"]


@dataclass(frozen=True, slots=True)
class ContainerState:
    """One container of a task, with what ECS recorded about it."""

    name: str
    image: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class StoppedTask:
    """The newest task of the subject that could not start; *arn* is None when there is none.

    ECS forgets stopped tasks after about an hour; *remembered* tells that this one comes from
    the bot's own memory. *settled*: what it failed with is left out, to see what a fix has left.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-errors.html
    """

    arn: str | None = None
    definition: str | None = None
    stop_code: str | None = None
    reason: str = ""
    containers: tuple[ContainerState, ...] = ()
    launch_type: str | None = None
    platform_version: str | None = None
    cpu_architecture: str | None = None
    subnet: str | None = None
    container_instance: str | None = None
    group: str | None = None
    created_at: datetime | None = None
    stopped_at: datetime | None = None
    remembered: bool = False
    settled: bool = False

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything ECS recorded; on EC2 the reason of the container says more."""
        said = (c.reason for c in self.containers if c.reason)
        return tuple(dict.fromkeys(t for t in (*said, self.reason) if t))


@dataclass(frozen=True, slots=True)
class HostInterface:
    """The primary network interface of a container instance in EC2."""

    subnet: str
    groups: tuple[str, ...]
    public_ip: bool


@dataclass(frozen=True, slots=True)
class ContainerHost:
    """The container instance that the task ran on; *arn* None: no instance of ours, as on Fargate.

    *capabilities* are the attributes that its agent registered, *profile* is the ARN of its
    instance profile, *interface* None where EC2 does not know the instance (any more).
    """

    arn: str | None = None
    capabilities: tuple[str, ...] = ()
    profile: str | None = None
    interface: HostInterface | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What ECS itself recorded about the failure, read; empty where it recorded nothing.

    Words that ECS recorded may confirm a cause; the same words pasted by a person only point.
    """

    symptom: Symptom


@dataclass(frozen=True, slots=True)
class AwsvpcConfiguration:
    """Subnets and security groups of a service, and whether its tasks get a public address."""

    subnets: tuple[str, ...]
    groups: tuple[str, ...]
    public_ip: bool


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment of a service, with the network that its own tasks got."""

    id: str
    status: str
    definition: str
    rollout_state: str | None = None
    reason: str | None = None
    failed_tasks: int = 0
    awsvpc: AwsvpcConfiguration | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """The ECS service, or the fact that there is none (*exists*), or that none was meant.

    *controller* is who deploys it: ECS itself, CODE_DEPLOY or EXTERNAL.
    """

    name: str | None = None
    arn: str | None = None
    exists: bool = False
    cluster: str | None = None
    definition: str | None = None
    launch_type: str | None = None
    platform_version: str | None = None
    awsvpc: AwsvpcConfiguration | None = None
    running: int = 0
    pending: int = 0
    desired: int = 0
    deployments: tuple[Deployment, ...] = ()
    events: tuple[str, ...] = ()
    controller: str = "ECS"


@dataclass(frozen=True, slots=True)
class SecretReference:
    """A secret or parameter that a container asks for, as the task definition writes it."""

    name: str
    value_from: str


@dataclass(frozen=True, slots=True)
class Container:
    """One container definition. *credentials* is repositoryCredentials.credentialsParameter."""

    name: str
    image: str
    essential: bool = True
    credentials: str | None = None
    secrets: tuple[SecretReference, ...] = ()
    log_driver: str | None = None
    log_options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TaskDefinition:
    """The revision that failed; *raw* is what DescribeTaskDefinition answered, to copy from."""

    arn: str
    family: str
    revision: int
    execution_role: str | None
    task_role: str | None
    network_mode: str | None
    containers: tuple[Container, ...]
    compatibilities: tuple[str, ...] = ()
    raw: Document = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImageReference:
    """The image whose pull fails, split as Docker splits it.

    *registry* tells what kind of registry *host* is; *account* and *region* are set for ECR.
    *tag* is ``latest`` where the reference names neither tag nor digest, as Docker has it.
    """

    written: str
    container: str
    registry: Registry
    host: str
    repository: str
    tag: str | None = None
    digest: str | None = None
    account: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Platform:
    """Where the task runs. *version* is Fargate's platform version (None for LATEST)."""

    launch_type: LaunchType
    version: str | None = None
