"""How a recorded service is put together from a healthy one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.aws import pull
from bot.aws.reference import split
from bot.evidence import ask, produces, unknowns
from bot.facts import (
    AclEntry,
    AskedImage,
    CacheCredential,
    CacheRule,
    CacheRules,
    ContainerHost,
    ExecutionRolePermissions,
    ImageReference,
    ImportPermissions,
    NetworkAcl,
    NetworkAcls,
    Permission,
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
from bot.model import CannotTell, Unknown
from bot.pulling import BY_EXECUTION_ROLE
from bot.symptom import Symptom, parse
from tests.cases.healthy import (
    ACCOUNT,
    ARN,
    HEALTHY,
    HOST,
    NAME,
    REGION,
    definition,
    network,
    permissions,
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
HOST_ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT}:container-instance/main/0123456789abcdef"
CACHE_SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:ecr-pullthroughcache/hub-AbCdEf"
NOT_FOUND = (
    "CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve "
    "ref {0}: {0}: not found"
)
BARE_429 = (
    "CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve "
    "ref docker.io/library/redis:7: unexpected status code "
    "https://registry-1.docker.io/v2/library/redis/manifests/7: 429 Too Many Requests"
)
THROTTLED = (
    "CannotPullContainerError: pull image manifest has been retried 7 time(s): httpReadSeeker: "
    "failed open: unexpected status code https://{host}/v2/{name}/manifests/v1.0.0: 429 Too Many "
    "Requests - Server message: toomanyrequests: Rate exceeded"
)
LOGIN_THROTTLED = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource "
    "retrieval failed: unable to retrieve ecr registry auth: service call has been retried 3 "
    "time(s): ThrottlingException: Rate exceeded"
)
WRONG_LOGIN = (
    "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve "
    "ref registry.example.com/shop:1: failed to authorize: failed to fetch oauth token: unexpected "
    "status from POST request to https://registry.example.com/token: 401 Unauthorized"
)
NO_ACCESS = WRONG_LOGIN.replace("401 Unauthorized", "403 Forbidden")
MALFORMED = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource "
    "retrieval failed: unable to get registry auth from asm: service call has been retried 1 "
    "time(s): asm fetching {0}"
)
FAR_LAYER = (
    "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to copy: "
    "httpReadSeeker: failed open: failed to do request: Get "
    '"https://production.cloudflare.docker.com/registry-v2/docker/registry/v2/blobs/sha256/1c/'
    '1c10/data": dial tcp 104.18.121.25:443: i/o timeout'
)
ANY = Rule("-1", None, None, ("0.0.0.0/0",))


def case(*changes: Mapping[type, object], text: str | None = None) -> Facts:
    """The healthy service with *changes*, and what ECS recorded about its failure."""
    facts = dict(HEALTHY)
    for change in changes:
        facts.update(change)
    if text:
        facts |= {Symptom: parse(text), Recorded: Recorded(parse(text))}
    return derived(facts)


def derived(facts: Facts) -> Facts:
    """The same, with what follows from it without a call: who pulls, and what ECR sees."""
    found = dict(facts)
    for collector in (pull.pulling_role, pull.pulling_role_permissions, pull.circumstances):
        missing = unknowns(collector, found)
        try:
            found[produces(collector)] = missing[0] if missing else ask(collector, found)
        except CannotTell as reason:
            name = produces(collector).__name__
            found[produces(collector)] = Unknown(name, reason.because, reason.grant)
    return found


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
        ContainerHost: ContainerHost(HOST_ARN, (BY_EXECUTION_ROLE,)),
    }


def cached(
    path: str,
    *denied: str,
    upstream: str = "docker-hub",
    there: bool = False,
    tag: str = "v1.0.0",
) -> Facts:
    """The service whose image a pull-through cache has yet to bring; *denied* are the role's lacks."""
    host = {"docker-hub": "registry-1.docker.io", "quay": "quay.io"}[upstream]
    rule = CacheRule(upstream, upstream, host, CACHE_SECRET if upstream == "docker-hub" else None)
    name = f"{upstream}/{path}"
    arn = ARN.replace(NAME, name)
    items = [
        Permission(a, arn, "implicit-deny" if a in denied else "allowed", "identity")
        for a in ("ecr:CreateRepository", "ecr:BatchImportUpstreamImage")
    ]
    return image(f"{HOST}/{name}:{tag}") | {
        Repository: Repository(name, arn, exists=there),
        AskedImage: UNSEEN,
        Tags: Tags(()),
        CacheRules: CacheRules((rule,)),
        CacheCredential: CacheCredential(CACHE_SECRET, exists=True)
        if rule.credential
        else CacheCredential(),
        ImportPermissions: ImportPermissions(tuple(items[1:] if there else items)),
        ExecutionRolePermissions: ExecutionRolePermissions(permissions("allowed", arn=arn)),
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
