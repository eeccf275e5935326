"""The circuit breaker of the estate: it gives up, goes back, and starts nothing more."""

import pytest

from playground.estate import Estate
from playground.scenarios.lab import Lab
from playground.scenarios.places import WORKLOAD

REGION = "ap-northeast-1"


@pytest.fixture
def lab():
    estate = Estate()
    estate.serve()
    estate.client("ecs", WORKLOAD, REGION).create_cluster(clusterName="main")
    yield Lab(estate)
    estate.stop()


def made(lab, name, tag="v1.0.0", *, breaker=True):
    image = f"{lab.repository(name, region=REGION, tags=('v1.0.0',))}:{tag}"
    role, network = lab.pulling_role(name), lab.network(REGION)
    lab.service(name, image, network, region=REGION, role=role, breaker=breaker)


def described(lab, name):
    ecs = lab.aws("ecs", WORKLOAD, REGION)
    return ecs.describe_services(cluster="main", services=[name])["services"][0]


def deployed(lab, name, tag):
    """Let the service run another tag."""
    ecs = lab.aws("ecs", WORKLOAD, REGION)
    said = ecs.describe_task_definition(taskDefinition=name)["taskDefinition"]
    (container,) = said["containerDefinitions"]
    image = f"{container['image'].rpartition(':')[0]}:{tag}"
    kept = ("family", "requiresCompatibilities", "networkMode", "cpu", "memory", "executionRoleArn")
    again = ecs.register_task_definition(
        **{k: said[k] for k in kept},
        containerDefinitions=[{"name": "app", "image": image, "essential": True}],
    )
    arn = again["taskDefinition"]["taskDefinitionArn"]
    ecs.update_service(cluster="main", service=name, taskDefinition=arn)
    return arn


def test_without_a_breaker_ecs_tries_for_ever(lab):
    """
    More failures than any threshold for one task.
    """
    made(lab, "shop", "v2", breaker=False)
    lab.retry("shop", REGION, times=5)
    (deployment,) = described(lab, "shop")["deployments"]

    assert ("IN_PROGRESS", 6) == (deployment["rolloutState"], deployment["failedTasks"])


def test_a_breaker_gives_up_and_a_new_deployment_tries_again(lab):
    """
    Three failures are the least it waits for; what is pushed afterwards starts nothing by itself.
    """
    made(lab, "shop", "v2")
    lab.retry("shop", REGION, times=1)
    assert "IN_PROGRESS" == described(lab, "shop")["deployments"][0]["rolloutState"]
    lab.retry("shop", REGION, times=3)
    lab.push("shop", "v2", account=WORKLOAD, region=REGION, number=1)
    lab.retry("shop", REGION, times=1)
    service = described(lab, "shop")

    (deployment,) = service["deployments"]
    assert ("FAILED", 3, 0) == (
        deployment["rolloutState"], deployment["failedTasks"], service["runningCount"]
    )  # fmt: skip
    assert "circuit breaker" in deployment["rolloutStateReason"]
    assert "deployment failed: tasks failed to start." in service["events"][0]["message"]

    lab.aws("ecs", WORKLOAD, REGION).update_service(
        cluster="main", service="shop", forceNewDeployment=True
    )
    again = described(lab, "shop")
    assert (1, "COMPLETED") == (again["runningCount"], again["deployments"][0]["rolloutState"])
    assert again["deploymentConfiguration"]["deploymentCircuitBreaker"]["enable"]


def test_a_breaker_goes_back_to_what_worked(lab):
    """
    The old revision runs again, and the events say so.
    """
    made(lab, "shop")
    old = described(lab, "shop")["taskDefinition"]
    new = deployed(lab, "shop", "v2")
    lab.retry("shop", REGION, times=3)
    service = described(lab, "shop")

    assert (1, old) == (service["runningCount"], service["taskDefinition"])
    assert new != old
    assert any("rolling back to deployment" in e["message"] for e in service["events"])
