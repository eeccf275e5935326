"""Which pull failed: image, words, platform, interface."""

import pytest

from bot import symptom
from bot.aws.accounts import WorkloadAccount
from bot.aws.hosts import container_host
from bot.aws.pull import image_reference, platform, pull_interface, recorded
from bot.aws.vpc import subnets
from bot.facts import (
    AwsvpcConfiguration,
    Container,
    ContainerState,
    Deployment,
    PullInterface,
    Recorded,
    Service,
    StoppedTask,
    Subject,
    TaskDefinition,
)
from bot.model import CannotTell, Unknown

ECR = "222233334444.dkr.ecr.eu-west-1.amazonaws.com"
DIGEST = "sha256:" + "b" * 64
DENIED = Unknown(
    "TaskDefinition", "denied ecs:DescribeTaskDefinition", "ecs:DescribeTaskDefinition"
)
NOTHING = Recorded(symptom.EMPTY)
WEB = Subject("222233334444", "eu-west-1", "main", "web")
ONE = AwsvpcConfiguration(("subnet-1", "subnet-2"), ("sg-1",), public_ip=False)
TWO = AwsvpcConfiguration(("subnet-2",), ("sg-2",), public_ip=True)


def missing(image):
    return f"CannotPullContainerError: failed to resolve ref {image}: {image}: not found"


def definition(**images):
    containers = tuple(Container(n, i) for n, i in images.items())
    return TaskDefinition("arn:td:7", "web", 7, None, None, "awsvpc", containers)


def pulled(task=StoppedTask(), of=DENIED, said="", pasted=""):  # noqa: B008
    found = image_reference(task, of, Recorded(symptom.parse(said)), symptom.parse(pasted))
    return found.container, found.written


# --- the words


def test_nothing_recorded_is_empty():
    """
    A healthy service has nothing to say about pulls.
    """
    said = recorded(StoppedTask(), Service(events=("(service web) has reached a steady state.",)))

    assert Recorded(symptom.EMPTY) == said


def test_the_task_speaks_first():
    """
    What ECS wrote on the task counts more than what it wrote on the service.
    """
    task = StoppedTask(arn="t", reason=missing(f"{ECR}/mine:v1"))
    owner = Service(events=(missing(f"{ECR}/other:v1"),))

    assert f"{ECR}/mine:v1" == recorded(task, owner).symptom.entities.image


def test_events_remember_when_tasks_are_forgotten():
    """
    After an hour only the service's events and its deployments still tell.
    """
    owner = Service(events=("(service web) has started 1 tasks.", missing(f"{ECR}/web:v1")))

    assert recorded(StoppedTask(), owner).symptom.recognised


# --- the image


def test_the_container_with_a_reason_failed():
    """
    ECS writes the reason on the container whose image it could not get.
    """
    states = (
        ContainerState("side", f"{ECR}/side:v1"),
        ContainerState("app", f"{ECR}/app:v1", "CannotPullContainerError: x"),
    )
    of = definition(side=f"{ECR}/side:v1", app=f"{ECR}/app:v1")

    assert ("app", f"{ECR}/app:v1") == pulled(StoppedTask(containers=states), of)


def test_a_sidecar_of_aws_is_not_in_the_definition():
    """
    Some sidecars are added by AWS; the task alone knows their image.
    """
    states = (ContainerState("aws-guardduty-agent-x", f"{ECR}/agent:v1", "CannotPull"),)

    found = pulled(StoppedTask(containers=states), definition(app=f"{ECR}/app:v1"))
    assert ("aws-guardduty-agent-x", f"{ECR}/agent:v1") == found


def test_the_words_name_the_image():
    """
    Without a reason on a container, ECS's words count, and then the words that were pasted.
    """
    of = definition(one=f"{ECR}/one:v1", two=f"{ECR}/two:v1", three=f"{ECR}/three:v1")

    two, three = missing(f"{ECR}/two:v1"), missing(f"{ECR}/three:v1")
    assert "two" == pulled(of=of, said=two, pasted=three)[0]
    assert "three" == pulled(of=of, pasted=three)[0]
    assert "one" == pulled(of=of, pasted=missing(f"{ECR}/none:v1"))[0]


