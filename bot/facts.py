"""What we can learn about a failed pull: one frozen dataclass per fact.

Absence is part of a fact ("there is no repository policy"); not knowing is never a fact but
an ``Unknown``. Two roles with one shape are two types, because the type is the name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from bot.symptom import Symptom

Document = Mapping[str, Any]
LaunchType = Literal["FARGATE", "EC2", "EXTERNAL", "MANAGED_INSTANCES"]


# --- what is asked -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Subject:
    """What to diagnose: an account (12 digits), a Region, and as much of the rest as is known."""

    account: str
    region: str
    cluster: str | None = None
    service: str | None = None
    task: str | None = None
    task_definition: str | None = None


@dataclass(frozen=True, slots=True)
class Now:
    """The moment of the diagnosis, passed in."""

    at: datetime


@dataclass(frozen=True, slots=True)
class KnownRegistries:
    """Where else an image may be: every (account, Region) that the bot has been given."""

    places: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """The variant of a fix that the approver picked; None until somebody picks."""

    name: str | None = None


# --- ECS -----------------------------------------------------------------------------------


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
    the bot's own memory. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-errors.html
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

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything ECS recorded; on EC2 the reason of the container says more."""
        said = (c.reason for c in self.containers if c.reason)
        return tuple(dict.fromkeys(t for t in (*said, self.reason) if t))


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
    """The ECS service, or the fact that there is none (*exists*), or that none was meant."""

    name: str | None = None
    arn: str | None = None
    exists: bool = False
    cluster: str | None = None
    definition: str | None = None
    launch_type: str | None = None
    platform_version: str | None = None
    awsvpc: AwsvpcConfiguration | None = None
    running: int = 0
    desired: int = 0
    deployments: tuple[Deployment, ...] = ()
    events: tuple[str, ...] = ()


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
    registry: Literal["ecr", "ecr-public", "docker-hub", "other"]
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


# --- roles ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ExecutionRole:
    """The role ECS pulls with: unset (*arn* None), missing (not *exists*), or as IAM has it."""

    arn: str | None
    name: str | None = None
    exists: bool = False
    trust: Document | None = None
    boundary: str | None = None


@dataclass(frozen=True, slots=True)
class TaskRole:
    """The role of the application, which does not pull; a common place for misplaced permissions."""

    arn: str | None
    name: str | None = None
    exists: bool = False


@dataclass(frozen=True, slots=True)
class Permission:
    """What IAM decides on one action of one role, before any policy of the resource.

    *decision*: allowed, implicit-deny, explicit-deny or undecided. *by* names what decided:
    identity, boundary, scp, session; None where it is not known.
    """

    action: str
    resource: str
    decision: Literal["allowed", "implicit-deny", "explicit-deny", "undecided"]
    by: str | None = None
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExecutionRolePermissions:
    """The pull actions (and reading the registry's secret), for the execution role.

    *how*: ``simulated`` by IAM, or ``evaluated`` by us from the policies read.
    """

    items: tuple[Permission, ...]
    how: Literal["simulated", "evaluated"] = "simulated"


@dataclass(frozen=True, slots=True)
class TaskRolePermissions:
    """The same actions, for the task role."""

    items: tuple[Permission, ...]
    how: Literal["simulated", "evaluated"] = "simulated"


@dataclass(frozen=True, slots=True)
class AttachedPolicies:
    """What the execution role carries: managed policy ARNs and inline policies by name."""

    managed: tuple[str, ...]
    inline: Mapping[str, Document]


# --- registry ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Repository:
    """The ECR repository, or the fact that there is none (or that the image is not in ECR)."""

    name: str
    arn: str
    exists: bool
    immutable: bool = False


@dataclass(frozen=True, slots=True)
class RepositoryPolicy:
    """The repository's own policy; *document* is None when it has none."""

    document: Document | None


@dataclass(frozen=True, slots=True)
class AskedImage:
    """The image under the tag or digest asked for, or the fact that there is none."""

    exists: bool
    digest: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class TaggedImage:
    """One tag of a repository."""

    tag: str
    digest: str
    pushed_at: datetime


