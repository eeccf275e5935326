"""Which services fail to pull, from what ECS recorded of them."""

from __future__ import annotations

from dataclasses import replace

from bot.facts import Deployment, Service
from bot.scanning import Ended, Scan, Unread, failing, first_failure

PLACE = ("222233334444", "eu-west-1", "main")
FAMILY = "arn:aws:ecs:eu-west-1:222233334444:task-definition/shop"
TASK = "arn:aws:ecs:eu-west-1:222233334444:task/main/1"
PULL = "CannotPullContainerError: failed to resolve ref docker.io/library/shop:v9: not found"
CRASH = "Essential container in task exited"
HEALTH = "Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:x)"
NO_ROLE = (
    "(service shop) failed to launch a task with (error ECS was unable to assume the role "
    "'arn:aws:iam::222233334444:role/shop' that was provided for this task. Please verify that the "
    "role being passed has the proper trust relationship and permissions and that your IAM user "
    "has permissions to pass this role.)."
)
STEADY = "(service shop) has reached a steady state."
ROLLING = Deployment("ecs-svc/1", "PRIMARY", f"{FAMILY}:2", "IN_PROGRESS", None, 2)
DONE = replace(ROLLING, rollout_state="COMPLETED", failed_tasks=0)
BROKEN = Service("shop", exists=True, definition=f"{FAMILY}:2", desired=1, deployments=(ROLLING,))
WELL = replace(BROKEN, running=1, deployments=(DONE,))


def ended(text=PULL, revision=2, group="service:shop", arn=TASK):
    return Ended(arn, f"{FAMILY}:{revision}", group, (text,))


def names(services, tasks):
    return [f.subject.service or f.subject.task for f in failing(PLACE, services, tasks)]


def test_nothing_fails_where_nothing_failed():
    """
    No task and no event: no service fails, even where one is still starting.
    """
    assert [] == names([WELL, BROKEN], [])


def test_other_failures_are_not_ours():
    """
    A crash and a failed health check are no failed pull.
    """
    assert [] == names([BROKEN], [ended(CRASH), ended(HEALTH)])


def test_a_service_that_runs_again_is_left_out():
    """
    What failed before a repair of the same or of a later revision is over.
    """
    assert [] == names([WELL], [ended(), ended(revision=1)])


def test_an_event_from_before_all_was_well_is_old():
    """
    Events are kept for long; those before the last steady state are history.
    """
    assert [] == names([replace(BROKEN, events=(STEADY, NO_ROLE))], [])


def test_a_task_that_could_not_pull_tells_its_service():
    """
    One of many stopped tasks is enough.
    """
    assert ["shop"] == names([BROKEN], [ended(CRASH), ended()])


def test_a_failure_without_a_task_is_in_the_events():
    """
    Where the role cannot be assumed no task ever exists.
    """
    assert ["shop"] == names([replace(BROKEN, events=(NO_ROLE, STEADY))], [])


def test_a_failed_deployment_tells_why():
    """
    The reason of a deployment counts where tasks and events say nothing.
    """
    told = replace(BROKEN, deployments=(replace(ROLLING, reason=PULL),))

    assert ["shop"] == names([told], [])


def test_a_release_that_was_rolled_back_still_fails():
    """
    The service runs, but on an older revision than the one that could not be pulled.
    """
    assert ["shop"] == names([WELL], [ended(revision=3)])


def test_a_service_that_could_not_be_described_is_not_lost():
    """
    Its tasks name it.
    """
    assert ["shop"] == names([], [ended()])


def test_a_task_of_no_service_stands_for_its_family():
    """
    The newest of a scheduled task's runs is shown; one that pulls again is over.
    """
    runs = [ended(group="family:job"), ended(group="family:job", arn="older")]

    assert [TASK] == names([], runs)
    assert [] == names([], [ended(CRASH, group="family:job"), *runs])


def test_the_text_is_kept():
    """
    What was said is there without asking again.
    """
    assert "image-or-tag-not-found" == failing(PLACE, [BROKEN], [ended()])[0].symptom.family
    assert first_failure([CRASH, PULL]).recognised


def test_only_a_scan_without_any_light_is_dark():
    """
    One readable Region, or one cluster that hides something, is not darkness.
    """
    gone = Unread("222233334444", "eu-west-1", None, "denied ecs:ListClusters", "ecs:ListClusters")

    assert not Scan().dark
    assert not Scan(unread=(replace(gone, cluster="main"),), places=1).dark
    assert not Scan(unread=(gone,), places=2).dark
    assert Scan(unread=(gone,), places=1).dark