def test_an_image_in_ecr_is_likelier():
    """
    Where nothing tells, it is more likely the image that needs permissions.
    """
    assert "app" == pulled(of=definition(proxy="envoy:v1", app=f"{ECR}/app:v1"))[0]
    assert "proxy" == pulled(of=definition(proxy="envoy:v1"))[0]


def test_the_digest_that_ecs_pinned_is_what_failed():
    """
    The definition names a tag, but ECS pulled a digest and says so.
    """
    said = Recorded(symptom.parse(missing(f"{ECR}/app@{DIGEST}")))
    found = image_reference(StoppedTask(), definition(app=f"{ECR}/app:v1"), said, symptom.EMPTY)

    assert ("v1", DIGEST) == (found.tag, found.digest)


def test_a_pasted_digest_pins_nothing():
    """
    Words that a person pasted only point.
    """
    pasted = symptom.parse(missing(f"{ECR}/app@{DIGEST}"))
    found = image_reference(StoppedTask(), definition(app=f"{ECR}/app:v1"), NOTHING, pasted)

    assert ("v1", None) == (found.tag, found.digest)


def test_without_ecs_the_text_names_the_image():
    """
    A text alone is enough to look into the registry.
    """
    assert ("", f"{ECR}/app:v1") == pulled(pasted=missing(f"{ECR}/app:v1"))


def test_without_anything_the_reason_is_handed_on():
    """
    Why the definition is unknown is why the image is.
    """
    with pytest.raises(CannotTell) as told:
        pulled()
    assert "ecs:DescribeTaskDefinition" == told.value.grant
    with pytest.raises(CannotTell, match="no image"):
        pulled(of=definition())


# --- the platform


def test_the_platform_is_the_tasks_or_the_services():
    """
    A task knows best where it ran; a definition for one platform only tells as well.
    """
    assert (
        "EC2"
        == platform(
            StoppedTask(launch_type="EC2"), Service(launch_type="FARGATE"), DENIED
        ).launch_type
    )
    latest = platform(
        StoppedTask(), Service(launch_type="FARGATE", platform_version="LATEST"), DENIED
    )
    assert ("FARGATE", None) == (latest.launch_type, latest.version)
    only = TaskDefinition("a", "web", 7, None, None, None, (), ("FARGATE",))
    assert "FARGATE" == platform(StoppedTask(), Service(), only).launch_type


def test_an_unknown_platform_is_not_guessed():
    """
    A capacity provider's name does not tell what stands behind it.
    """
    with pytest.raises(CannotTell, match="launch type"):
        platform(StoppedTask(), Service(), DENIED)


# --- the interface


@pytest.fixture
def here(door):
    def make(**answers):
        return WorkloadAccount(door(answers))

    return make


def interface(account, task, owner):
    """The interface, after the host was asked for as for any diagnosis."""
    try:
        host = container_host(account, WEB, task, owner)
    except CannotTell as reason:
        host = Unknown("ContainerHost", reason.because, reason.grant)
    return pull_interface(account, task, owner, host)


def test_the_task_narrows_the_subnets(here):
    """
    A service names several subnets, the failed task was in one.
    """
    owner = Service(launch_type="FARGATE", awsvpc=ONE)
    task = StoppedTask(arn="t", launch_type="FARGATE", subnet="subnet-2")

    found = PullInterface(("subnet-2",), ("sg-1",), False, others=("subnet-1",))
    assert found == interface(here(), task, owner)
    assert ("subnet-1", "subnet-2") == interface(here(), StoppedTask(), owner).subnets


