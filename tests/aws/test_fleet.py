"""The hosts of a cluster: listed, described, and looked at no closer than a fault asks for."""

import pytest

from bot.aws.accounts import WorkloadAccount
from bot.aws.client import NotFound
from bot.aws.fleet import cluster_hosts, full_disks, host_volumes, optimized_images
from bot.facts import (
    ClusterHost,
    ClusterHosts,
    FullDisks,
    HostVolumes,
    OptimizedImages,
    Platform,
    Recorded,
    Service,
    StoppedTask,
    Subject,
    TaskDefinition,
)
from bot.model import CannotTell, Unknown
from bot.symptom import EMPTY, parse

WEB = Subject("222233334444", "eu-west-1", "main", "web")
ARN = "arn:aws:ecs:eu-west-1:222233334444:container-instance/main/{}"
ONE, TWO = ARN.format("one"), ARN.format("two")
EC2 = Platform("EC2")
TEXT = "CannotPullContainerError: failed to register layer: write /x: no space left on device"
FULL = Recorded(parse(TEXT))
TASK = StoppedTask("arn:t", container_instance=ONE, containers=())
PULL = "ecs.capability.execution-role-ecr-pull"
TAKES = TaskDefinition(
    "arn:d:7", "shop", 7, None, None, None, (), (), {"requiresAttributes": [{"name": PULL}]}
)


@pytest.fixture
def here(door):
    def make(**answers):
        return WorkloadAccount(door(answers))

    return make


@pytest.mark.parametrize("kind", ["FARGATE", "MANAGED_INSTANCES"])
def test_a_service_without_hosts_of_ours(here, kind):
    """
    Known without a call.
    """
    account = here()

    assert ClusterHosts() == cluster_hosts(account, WEB, Service(), Platform(kind))
    assert [] == account.door.asked


def test_where_it_runs_is_not_known(here):
    """
    Then neither are its hosts.
    """
    with pytest.raises(CannotTell, match="the launch type is not known"):
        cluster_hosts(here(), WEB, Service(), Unknown("Platform", "the launch type is not known"))


def test_a_cluster_without_hosts(here):
    """
    Nothing is described of nothing, and a cluster that is gone has none.
    """
    account = here(list_container_instances={"containerInstanceArns": []})

    assert ClusterHosts() == cluster_hosts(account, WEB, Service(), EC2)
    assert ["list_container_instances"] == [c.operation for c in account.door.asked]
    gone = here(list_container_instances=NotFound("ClusterNotFoundException"))
    assert ClusterHosts() == cluster_hosts(gone, WEB, Service(), EC2)


def test_hosts_as_ecs_has_them(here):
    """
    In the cluster of the service, with what their agents registered.
    """
    attributes = [
        {"name": PULL},
        {"name": "ecs.ami-id", "value": "ami-1"},
        {"name": "ecs.cpu-architecture", "value": "arm64"},
    ]
    left = [
        {"name": "CPU", "integerValue": 1792},
        {"name": "MEMORY", "integerValue": 0},
        {"name": "PORTS", "stringSetValue": ["22"]},
    ]
    said = {
        "containerInstanceArn": ONE, "ec2InstanceId": "i-1", "status": "ACTIVE",
        "agentConnected": True, "versionInfo": {"agentVersion": "1.84.0"}, "runningTasksCount": 3,
        "agentUpdateStatus": "STAGING", "attributes": attributes, "remainingResources": left,
    }  # fmt: skip
    bare = {"containerInstanceArn": TWO, "status": "DRAINING"}
    account = here(
        list_container_instances={"containerInstanceArns": [ONE, TWO]},
        describe_container_instances={"containerInstances": [said, bare]},
    )
    owner = Service(cluster="arn:aws:ecs:eu-west-1:222233334444:cluster/other")

    found = cluster_hosts(account, WEB, owner, EC2)

    named = (PULL, "ecs.ami-id", "ecs.cpu-architecture")
    first = ClusterHost(
        ONE, "i-1", "ACTIVE", True, "1.84.0", "STAGING", named, "ami-1", "linux", 3,
        "arm64", 1792, 0,
    )  # fmt: skip
    assert ClusterHosts((first, ClusterHost(TWO, status="DRAINING", connected=False))) == found
    assert {"other"} == {c.params["cluster"] for c in account.door.asked}


