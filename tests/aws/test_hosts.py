"""The container instance of a task, and the role that it lends."""

import pytest

from bot.aws.accounts import WorkloadAccount
from bot.aws.client import NotFound
from bot.aws.hosts import container_host, instance_role, instance_role_policies
from bot.facts import (
    ContainerHost,
    HostInterface,
    InstanceRole,
    InstanceRolePolicies,
    PullingRole,
    Service,
    StoppedTask,
    Subject,
)
from bot.model import CannotTell, Unknown

WEB = Subject("222233334444", "eu-west-1", "main", "web")
ARN = "arn:aws:ecs:eu-west-1:222233334444:container-instance/other/abc"
PROFILE = "arn:aws:iam::222233334444:instance-profile/fleet/hosts"
ROLE = "arn:aws:iam::222233334444:role/hosts"
ON_HOST = StoppedTask(arn="t", launch_type="EC2", container_instance=ARN)
INSTANCE = {"ec2InstanceId": "i-1", "attributes": [{"name": "able"}, {"name": "x", "value": "y"}]}
MACHINE = {
    "IamInstanceProfile": {"Arn": PROFILE},
    "NetworkInterfaces": [{"SubnetId": "subnet-9", "Groups": [{"GroupId": "sg-host"}]}],
}


@pytest.fixture
def here(door):
    def make(**answers):
        return WorkloadAccount(door(answers))

    return make


def machines(*found):
    return {"Reservations": [{"Instances": [m]} for m in found]}


def test_fargate_has_no_host_of_ours(here):
    """
    Known without a call.
    """
    account = here()

    assert ContainerHost() == container_host(account, WEB, StoppedTask(), Service())
    fargate = StoppedTask(launch_type="FARGATE")
    assert ContainerHost() == container_host(account, WEB, fargate, Service())
    assert [] == account.door.asked


def test_a_host_as_ecs_and_ec2_have_it(here):
    """
    What its agent can do, its profile and its interface; asked in the cluster of its ARN.
    """
    account = here(
        describe_container_instances={"containerInstances": [INSTANCE]},
        describe_instances=machines(MACHINE),
    )
    found = container_host(account, WEB, ON_HOST, Service())

    assert (
        ContainerHost(ARN, ("able", "x"), PROFILE, HostInterface("subnet-9", ("sg-host",), False))
        == found
    )
    assert "other" == account.door.asked[0].params["cluster"]


def test_a_host_outside_of_ec2(here):
    """
    A machine of the customer's has no instance to describe, and no profile.
    """
    account = here(describe_container_instances={"containerInstances": [{"ec2InstanceId": "mi-1"}]})

    assert ContainerHost(ARN) == container_host(account, WEB, ON_HOST, Service())
    assert ["describe_container_instances"] == [c.operation for c in account.door.asked]


def test_an_instance_that_is_gone(here):
    """
    ECS may remember it longer than EC2 does.
    """
    account = here(describe_container_instances={"containerInstances": [INSTANCE]})

    assert ContainerHost(ARN, ("able", "x")) == container_host(account, WEB, ON_HOST, Service())


@pytest.mark.parametrize(
    ("task", "owner", "because"),
    [
        (StoppedTask(launch_type="EC2"), Service(), "not known"),
        (StoppedTask(), Service(launch_type="MANAGED_INSTANCES"), "not known"),
        (ON_HOST, Service(), "is gone"),
    ],
)
def test_an_unknown_host_is_no_fact(here, task, owner, because):
    """
    Who pulls hangs on it.
    """
    with pytest.raises(CannotTell, match=because):
        container_host(here(), WEB, task, owner)


def test_the_role_of_a_profile(here):
    """
    Asked by the name of the profile, which may have no role, or be gone.
    """
    profile = {"InstanceProfile": {"Roles": [{"Arn": ROLE, "RoleName": "hosts"}]}}
    account = here(get_instance_profile=profile)

    assert InstanceRole(ROLE, "hosts", "hosts") == instance_role(
        account, ContainerHost(ARN, profile=PROFILE)
    )
    assert {"InstanceProfileName": "hosts"} == account.door.asked[0].params
    empty = here(get_instance_profile={"InstanceProfile": {"Roles": []}})
    for other in (empty, here(get_instance_profile=NotFound("NoSuchEntity"))):
        assert InstanceRole(None, profile="hosts") == instance_role(
            other, ContainerHost(ARN, profile=PROFILE)
        )
    assert InstanceRole(None) == instance_role(here(), ContainerHost())


def test_what_the_instance_role_carries(here):
    """
    Read for a fix, where it pulls.
    """
    account = here(
        list_attached_role_policies={"AttachedPolicies": [{"PolicyArn": "arn:m"}]},
        list_role_policies={"PolicyNames": ["one"]},
        get_role_policy={"PolicyDocument": {"Id": "one"}},
    )
    role = InstanceRole(ROLE, "hosts", "hosts")
    pulls, another = (PullingRole(k, ROLE) for k in ("instance-role", "execution-role"))

    assert InstanceRolePolicies((), {}) == instance_role_policies(account, role, another)
    assert [] == account.door.asked
    for who in (pulls, Unknown("PullingRole", "x")):
        assert InstanceRolePolicies(("arn:m",), {"one": {"Id": "one"}}) == (
            instance_role_policies(account, role, who)
        )
