"""Services: they start tasks, keep trying, roll out, and tell of it."""

import time

import pytest

from playground import scenarios
from playground.scenarios.places import WORKLOAD

TOKYO = "ap-northeast-1"


@pytest.fixture
def ecs(shop):
    return shop.client("ecs", WORKLOAD, TOKYO)


def service(ecs, name):
    return ecs.describe_services(cluster="main", services=[name])["services"][0]


def stopped(ecs, name):
    found = ecs.list_tasks(cluster="main", serviceName=name, desiredStatus="STOPPED")
    return set(found["taskArns"])


def test_a_healthy_service_is_left_alone(shop, ecs):
    """
    Rounds of the scheduler start and stop nothing, and say nothing.
    """
    before = ecs.list_tasks(cluster="main", serviceName="storefront")["taskArns"]
    events = len(service(ecs, "storefront")["events"])
    for _ in range(3):
        shop.tick()

    assert before == ecs.list_tasks(cluster="main", serviceName="storefront")["taskArns"]
    assert events == len(service(ecs, "storefront")["events"])
    assert stopped(ecs, "storefront") == set()


def test_a_round_can_be_that_of_one_service(shop, ecs):
    """
    The others, which would try again, wait.
    """
    before = {name: stopped(ecs, name) for name in ("shop-web", "checkout")}

    shop.tick("shop-web")

    assert before["shop-web"] < stopped(ecs, "shop-web")
    assert before["checkout"] == stopped(ecs, "checkout")


def test_list_tasks_honours_the_service(ecs):
    """
    Tasks of other services are not in the list.
    """
    arns = stopped(ecs, "shop-web")
    found = ecs.describe_tasks(cluster="main", tasks=sorted(arns))["tasks"]

    assert {"service:shop-web"} == {t["group"] for t in found}
    assert service(ecs, "shop-web")["deployments"][0]["id"] == found[0]["startedBy"]


def test_a_broken_service_is_retried_and_counts(shop, ecs):
    """
    Every round is one more stopped task and one more failure.
    """
    before, count = stopped(ecs, "shop-web"), service(ecs, "shop-web")
    shop.tick()
    after = service(ecs, "shop-web")

    assert 1 == len(stopped(ecs, "shop-web") - before)
    assert (0, "IN_PROGRESS") == (after["runningCount"], after["deployments"][0]["rolloutState"])
    assert 1 == after["deployments"][0]["failedTasks"] - count["deployments"][0]["failedTasks"]
    assert "unable to consistently start tasks" in after["events"][0]["message"]
    assert (
        "(service shop-web) was unable to place a task. Reason: CannotPull"
        in (after["events"][1]["message"])
    )


def test_the_patient_scheduler_does_not_repeat_itself(shop, ecs):
    """
    The same failure is tried again after a minute only, as AWS backs off.
    """
    shop.tick()
    before = stopped(ecs, "shop-web")
    for _ in range(5):
        shop.tick(patient=True)
    assert before == stopped(ecs, "shop-web")

    later = time.time() + 61
    shop.set_clock(lambda: later)
    shop.tick(patient=True)
    shop.set_clock(time.time)
    assert 1 == len(stopped(ecs, "shop-web") - before)


def test_no_task_exists_where_the_role_cannot_be_assumed(ecs):
    """
    Only an event tells, and the counter of the deployment.
    """
    found = service(ecs, "invoice")

    assert set() == stopped(ecs, "invoice")
    assert "failed to launch a task with (error ECS was unable" in found["events"][0]["message"]
    assert found["deployments"][0]["failedTasks"] > 0


def test_a_bad_release_leaves_the_old_tasks_running(ecs):
    """
    While it rolls there are two deployments; the old one keeps its task.
    """
    old = service(ecs, "storefront")["taskDefinition"]
    raw = ecs.describe_task_definition(taskDefinition=old)["taskDefinition"]
    container = raw["containerDefinitions"][0]
    kept = ("family", "cpu", "memory", "networkMode", "executionRoleArn", "requiresCompatibilities")
    ecs.register_task_definition(
        **{k: raw[k] for k in kept},
        containerDefinitions=[{**container, "image": container["image"] + "-typo"}],
    )
    ecs.update_service(cluster="main", service="storefront", taskDefinition="storefront:2")
    rolling = service(ecs, "storefront")

    assert [("PRIMARY", 0), ("ACTIVE", 1)] == [
        (d["status"], d["runningCount"]) for d in rolling["deployments"]
    ]
    assert rolling["taskDefinition"].endswith("storefront:2")
    assert rolling["deployments"][1]["taskDefinition"] == old
    assert 1 == rolling["runningCount"]

    ecs.update_service(cluster="main", service="storefront", taskDefinition=old)
    again = service(ecs, "storefront")
    assert [("PRIMARY", "COMPLETED", 1)] == [
        (d["status"], d["rolloutState"], d["runningCount"]) for d in again["deployments"]
    ]


def test_scaling_starts_and_stops_tasks(ecs):
    """
    desiredCount is followed without a new deployment.
    """
    before = service(ecs, "storefront")["deployments"][0]["id"]
    ecs.update_service(cluster="main", service="storefront", desiredCount=3)
    assert (3, before) == (
        service(ecs, "storefront")["runningCount"],
        service(ecs, "storefront")["deployments"][0]["id"],
    )

    ecs.update_service(cluster="main", service="storefront", desiredCount=1)
    assert 1 == service(ecs, "storefront")["runningCount"]
    gone = ecs.describe_tasks(cluster="main", tasks=sorted(stopped(ecs, "storefront")))["tasks"]
    assert "ServiceSchedulerInitiated" in {t["stopCode"] for t in gone}


def test_the_background_scheduler_finds_the_repair(shop):
    """
    In the playground nobody calls tick().
    """
    ecr = shop.client("ecr", WORKLOAD, TOKYO)
    found = ecr.batch_get_image(repositoryName="shop-web", imageIds=[{"imageTag": "v1.0.1"}])
    ecr.put_image(
        repositoryName="shop-web",
        imageManifest=found["images"][0]["imageManifest"],
        imageTag="v1.0.0",
    )
    shop.start_scheduler(0.02)

    deadline = time.monotonic() + 10
    tag_missing = scenarios.named("image-tag-missing")
    while scenarios.health(shop, tag_missing) != "running" and time.monotonic() < deadline:
        pass
    assert scenarios.health(shop, tag_missing) == "running"
