"""Subnets, families of addresses, and what a task has to reach."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.facts import (
    Container,
    ImageReference,
    Platform,
    Route,
    SecretReference,
    SecurityGroup,
    SecurityGroups,
    Subnet,
    Subnets,
    TaskDefinition,
)
from bot.network import targets
from tests.network.subnet import (
    ANY,
    NET,
    REGION,
    blocked,
    routed,
    to,
)


def test_subnet_that_is_gone():
    """
    A subnet that does not exist any more is where the way ends.
    """
    gone = replace(NET, subnets=Subnets((), ("subnet-a",)))

    assert ("subnet", "subnet-missing") == blocked(gone, "dockerhub")


def test_ipv6_only_subnet():
    """
    There, a host that answers over IPv4 alone is out of reach; another goes by IPv6 rules.
    """
    subnet = Subnet("subnet-a", "vpc-1", "a", "", ("2a05:1::/64",))
    only = replace(routed(Route("::/0", "eigw-1")), subnets=Subnets((subnet,)))

    assert ("subnet", "ipv6-only") == blocked(only, "ecr-dkr", ipv6=False)
    assert "unknown" == to(only, "ecr-dkr").state
    assert "open" == to(only, "ecr-dkr", ipv6=True).state
    v4_only = SecurityGroups((SecurityGroup("sg-task", (), (replace(ANY, cidrs=("0.0.0.0/0",)),)),))
    assert "closed" == to(replace(only, groups=v4_only), "ecr-dkr", ipv6=True).state


def test_the_own_ipv6_addresses_of_a_vpc_are_no_services():
    """
    They are public, but stay inside: the way out is the other route, if there is one.
    """
    subnet = Subnet("subnet-a", "vpc-1", "a", "", ("2a05:1::/64",))
    inside = Route("2a05:1::/56", "local")
    only = replace(routed(inside, Route("::/0", "eigw-1")), subnets=Subnets((subnet,)))
    shut = replace(routed(inside), subnets=Subnets((subnet,)))

    assert "open" == to(only, "ecr-dkr", ipv6=True).state
    assert "closed" == to(shut, "ecr-dkr", ipv6=True).state


def test_a_gateway_that_translates_to_ipv4():
    """
    Whether names lead there is not known, so neither is whether the subnet is cut off.
    """
    subnet = Subnet("subnet-a", "vpc-1", "a", "", ("2a05:1::/64",))
    both = routed(Route("::/0", "eigw-1"), Route("64:ff9b::/96", "nat-1"))

    assert "unknown" == to(replace(both, subnets=Subnets((subnet,))), "ecr-dkr", ipv6=False).state


def test_second_family_may_do_where_the_first_does_not():
    """
    In a subnet of both families, a host of both is reached by either.
    """
    six = routed(Route("::/0", "eigw-1"))

    assert "open" == to(six, "dockerhub", ipv6=True).state
    assert "closed" == to(six, "dockerhub").state


ECR = ImageReference("x", "web", "ecr", "h", "web", account="123456789012", region=REGION)
TASK = TaskDefinition(
    "arn", "web", 1, None, None, "awsvpc",
    (
        Container("web", "x", log_driver="awslogs", secrets=(
            SecretReference("A", f"arn:aws:secretsmanager:{REGION}:123456789012:secret:a"),
            SecretReference("B", "/shop/b"),
        )),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("platform", "wanted"),
    [
        (Platform("EXTERNAL"), ()),
        (Platform("FARGATE", "1.3.0"), ("ecr-dkr", "s3-layers")),
        (Platform("FARGATE", "1.4.0"), ("secretsmanager", "ssm", "ecr-api", "ecr-dkr", "s3-layers", "logs")),
        (Platform("FARGATE", "LATEST"), ("secretsmanager", "ssm", "ecr-api", "ecr-dkr", "s3-layers", "logs")),
        (Platform("EC2"), ("secretsmanager", "ssm", "ecr-api", "ecr-dkr", "s3-layers", "logs")),
    ],
)  # fmt: skip
def test_targets_of_a_platform(platform, wanted):
    """
    Old Fargate needs less of the task's interface; the customer's own machines nothing of a VPC.
    """
    assert wanted == targets(ECR, platform, TASK)


def test_targets_of_windows_and_other_registries():
    """
    Windows on Fargate counts its versions from 1.0.0 and still takes the task's interface.
    """
    windows = replace(
        TASK, raw={"runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}}
    )
    hub = replace(ECR, registry="docker-hub")

    assert "ecr-api" in targets(ECR, Platform("FARGATE", "1.0.0"), windows)
    assert ("dockerhub",) == targets(hub, Platform("FARGATE", None))


def test_targets_of_this_region():
    """
    What is read or written in another Region has no endpoint of this one.
    """
    far = replace(
        TASK,
        containers=(
            Container(
                "web", "x", credentials="arn:aws:secretsmanager:us-east-1:123456789012:secret:a",
                log_driver="awslogs", log_options={"awslogs-region": "us-east-1"},
                secrets=(SecretReference("A", "arn:aws:ssm:us-east-1:123456789012:parameter/b"),),
            ),
        ),
    )  # fmt: skip
    image = ("ecr-api", "ecr-dkr", "s3-layers")

    assert image == targets(ECR, Platform("EC2"), far, REGION)
    assert ("secretsmanager", "ssm", *image, "logs") == targets(ECR, Platform("EC2"), far)
    assert ("secretsmanager", "ssm", *image, "logs") == targets(ECR, Platform("EC2"), TASK, REGION)