def test_a_deployment_may_have_another_network(here):
    """
    What failed is the deployment's network, also after the service went back.
    """
    failing = Deployment("2", "ACTIVE", "td:8", failed_tasks=3, awsvpc=TWO)
    owner = Service(
        launch_type="FARGATE",
        awsvpc=ONE,
        deployments=(Deployment("1", "PRIMARY", "td:7", awsvpc=ONE), failing),
    )
    task = StoppedTask(arn="t", definition="td:8", launch_type="FARGATE")

    assert ("sg-2",) == interface(here(), task, owner).groups
    assert ("sg-2",) == interface(here(), StoppedTask(), owner).groups


def test_a_task_run_by_hand_is_gone_with_its_network(here):
    """
    Its subnet is known, its groups and its public address are not.
    """
    task = StoppedTask(arn="t", launch_type="FARGATE", subnet="subnet-1")

    assert PullInterface(("subnet-1",), None, None) == interface(here(), task, Service())
    with pytest.raises(CannotTell, match="network interface is not known"):
        interface(here(), StoppedTask(launch_type="FARGATE"), Service())


def test_no_group_named_means_the_default_group(here):
    """
    AWS gives a task the VPC's default group where none is named.
    """
    bare = AwsvpcConfiguration(("subnet-1",), (), public_ip=False)
    account = here(
        describe_subnets={"Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1"}]},
        describe_security_groups={"SecurityGroups": [{"GroupId": "sg-default"}]},
    )
    owner = Service(launch_type="FARGATE", awsvpc=bare)

    assert ("sg-default",) == interface(account, StoppedTask(), owner).groups


def test_on_ec2_the_host_pulls(here):
    """
    The host's primary interface counts, even where tasks have interfaces of their own.
    """
    second = {"SubnetId": "subnet-8", "Groups": [], "Attachment": {"DeviceIndex": 1}}
    first = {
        "SubnetId": "subnet-9",
        "Groups": [{"GroupId": "sg-host"}],
        "Attachment": {"DeviceIndex": 0},
        "Association": {"PublicIp": "203.0.113.9"},
    }
    account = here(
        describe_container_instances={"containerInstances": [{"ec2InstanceId": "i-1"}]},
        describe_instances={
            "Reservations": [{"Instances": [{"NetworkInterfaces": [second, first]}]}]
        },
    )
    arn = "arn:aws:ecs:eu-west-1:222233334444:container-instance/main/abc"
    task = StoppedTask(arn="t", launch_type="EC2", container_instance=arn, subnet="subnet-1")

    found = interface(account, task, Service(awsvpc=ONE))
    assert PullInterface(("subnet-9",), ("sg-host",), True, "host") == found


@pytest.mark.parametrize(
    ("task", "because"),
    [
        (StoppedTask(launch_type="EC2"), "container instance is not known"),
        (
            StoppedTask(launch_type="EC2", container_instance="a/main/b"),
            "container instance is gone",
        ),
        (StoppedTask(launch_type="EXTERNAL"), "not in AWS"),
        (StoppedTask(), "launch type is not known"),
    ],
)
def test_an_unknown_host_is_not_guessed(here, task, because):
    """
    A wrong subnet would prove a wrong cause.
    """
    with pytest.raises(CannotTell, match=because):
        interface(here(), task, Service(awsvpc=ONE))


def test_other_subnets_are_told_apart_and_are_of_the_same_vpc(here):
    """
    Those of another VPC, and those that are gone, are no place for the next start.
    """
    said = [
        {"SubnetId": i, "VpcId": v, "AvailabilityZone": "eu-west-1a", "CidrBlock": "10.0.0.0/24"}
        for i, v in (("subnet-1", "vpc-1"), ("subnet-2", "vpc-1"), ("subnet-3", "vpc-2"))
    ]
    asked = PullInterface(
        ("subnet-1",), ("sg-1",), False, others=("subnet-2", "subnet-3", "subnet-4")
    )
    found = subnets(here(describe_subnets={"Subnets": said}), asked)

    assert (["subnet-1"], ["subnet-2"], ()) == (
        [s.id for s in found.items], [s.id for s in found.others], found.missing,
    )  # fmt: skip
