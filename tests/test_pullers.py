"""Who pulls: the execution role, or on EC2 perhaps that of the instance."""

import pytest

from bot.facts import ContainerHost, InstanceRole, Platform
from bot.model import Unknown
from bot.pulling import BY_EXECUTION_ROLE
from tests.causes.facts import (
    ACCOUNT,
    EC2,
    NOTHING_RECORDED,
    ROLE,
    ROLE_ARN,
    UNKNOWN_PLATFORM,
    UNSET,
    pulls,
    recorded,
    refusal,
)

ABLE = ContainerHost("arn:host", (BY_EXECUTION_ROLE,))
OLD = ContainerHost("arn:host", ("com.amazonaws.ecs.capability.ecr-auth",))
UNREAD = Unknown("ContainerHost", "denied ecs:DescribeContainerInstances", "ecs:X")
HOSTS = InstanceRole(f"arn:aws:iam::{ACCOUNT}:role/fleet/hosts", "hosts", "hosts")
LOGIN = "ecr:GetAuthorizationToken"


@pytest.mark.parametrize("launched", ["FARGATE", "MANAGED_INSTANCES", "EXTERNAL"])
@pytest.mark.parametrize("host", [ContainerHost(), OLD, UNREAD])
def test_elsewhere_than_on_ec2_the_execution_role_pulls(launched, host):
    """
    Whatever instance a task may run on.
    """
    who = pulls(Platform(launched), host=host, instance=HOSTS)

    assert ("execution-role", ROLE_ARN, True) == (who.kind, who.arn, who.exists)


def test_what_ecs_recorded_comes_first():
    """
    The refused role is named, whatever the agent could do.
    """
    assert "execution-role" == pulls(EC2, said=refusal(LOGIN), host=OLD, instance=HOSTS).kind
    who = pulls(EC2, said=refusal(LOGIN, role="hosts"), host=ABLE, instance=HOSTS)
    assert ("instance-role", HOSTS.arn) == (who.kind, who.arn)
    assert "instance-role" == pulls(UNKNOWN_PLATFORM, said=refusal(LOGIN, role="hosts")).kind


def test_another_host_lent_its_role():
    """
    Where the recorded role is not that of the host that we see, it is the recorded one.
    """
    who = pulls(EC2, said=refusal(LOGIN, role="older"), host=ABLE, instance=HOSTS)

    assert ("older", False) == (who.name, who.exists)
    assert f"arn:aws:sts::{ACCOUNT}:assumed-role/older/0123456789abcdef" == who.arn


def test_without_an_execution_role_the_instance_pulls():
    """
    EC2 asks for no execution role.
    """
    who = pulls(EC2, UNSET, host=ABLE, instance=HOSTS)

    assert ("instance-role", HOSTS.arn, "hosts", True) == (who.kind, who.arn, who.name, who.exists)
    assert None is pulls(EC2, UNSET, host=UNREAD, instance=UNREAD).arn


def test_the_agent_tells_whether_it_can_use_the_execution_role():
    """
    An attribute of the container instance, as agents since 1.16 register it.
    """
    assert "execution-role" == pulls(EC2, ROLE, NOTHING_RECORDED, ABLE, HOSTS).kind
    assert "instance-role" == pulls(EC2, ROLE, NOTHING_RECORDED, OLD, HOSTS).kind


def test_nobody_can_tell():
    """
    A host that cannot be read names what to grant; a platform that is not known is said.
    """
    assert UNREAD == pulls(EC2, host=UNREAD, instance=HOSTS)
    assert isinstance(pulls(EC2), Unknown)
    assert UNKNOWN_PLATFORM == pulls(UNKNOWN_PLATFORM)


def test_a_role_that_ecs_could_not_assume_pulled_nothing():
    """
    The text names the task's role, which is no role that pulls.
    """
    said = recorded(
        "service shop failed to launch a task with (error ECS was unable to assume the role "
        f"'arn:aws:iam::{ACCOUNT}:role/shop-task' that was provided for this task.)"
    )

    assert "execution-role" == pulls(EC2, said=said, host=ABLE, instance=HOSTS).kind
