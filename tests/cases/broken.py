"""One recorded service for each way to break it: what was learned, and what must be confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.aws.reference import split
from bot.facts import (
    AskedImage,
    ExecutionRole,
    ExecutionRolePermissions,
    ImageReference,
    Namesakes,
    Platform,
    PullInterface,
    Recorded,
    RegistrySecret,
    RepositoriesElsewhere,
    Repository,
    RepositoryPolicy,
    Route,
    RouteTable,
    RouteTables,
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
    HOST,
    NAME,
    NEW,
    OLD,
    REGION,
    REGISTRY,
    ROLE,
    TRUST,
    URI,
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


HUB_SHOP = outside("shop:v1.0.0")
REDIS = outside("redis:7")
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:hub-AbCdEf"
HEALTHY_CASES: dict[str, Facts] = {
    "nat": HEALTHY,
    "public": case(network(public=True, default="igw-1")),
    "endpoints": case(endpoints("ecr.api", "ecr.dkr", "s3")),
    "old-fargate-endpoints": case(
        endpoints("ecr.dkr", "s3"), {Platform: Platform("FARGATE", "1.3.0")}
    ),
    "docker-hub": case(REDIS),
    "docker-hub-mirrored": case(
        REDIS, {Namesakes: Namesakes((f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/redis",))}
    ),
    "ec2": case(host(network(public=True, default="igw-1"))),
    "transit-gateway": case(network(public=False, default="tgw-1")),
    "firewall": case(network(public=False, default="vpce-firewall")),
    "pinned": case(image(f"{URI}@{OLD}")),
}

# Each case confirms exactly the cause that it is named after; a suffix tells the variants.
BROKEN_CASES: dict[str, Facts] = {
    "image-tag-missing": case({AskedImage: UNSEEN, Tags: Tags(HEALTHY[Tags].items[:1])}),
    "image-tag-missing/ec2": case(
        {AskedImage: UNSEEN, Tags: Tags(())}, host(network(public=True, default="igw-1"))
    ),
    "image-digest-missing": case(
        {
            ImageReference: split(f"{HOST}/{NAME}:v1.0.0@{OLD}", "app"),
            AskedImage: UNSEEN,
            Tags: Tags((replace(HEALTHY[Tags].items[1], digest=NEW),)),
        }
    ),
    "image-digest-missing/pinned": case(image(f"{HOST}/{NAME}@{OLD}"), {AskedImage: UNSEEN}),
    "repository-missing": case(missing_repository()),
    "repository-missing/account": case(
        missing_repository(f"arn:aws:ecr:{REGION}:{REGISTRY}:repository/{NAME}")
    ),
    "image-in-other-region": case(
        missing_repository(f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/{NAME}")
    ),
    "image-in-other-region/several": case(
        missing_repository(
            f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/{NAME}",
            f"arn:aws:ecr:ap-northeast-1:{ACCOUNT}:repository/{NAME}",
        )
    ),
    "registry-host-forgotten": case(
        HUB_SHOP, {Namesakes: Namesakes((f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/shop",))}
    ),
    "public-ip-missing": case(network(public=False, default="igw-1")),
    "public-ip-missing/ec2": case(host(network(public=False, default="igw-1"))),
    "public-ip-missing/mixed": case(mixed()),
    "public-ip-missing/docker-hub": case(REDIS, network(public=False, default="igw-1")),
    "no-route-to-registry": case(network(public=False, default=None)),
    "no-route-to-registry/docker-hub": case(REDIS, endpoints("ecr.api", "ecr.dkr", "s3")),
    "no-route-to-registry/ec2": case(host(network(public=False, default=None))),
    "endpoint-missing/api": case(endpoints("ecr.dkr", "s3")),
    "endpoint-missing/dkr": case(endpoints("ecr.api", "s3")),
    "endpoint-missing/both": case(endpoints("s3", "logs", "ssm")),
    "s3-route-missing": case(endpoints("ecr.api", "ecr.dkr")),
    "s3-route-missing/table": case(endpoints("ecr.api", "ecr.dkr", "s3", tables=("rtb-main",))),
    "s3-route-missing/ec2": case(host(endpoints("ecr.api", "ecr.dkr"))),
    "execution-role-unset": case(
        {
            TaskDefinition: definition(URI, role=None),
            ExecutionRole: ExecutionRole(None),
            ExecutionRolePermissions: ExecutionRolePermissions(()),
        }
    ),
    "execution-role-missing": case(
        {
            ExecutionRole: ExecutionRole(ROLE, "shop-execution", exists=False),
            ExecutionRolePermissions: ExecutionRolePermissions(()),
        }
    ),
    "execution-role-untrusted": case(
        {
            ExecutionRole: ExecutionRole(
                ROLE,
                "shop-execution",
                True,
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            **TRUST["Statement"][0],
                            "Principal": {"Service": "ec2.amazonaws.com"},
                        }
                    ],
                },
            )
        }
    ),
    "permission-on-task-role": case(
        {
            ExecutionRolePermissions: ExecutionRolePermissions(permissions("implicit-deny")),
            TaskRolePermissions: TaskRolePermissions(permissions("allowed")),
        }
    ),
    "execution-role-lacks-ecr-login": case(
        {
            ExecutionRolePermissions: ExecutionRolePermissions(
                permissions("allowed", "ecr:GetAuthorizationToken")
            )
        }
    ),
    "execution-role-lacks-image-read": case(
        {
            ExecutionRolePermissions: ExecutionRolePermissions(
                permissions("allowed", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
            )
        }
    ),
    "repository-policy-denies": case(
        image(f"{REGISTRY}.dkr.ecr.{REGION}.amazonaws.com/{NAME}:v1.0.0"),
        {Repository: Repository(NAME, ARN.replace(ACCOUNT, REGISTRY), exists=True)},
    ),
    "docker-hub-rate-limited": case(REDIS, text=RATE),
    "registry-credentials-unset": case(outside("registry.example.com/shop:1"), text=PRIVATE),
    "registry-secret-unreadable": case(
        outside("registry.example.com/shop:1", credentials=SECRET),
        {RegistrySecret: RegistrySecret(SECRET, SECRET, exists=False)},
    ),
}

# What holds as well: a misplaced permission is also one that the right role lacks.
ALSO: dict[str, tuple[str, ...]] = {
    "permission-on-task-role": (
        "execution-role-lacks-ecr-login",
        "execution-role-lacks-image-read",
    ),
}
