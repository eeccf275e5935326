"""Facts of a task whose role and registry let it pull, to be broken by the tests with ``replace``."""

from __future__ import annotations

from typing import Any

from bot.facts import (
    AttachedPolicies,
    Container,
    ContainerHost,
    Deployment,
    ExecutionRole,
    ExecutionRolePermissions,
    ImageReference,
    InstanceRole,
    Permission,
    Platform,
    Recorded,
    Repository,
    RepositoryPolicy,
    Service,
    Subject,
    TaskDefinition,
    TaskRole,
    TaskRolePermissions,
)
from bot.model import Confirmed, Undecided, Unknown, Verdict
from bot.pullers import pulling_role
from bot.pulling import LOGIN
from bot.render import words
from bot.symptom import EMPTY, parse

ACCOUNT, REGISTRY, REGION = "222233334444", "333344445555", "eu-west-1"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/shop-execution"
READ = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability")
NAMES = (
    "role",
    "task_role",
    "repository",
    "secret",
    "image",
    "registry",
    "container",
    "definition",
)
MANAGED = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"

SUBJECT = Subject(ACCOUNT, REGION, "main", "shop")
FARGATE, EC2 = Platform("FARGATE"), Platform("EC2")
UNKNOWN_PLATFORM = Unknown("Platform", "the launch type is not known")
NOTHING_RECORDED = Recorded(EMPTY)
NO_HOST, NO_INSTANCE = ContainerHost(), InstanceRole(None)


def pulls(
    platform: Any = FARGATE,
    role: ExecutionRole | None = None,
    said: Any = NOTHING_RECORDED,
    host: Any = NO_HOST,
    instance: Any = NO_INSTANCE,
) -> Any:
    """Return who pulls, as the evidence has it."""
    return pulling_role(platform, role or ROLE, said, host, instance)


def ecr(account: str = ACCOUNT) -> ImageReference:
    """The image in the ECR registry of *account*."""
    host = f"{account}.dkr.ecr.{REGION}.amazonaws.com"
    written = f"{host}/team/shop:v1"
    return ImageReference(
        written, "app", "ecr", host, "team/shop", "v1", account=account, region=REGION
    )


IMAGE, FOREIGN = ecr(), ecr(REGISTRY)
HUB = ImageReference("nginx:1", "app", "docker-hub", "docker.io", "library/nginx", "1")
PRIVATE = ImageReference("acme/shop:1", "app", "docker-hub", "docker.io", "acme/shop", "1")
GHCR = ImageReference("ghcr.io/acme/shop:1", "app", "other", "ghcr.io", "acme/shop", "1")

TRUST: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ecs-tasks.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
ROLE = ExecutionRole(ROLE_ARN, "shop-execution", exists=True, trust=TRUST)
UNSET = ExecutionRole(None)
GONE = ExecutionRole(ROLE_ARN, "shop-execution")
TASK_ROLE = TaskRole(f"arn:aws:iam::{ACCOUNT}:role/shop-task", "shop-task", exists=True)
BARE = AttachedPolicies((), {})

SERVICE = Service(
    name="shop",
    arn=f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/main/shop",
    exists=True,
    cluster="main",
    definition=f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/shop:7",
    deployments=(Deployment("ecs-svc/1", "PRIMARY", "shop:7"),),
)
NO_SERVICE = Service()


def repository(account: str = ACCOUNT) -> Repository:
    """The repository in the registry of *account*."""
    arn = f"arn:aws:ecr:{REGION}:{account}:repository/team/shop"
    return Repository("team/shop", arn, exists=True)


def resource_policy(
    principal: str = ROLE_ARN, actions: Any = READ, effect: str = "Allow", **more: Any
) -> RepositoryPolicy:
    """A repository policy of one statement."""
    who = {"AWS": principal}
    statement = {"Effect": effect, "Principal": who, "Action": list(actions), **more}
    return RepositoryPolicy({"Version": "2012-10-17", "Statement": [statement]})


NO_POLICY = RepositoryPolicy(None)


def permissions(*denied: str, decision: str = "implicit-deny", by: str | None = "identity") -> Any:
    """What IAM decides on the execution role: everything is allowed but what is *denied*."""
    return ExecutionRolePermissions(_items(denied, decision, by))


def task_permissions(*denied: str, decision: str = "implicit-deny") -> TaskRolePermissions:
    """The same for the task role."""
    return TaskRolePermissions(_items(denied, decision, "identity"))


def _items(denied: tuple[str, ...], decision: Any, by: str | None) -> tuple[Permission, ...]:
    on = {LOGIN: "*", **dict.fromkeys(READ, repository().arn)}
    return tuple(
        Permission(a, r, decision, by) if a in denied else Permission(a, r, "allowed", "identity")
        for a, r in on.items()
    )


def definition(
    *containers: Container, execution_role: str | None = ROLE_ARN, task_role: str | None = None
) -> TaskDefinition:
    """Revision 7 of the family ``shop``."""
    arn = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/shop:7"
    those = containers or (Container("app", IMAGE.written),)
    return TaskDefinition(arn, "shop", 7, execution_role, task_role, "awsvpc", those)


def recorded(text: str) -> Recorded:
    """What ECS recorded, read."""
    return Recorded(parse(text))


def refusal(action: str, role: str = "shop-execution", by: str = "identity-based") -> Recorded:
    """A refusal that ECS recorded, for want of an Allow in a policy of the kind *by*."""
    return recorded(
        "CannotPullContainerError: The task can't pull the image. AccessDeniedException: User: "
        f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/0123456789abcdef is not authorized to "
        f"perform: {action} on resource: {repository().arn} because no {by} policy allows "
        f"the {action} action"
    )


def unknown(fact: str) -> Unknown:
    """A fact that was refused to us."""
    return Unknown(fact, "denied", "some:Permission")


def inline_of(step: Any) -> AttachedPolicies:
    """What the role carries after *step*, which puts the bot's inline policy."""
    return AttachedPolicies((), {step.do.params["PolicyName"]: step.after})


def said(cause: Any, verdict: Verdict) -> dict[str, list[str]]:
    """All blocks that the templates make of a confirmed *verdict*, by language."""
    assert isinstance(verdict, Confirmed)
    blocks = ("headline", "why", "next", "risk")
    return {
        language: [words.cause(cause, block, language, verdict.proof) for block in blocks]
        for language in words.LANGUAGES
    }


def well_worded(cause: Any, verdict: Verdict) -> bool:
    """Tell whether both languages say all there is to say, with the same identifiers."""
    both = said(cause, verdict)
    spans = {
        language: sorted("".join(blocks[1:]).split("`")[1::2]) for language, blocks in both.items()
    }
    filled = all(
        all(blocks[:3]) and bool(blocks[3]) == bool(cause.plan) for blocks in both.values()
    )
    return filled and _short(cause, verdict) and spans["en"] == spans["ja"]


def _short(cause: Any, verdict: Verdict) -> bool:
    """Tell whether the headlines stay short, however long the names are."""
    proof = {k: v + "x" * 250 if v and k in NAMES else v for k, v in verdict.proof.items()}
    long = said(cause, Confirmed(proof))
    return all(len(blocks[0]) <= 120 for blocks in long.values())


def because(verdict: Verdict) -> str:
    """Why *verdict* is undecided."""
    assert isinstance(verdict, Undecided)
    return "; ".join(u.because for u in verdict.missing)
