"""Facts of a service whose pull works, to be broken by the tests with ``replace``."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.facts import (
    AskedImage,
    AwsvpcConfiguration,
    Container,
    Deployment,
    ImageReference,
    Recorded,
    Repository,
    Service,
    Subject,
    TaggedImage,
    Tags,
    TaskDefinition,
)
from bot.model import Unknown
from bot.symptom import EMPTY, parse

ACCOUNT, REGION = "222233334444", "eu-west-1"
HOST = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
WHEN = datetime(2026, 1, 31, 9, tzinfo=UTC)
OLD, NEW = "sha256:" + "a" * 64, "sha256:" + "b" * 64

SUBJECT = Subject(ACCOUNT, REGION, "main", "shop")
IMAGE = ImageReference(
    f"{HOST}/team/shop:v1.0.0", "app", "ecr", HOST, "team/shop", "v1.0.0", None, ACCOUNT, REGION
)
HUB = ImageReference("shop:v1.0.0", "app", "docker-hub", "docker.io", "library/shop", "v1.0.0")
REPOSITORY = Repository("team/shop", f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/team/shop", True)
GONE = replace(REPOSITORY, exists=False)
ASKED, NOT_THERE = AskedImage(True, OLD), AskedImage(False)
NOTHING_RECORDED = Recorded(EMPTY)

SERVICE = Service(
    name="shop",
    arn=f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/main/shop",
    exists=True,
    cluster="main",
    definition=f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/shop:7",
    launch_type="FARGATE",
    awsvpc=AwsvpcConfiguration(("subnet-a", "subnet-b"), ("sg-task",), False),
    running=0,
    desired=2,
    deployments=(
        Deployment(
            "ecs-svc/1", "PRIMARY", f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/shop:7"
        ),
    ),
)
NO_SERVICE = Service()


def tags(*names: str) -> Tags:
    """The tags called *names*, newest first."""
    return Tags(tuple(TaggedImage(n, NEW, WHEN - timedelta(hours=i)) for i, n in enumerate(names)))


def definition(*images: str) -> TaskDefinition:
    """A task definition with one container per image; the first is called ``app``."""
    names = ("app", "log", "proxy")
    written = [*images] or [IMAGE.written]
    containers = tuple(Container(n, i) for n, i in zip(names, written, strict=False))
    arn = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/shop:7"
    raw = {
        "taskDefinitionArn": arn,
        "family": "shop",
        "revision": 7,
        "status": "ACTIVE",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "executionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/shop-execution",
        "containerDefinitions": [{"name": c.name, "image": c.image} for c in containers],
    }
    return TaskDefinition(
        arn, "shop", 7, raw["executionRoleArn"], None, "awsvpc", containers, ("FARGATE",), raw
    )


def recorded(text: str) -> Recorded:
    """What ECS recorded, read."""
    return Recorded(parse(text))


def unknown(fact: str) -> Unknown:
    """A fact that was refused to us."""
    return Unknown(fact, "denied", "some:Permission")