def test_disks_are_looked_at_only_where_one_is_full(here):
    """
    Known without a call where ECS recorded something else, or no host is known.
    """
    account, hosts = here(), ClusterHosts((ClusterHost(ONE, "i-1"),))

    assert FullDisks() == full_disks(account, WEB, TASK, Recorded(EMPTY))
    assert FullDisks() == full_disks(account, WEB, StoppedTask("arn:t"), FULL)
    assert HostVolumes() == host_volumes(account, TASK, Recorded(EMPTY), hosts)
    assert HostVolumes() == host_volumes(account, TASK, FULL, ClusterHosts())
    assert HostVolumes() == host_volumes(
        account, TASK, FULL, ClusterHosts((ClusterHost(ONE, "mi-1"),))
    )
    assert [] == account.door.asked


def stopped(host, code="TaskFailedToStart", text=TEXT):
    return {
        "taskArn": f"arn:{host}:{code}", "containerInstanceArn": host, "stopCode": code,
        "containers": [{"name": "app", "reason": text}],
    }  # fmt: skip


def test_hosts_whose_disks_were_full(here):
    """
    Tasks that never ran for want of space, of any service; what others stopped tells nothing.
    """
    tasks = [
        stopped(TWO),
        stopped(ARN.format("three"), "UserInitiated"),
        stopped(ARN.format("four"), text="CannotPullContainerError: 403 Forbidden"),
    ]
    account = here(list_tasks={"taskArns": ["a", "b", "c"]}, describe_tasks={"tasks": tasks})

    assert FullDisks((ONE, TWO)) == full_disks(account, WEB, TASK, FULL)
    assert "STOPPED" == account.door.asked[0].params["desiredStatus"]


def test_every_stopped_task_tells_of_its_disk(here):
    """
    ECS describes a hundred at a time, and not in the order of their failures.
    """
    arns = [str(n) for n in range(201)]
    account = here(list_tasks={"taskArns": arns}, describe_tasks={"tasks": []})

    full_disks(account, WEB, TASK, FULL)
    parts = [c.params["tasks"] for c in account.door.asked if c.operation == "describe_tasks"]

    assert [arns[:100], arns[100:200], arns[200:]] == sorted(parts, key=lambda p: int(p[0]))


def test_the_volumes_of_the_host(here):
    """
    Each once, with its device.
    """
    volumes = [
        {"Size": 100, "Attachments": [{"Device": "/dev/xvdb"}]},
        {"Size": 30, "Attachments": [{"Device": "/dev/xvda"}]},
    ]
    account = here(describe_volumes={"Volumes": volumes})

    found = host_volumes(account, TASK, FULL, ClusterHosts((ClusterHost(ONE, "i-1"),)))

    assert HostVolumes((("/dev/xvda", 30), ("/dev/xvdb", 100))) == found
    (asked,) = account.door.asked
    assert [["i-1"]] == [f["Values"] for f in asked.params["Filters"]]


def test_amis_are_looked_at_only_where_an_agent_is_too_old(here):
    """
    Amazon's own by their owner and their name: anybody can give an AMI such a name.
    """
    able, old = (
        ClusterHost(ONE, capabilities=(PULL,), image="ami-1"),
        ClusterHost(TWO, image="ami-2"),
    )
    own = {"ImageId": "ami-2", "ImageOwnerAlias": "amazon", "Name": "al2023-ami-ecs-hvm-2023.0"}
    account = here(describe_images={"Images": [own]})

    assert OptimizedImages() == optimized_images(account, ClusterHosts((able,)), TAKES)
    assert [] == account.door.asked
    found = optimized_images(account, ClusterHosts((able, old)), TAKES)
    assert OptimizedImages((("ami-2", "al2023-ami-ecs-hvm-2023.0"),)) == found
    assert [["ami-2"]] == [c.params["ImageIds"] for c in account.door.asked]


@pytest.mark.parametrize(
    "answer",
    [
        {"Images": []},
        {"Images": [{"ImageId": "ami-2", "Name": "al2023-ami-ecs-hvm-2023.0"}]},
        {"Images": [{"ImageId": "ami-2", "ImageOwnerAlias": "amazon", "Name": "al2023-ami-2023"}]},
        NotFound("InvalidAMIID.NotFound"),
    ],
)
def test_an_ami_that_is_not_amazons_for_ecs(here, answer):
    """
    Somebody's copy, another kind, or one that is gone.
    """
    old = ClusterHosts((ClusterHost(TWO, image="ami-2"),))

    assert OptimizedImages() == optimized_images(here(describe_images=answer), old, TAKES)
