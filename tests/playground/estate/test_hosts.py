"""Container instances of the estate: which take a task, how large, how fast, and how they are changed."""

import pytest
from botocore.exceptions import ClientError

from playground import scenarios
from playground.estate import running
from playground.scenarios.places import VIRGINIA, WORKLOAD

NAMES = ("disk-full", "agent-outdated", "pull-timed-out", "ephemeral-storage-too-small")


@pytest.fixture(scope="module")
def fleet():
    with running(NAMES) as estate:
        yield estate


def ecs_of(estate, name):
    found = scenarios.named(name)
    return estate.client("ecs", WORKLOAD, found.region), {"cluster": found.cluster}


def hosts(estate, name):
    """The container instances of a scenario, the oldest first."""
    ecs, there = ecs_of(estate, name)
    arns = ecs.list_container_instances(**there)["containerInstanceArns"]
    found = ecs.describe_container_instances(**there, containerInstances=arns)
    return sorted(found["containerInstances"], key=lambda h: h["registeredAt"])


def running_on(estate, name):
    ecs, there = ecs_of(estate, name)
    arns = ecs.list_tasks(**there)["taskArns"]
    return [t["containerInstanceArn"] for t in ecs.describe_tasks(**there, tasks=arns)["tasks"]] if arns else []  # fmt: skip


def test_what_a_task_takes_of_an_agent(fleet):
    """
    ECS works it out when the revision is registered.
    """
    ecs, _ = ecs_of(fleet, "agent-outdated")
    found = ecs.describe_task_definition(taskDefinition="mailroom")["taskDefinition"]

    assert "ecs.capability.execution-role-ecr-pull" in [
        a["name"] for a in found["requiresAttributes"]
    ]


def test_a_drained_host_gets_no_task_and_loses_those_it_has(fleet):
    """
    The other host takes them; active again, the first one is full again.
    """
    ecs, there = ecs_of(fleet, "disk-full")
    full, other = (h["containerInstanceArn"] for h in hosts(fleet, "disk-full"))
    state = {**there, "containerInstances": [full]}
    assert [] == running_on(fleet, "disk-full")

    ecs.update_container_instances_state(**state, status="DRAINING")
    fleet.tick()
    assert [other] == running_on(fleet, "disk-full")

    ecs.update_container_instances_state(**state, status="ACTIVE")
    fleet.tick()
    assert "failing" == scenarios.health(fleet, scenarios.named("disk-full"))


def test_an_agent_that_is_away_is_named_by_ecs(fleet):
    """
    The event names the closest host, and what is the matter with it.
    """
    from moto.ecs.models import ecs_backends

    found = scenarios.named("agent-outdated")
    (host,) = ecs_backends[WORKLOAD][found.region].container_instances[found.cluster].values()
    host.agent_connected = False
    fleet.tick()
    said = scenarios.sample_error(fleet, found)
    host.agent_connected = True

    assert f'container-instance {host.id} encountered error "AGENT".' in said


def test_an_agent_of_amazons_own_ami_is_updated(fleet):
    """
    Then the task is placed; the agent is a new one each time.
    """
    ecs, there = ecs_of(fleet, "agent-outdated")
    (host,) = hosts(fleet, "agent-outdated")
    named = {**there, "containerInstance": host["containerInstanceArn"]}

    versions = [ecs.update_container_agent(**named)["containerInstance"]["versionInfo"]["agentVersion"] for _ in range(2)]  # fmt: skip
    fleet.tick()

    assert len({host["versionInfo"]["agentVersion"], *versions}) == 3
    assert [host["containerInstanceArn"]] == running_on(fleet, "agent-outdated")


def test_an_agent_of_another_ami_is_not_updated(fleet):
    """
    ECS does not know what runs there; nor does it know a host that is gone.
    """
    ecs, there = ecs_of(fleet, "pull-timed-out")
    (host,) = hosts(fleet, "pull-timed-out")
    ec2 = fleet.client("ec2", WORKLOAD, scenarios.named("pull-timed-out").region)
    machine = ec2.describe_instances(InstanceIds=[host["ec2InstanceId"]])["Reservations"][0]["Instances"][0]  # fmt: skip
    ec2.deregister_image(ImageId=machine["ImageId"])

    for arn, code in (
        (host["containerInstanceArn"], "MissingVersion"),
        ("gone", "InvalidParameter"),
    ):
        with pytest.raises(ClientError, match=code):
            ecs.update_container_agent(**there, containerInstance=arn)


def test_an_image_takes_its_layers_and_what_they_unpack_to(fleet):
    """
    9 GiB as they are stored fill 20 GiB, and fit into 27.
    """
    found = scenarios.named("ephemeral-storage-too-small")
    ecs = fleet.client("ecs", WORKLOAD, found.region)
    said = ecs.describe_task_definition(taskDefinition=found.service)["taskDefinition"]
    kept = ("family", "requiresCompatibilities", "networkMode", "cpu", "memory", "executionRoleArn", "containerDefinitions")  # fmt: skip
    more = {"ephemeralStorage": {"sizeInGiB": 27}}
    assert "failing" == scenarios.health(fleet, found)

    made = ecs.register_task_definition(**{k: said[k] for k in kept}, **more)["taskDefinition"]
    ecs.update_service(
        cluster=found.cluster, service=found.service, taskDefinition=made["taskDefinitionArn"]
    )

    assert more["ephemeralStorage"] == made["ephemeralStorage"]
    assert "running" == scenarios.health(fleet, found)


def test_sizes_are_those_of_the_layers(fleet):
    """
    As ECR tells them.
    """
    ecr = fleet.client("ecr", WORKLOAD, VIRGINIA)
    (image,) = ecr.describe_images(repositoryName="reindex")["imageDetails"]

    assert 2 * 1024**3 < image["imageSizeInBytes"] < 2.1 * 1024**3