@dataclass(frozen=True, slots=True)
class Tags:
    """The tags in the repository, newest first."""

    items: tuple[TaggedImage, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(t.tag for t in self.items)


@dataclass(frozen=True, slots=True)
class RepositoriesElsewhere:
    """ARNs of repositories of the same name in other Regions and accounts the bot may see.

    *unseen* lists the places that could not be read, as ``account/region``.
    """

    arns: tuple[str, ...]
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Namesakes:
    """ECR repositories with the name of a Docker Hub reference that lost its registry host."""

    arns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegistrySecret:
    """The secret with a private registry's credentials: unset, missing, deleted, or there.

    *written* is what the task definition says. Its value is never read.
    """

    written: str | None
    arn: str | None = None
    exists: bool = False
    deleted_at: datetime | None = None
    kms_key: str | None = None


# --- network -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PullInterface:
    """The network interface that pulls: the task's on Fargate, the host's on EC2.

    *groups* and *public_ip* are None where nothing told (a standalone task is gone with its
    network configuration). *awsvpc* tells that the subnets are the task's own.
    """

    subnets: tuple[str, ...]
    groups: tuple[str, ...] | None
    public_ip: bool | None
    owner: Literal["task", "host"] = "task"


@dataclass(frozen=True, slots=True)
class Subnet:
    """One subnet."""

    id: str
    vpc: str
    zone: str
    cidr: str
    ipv6: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subnets:
    """The subnets that pull. *missing* lists ids that do not exist any more."""

    items: tuple[Subnet, ...]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vpc:
    """The VPC of the subnets. *dns_servers* are those of its DHCP options."""

    id: str
    cidrs: tuple[str, ...]
    dns_support: bool
    dns_hostnames: bool
    dns_servers: tuple[str, ...] = ("AmazonProvidedDNS",)


@dataclass(frozen=True, slots=True)
class Route:
    """One route. *destination* is a CIDR block or a prefix list id; *target* an id (igw-, nat-,
    vpce-, tgw-, pcx-, eni-, vgw-, local).
    """

    destination: str
    target: str
    state: str = "active"


@dataclass(frozen=True, slots=True)
class RouteTable:
    """One route table: explicitly associated with *subnets*, or *main* of its VPC."""

    id: str
    main: bool
    subnets: tuple[str, ...]
    routes: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class RouteTables:
    """All route tables of the VPC."""

    items: tuple[RouteTable, ...]


@dataclass(frozen=True, slots=True)
class VpcEndpoint:
    """One VPC endpoint. *service* is its full name, ``com.amazonaws.eu-west-1.ecr.api``."""

    id: str
    service: str
    type: Literal["Interface", "Gateway", "GatewayLoadBalancer"]
    state: str
    private_dns: bool = False
    subnets: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    route_tables: tuple[str, ...] = ()
    policy: Document | None = None


@dataclass(frozen=True, slots=True)
class VpcEndpoints:
    """All endpoints of the VPC."""

    items: tuple[VpcEndpoint, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a security group. *protocol* is ``tcp``, ``udp``, ``icmp`` or ``-1`` for all."""

    protocol: str
    from_port: int | None
    to_port: int | None
    cidrs: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    prefix_lists: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SecurityGroup:
    """One security group."""

    id: str
    ingress: tuple[Rule, ...]
    egress: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class SecurityGroups:
    """All security groups of the VPC."""

    items: tuple[SecurityGroup, ...]


@dataclass(frozen=True, slots=True)
class AclEntry:
    """One entry of a network ACL. *protocol* is IANA's number, ``-1`` for all."""

    number: int
    egress: bool
    allow: bool
    protocol: str
    cidr: str
    from_port: int | None = None
    to_port: int | None = None


@dataclass(frozen=True, slots=True)
class NetworkAcl:
    """One network ACL."""

    id: str
    subnets: tuple[str, ...]
    entries: tuple[AclEntry, ...]


@dataclass(frozen=True, slots=True)
class NetworkAcls:
    """All network ACLs of the VPC."""

    items: tuple[NetworkAcl, ...]


@dataclass(frozen=True, slots=True)
class NatGateway:
    """One NAT gateway."""

    id: str
    subnet: str
    state: str
    public: bool = True


@dataclass(frozen=True, slots=True)
class NatGateways:
    """All NAT gateways of the VPC."""

    items: tuple[NatGateway, ...]


@dataclass(frozen=True, slots=True)
class InternetGateways:
    """Ids of the internet gateways attached to the VPC."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PrefixLists:
    """AWS's own prefix lists of the Region: id -> name (``com.amazonaws.eu-west-1.s3``)."""

    names: Mapping[str, str]
