"""How a recorded service is put together from a healthy one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.aws.reference import split
from bot.facts import (
    AclEntry,
    AskedImage,
    ExecutionRolePermissions,
    ImageReference,
    NetworkAcl,
    NetworkAcls,
    Platform,
    PullInterface,
    Recorded,
    RepositoriesElsewhere,
    Repository,
    RepositoryPolicy,
    Route,
    RouteTable,
    RouteTables,
    Rule,
    SecurityGroup,
    SecurityGroups,
    Service,
    Subnet,
    Subnets,
    Tags,
    TaskDefinition,
    TaskRolePermissions,
    VpcEndpoint,
    VpcEndpoints,
)
from bot.symptom import Symptom, parse
from tests.cases.healthy import (
    ACCOUNT,
    ARN,
    HEALTHY,
    NAME,
    REGION,
    definition,
    network,
)

Facts = dict[type, object]
RATE = (
    "CannotPullContainerError: inspect image has been retried 1 time(s): httpReadSeeker: failed "
    "open: unexpected status code https://registry-1.docker.io/v2/library/redis/manifests/7: 429 "
    "Too Many Requests - Server message: toomanyrequests: You have reached your unauthenticated "
    "pull rate limit. https://www.docker.com/increase-rate-limit"
)
PRIVATE = (
    "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve "
    "ref registry.example.com/shop:1: failed to authorize: failed to fetch anonymous token: "
    "unexpected status from GET request to https://registry.example.com/token: 401 Unauthorized"
)
UNSEEN = AskedImage(False)
ANY = Rule("-1", None, None, ("0.0.0.0/0",))


def case(*changes: Mapping[type, object], text: str | None = None) -> Facts:
    """The healthy service with *changes*, and what ECS recorded about its failure."""
    facts = dict(HEALTHY)
    for change in changes:
        facts.update(change)
    if text:
        facts |= {Symptom: parse(text), Recorded: Recorded(parse(text))}
    return facts


def image(written: str, **more: object) -> Facts:
    """The service with another image."""
    return {ImageReference: split(written, "app"), TaskDefinition: definition(written, **more)}


def outside(written: str, **more: object) -> Facts:
    """The service with an image of another registry than ECR."""
    return image(written, **more) | {
        Repository: Repository(split(written, "").repository, "", exists=False),
        RepositoryPolicy: RepositoryPolicy(None),
        AskedImage: UNSEEN,
        Tags: Tags(()),
        ExecutionRolePermissions: ExecutionRolePermissions(()),
        TaskRolePermissions: TaskRolePermissions(()),
    }


def missing_repository(*arns: str) -> Facts:
    """The service whose repository is nowhere but in *arns*."""
    return {
        Repository: Repository(NAME, ARN, exists=False),
        AskedImage: UNSEEN,
        Tags: Tags(()),
        RepositoriesElsewhere: RepositoriesElsewhere(arns),
    }


def endpoints(*services: str, tables: tuple[str, ...] = ("rtb-task",)) -> Facts:
    """Private subnets without an internet path, and endpoints for *services*."""

    def endpoint(service: str) -> VpcEndpoint:
        name = f"com.amazonaws.{REGION}.{service}"
        if service == "s3":
            return VpcEndpoint("vpce-s3", name, "Gateway", "available", route_tables=tables)
        return VpcEndpoint(
            f"vpce-{service.replace('.', '-')}", name, "Interface", "available",
            private_dns=True, subnets=("subnet-a", "subnet-b"), groups=("sg-endpoint",),
        )  # fmt: skip

    facts = network(public=False, default=None)
    if "s3" in services:
        found = facts[RouteTables]
        routed = tuple(
            replace(t, routes=(*t.routes, Route("pl-s3", "vpce-s3"))) if t.id in tables else t
            for t in found.items
        )
        facts[RouteTables] = RouteTables(routed)
    return facts | {VpcEndpoints: VpcEndpoints(tuple(map(endpoint, services)))}


def mixed() -> Facts:
    """One subnet without an address, one that works, and one that nobody can judge."""
    facts = network(public=False, default=None)
    local = Route("10.0.0.0/16", "local")
    ways = {"subnet-a": "igw-1", "subnet-b": "nat-1", "subnet-c": "tgw-1", "subnet-nat": "igw-1"}
    third = Subnet("subnet-c", "vpc-1", "eu-west-1c", "10.0.3.0/24")
    return facts | {
        Subnets: Subnets((*facts[Subnets].items, third)),
        RouteTables: RouteTables(
            tuple(
                RouteTable(f"rtb-{s}", False, (s,), (local, Route("0.0.0.0/0", target)))
                for s, target in ways.items()
            )
        ),
    }


def host(facts: Facts) -> Facts:
    """The same service on container instances, whose own interface pulls."""
    service = replace(HEALTHY[Service], launch_type="EC2", platform_version=None)
    return facts | {
        Service: service,
        Platform: Platform("EC2"),
        PullInterface: replace(facts[PullInterface], owner="host"),
    }


def with_groups(*, task: tuple[Rule, ...] = (ANY,), endpoint: tuple[Rule, ...] = (ANY,)) -> Facts:
    """What the task's group lets out, and what that of the endpoints lets in."""
    groups = (SecurityGroup("sg-task", (), task), SecurityGroup("sg-endpoint", endpoint, ()))
    return {SecurityGroups: SecurityGroups(groups)}


def with_acl(*entries: AclEntry) -> Facts:
    """The ACL of the tasks' subnets with more *entries*, apart from that of the NAT gateway."""
    found = HEALTHY[NetworkAcls].items[0]  # type: ignore[attr-defined]
    both = NetworkAcl("acl-1", ("subnet-a", "subnet-b"), (*found.entries, *entries))
    return {NetworkAcls: NetworkAcls((both, NetworkAcl("acl-2", ("subnet-nat",), found.entries)))}


def with_endpoint(facts: Facts, which: str, **change: object) -> Facts:
    """*facts* with one endpoint changed."""
    found = facts[VpcEndpoints].items  # type: ignore[attr-defined]
    items = tuple(replace(e, **change) if e.id == which else e for e in found)
    return facts | {VpcEndpoints: VpcEndpoints(items)}


def with_route(facts: Facts, table: str, *routes: Route) -> Facts:
    """*facts* where *table* has these routes beside the local one, and no others."""
    found = facts[RouteTables].items  # type: ignore[attr-defined]
    local = Route("10.0.0.0/16", "local")
    tables = tuple(replace(t, routes=(local, *routes)) if t.id == table else t for t in found)
    return facts | {RouteTables: RouteTables(tables)}


HUB_SHOP = outside("shop:v1.0.0")
REDIS = outside("redis:7")
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:hub-AbCdEf"
