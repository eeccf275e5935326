from dataclasses import replace
from datetime import timedelta

import pytest

from bot.causes.host import deployment_stalled as cause
from bot.causes.host.deployment_stalled import CAUSE, advise, plan
from bot.facts import Deployment, Now, StoppedTask
from bot.model import Confirmed, RuledOut, Undecided
from tests.causes.facts_image_network import (
    IMAGE,
    NO_SERVICE,
    NOTHING_RECORDED,
    SERVICE,
    WHEN,
    recorded,
)

DEFINITION = SERVICE.definition
TASK = StoppedTask("arn:task", DEFINITION, stopped_at=WHEN)
MISSING = recorded(
    "CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve "
    "ref h/shop:v1: h/shop:v1: not found"
)
WAITS = "(service shop) is unable to consistently start tasks successfully. For more"
STEADY = "(service shop) has reached a steady state."
ROLLS_BACK = "(service shop) rolling back to deployment ecs-svc/1."
DONE = "(service shop) (deployment ecs-svc/9) deployment completed."
BREAKER = "ECS deployment circuit breaker: tasks failed to start."
NEXT = DEFINITION.replace(":7", ":8")


def decide(service, task, said, image, at=WHEN):
    return cause.decide(service, task, said, image, Now(at))


def told(*events, **changes):
    return replace(SERVICE, events=events, **changes)


def given_up(reason=BREAKER, state="FAILED"):
    failed = Deployment("ecs-svc/2", "PRIMARY", DEFINITION, state, reason, failed_tasks=3)
    return replace(SERVICE, deployments=(failed,))


@pytest.mark.parametrize(
    "service",
    [
        NO_SERVICE,
        SERVICE,
        told(STEADY, WAITS),
        told(WAITS, running=2),
        told(WAITS, pending=1),
        given_up(state="IN_PROGRESS"),
        given_up("ECS deployment circuit breaker: tasks failed container health checks."),
        given_up("ECS deployment failed: alarm detected."),
        given_up(None),
    ],
)
def test_a_service_that_ecs_does_not_hold_back(service):
    """
    It is well, it is at it, it never failed, or it fails once it runs: nothing to push.
    """
    assert isinstance(decide(service, TASK, MISSING, IMAGE), RuledOut)
    assert None is plan(service, TASK)
    assert () == advise(service, TASK)


@pytest.mark.parametrize("registry", ["ecr-public", "docker-hub", "other"])
def test_whether_another_registry_has_the_image_by_now_is_unknown(registry):
    """
    We read ECR alone: what another one lacked may still be missing there.
    """
    image = replace(IMAGE, registry=registry)

    host = "222233334444.dkr.ecr.eu-west-1.amazonaws.com.evil.example"
    lost = recorded(
        f'CannotPullContainerError: failed to resolve ref {host}/shop:v1: Head "https://{host}/v2/": '
        f"dial tcp: lookup {host}: no such host"
    )
    for said in (MISSING, lost):
        assert isinstance(decide(given_up(), TASK, said, image), Undecided)
        assert isinstance(decide(given_up(), TASK, said, IMAGE), Confirmed)


def test_a_rollback_that_is_over():
    """
    What failed is what runs now, or somebody has deployed something since that works.
    """
    failed = replace(TASK, definition=NEXT)

    assert isinstance(decide(told(STEADY, DONE, ROLLS_BACK), TASK, MISSING, IMAGE), RuledOut)
    assert isinstance(
        decide(told(DONE, STEADY, DONE, ROLLS_BACK), failed, MISSING, IMAGE), RuledOut
    )


def test_what_is_not_recorded_is_not_known_to_be_repaired():
    """
    Tasks fail for other reasons as well; without ECS's words nobody knows which one it was.
    """
    exited = recorded("Essential container in task exited")

    for said in (NOTHING_RECORDED, exited):
        assert isinstance(decide(given_up(), TASK, said, IMAGE), Undecided)


@pytest.mark.parametrize(
    "text",
    [
        "CannotPullContainerError: failed to register layer: no space left on device",
        "CannotPullContainerError: inactivity time exceeded timeout while pulling image",
        "CannotPullContainerError: unexpected EOF",
        "CannotPullContainerError: pull image manifest has been retried 5 time(s)",
        (
            "CannotPullContainerError: failed to do request: Head "
            '"https://registry-1.docker.io/v2/x/manifests/1": dial tcp 1.2.3.4:443: i/o timeout'
        ),
    ],
)
def test_what_no_api_shows_is_not_known_to_be_repaired(text):
    """
    That no cause of ours holds tells nothing where there is none that could be looked at.
    """
    assert isinstance(decide(given_up(), TASK, recorded(text), IMAGE), Undecided)


def test_a_way_to_aws_is_known_to_be_repaired():
    """
    Every hop as far as its services can be followed.
    """
    said = recorded(
        "ResourceInitializationError: unable to pull secrets or registry auth: RequestError: send "
        'request failed caused by: Post "https://api.ecr.eu-west-1.amazonaws.com/": dial tcp '
        "52.46.1.2:443: i/o timeout"
    )

    assert isinstance(decide(given_up(), TASK, said, IMAGE), Confirmed)


def test_a_deployment_that_was_given_up():
    """
    The circuit breaker starts no more tasks.
    """
    found = decide(given_up(), TASK, MISSING, IMAGE)

    assert isinstance(found, Confirmed)
    assert ("gave-up", "ecs-svc/2", 3, BREAKER, None, "shop:7") == tuple(
        found.proof[k] for k in ("state", "deployment", "tasks", "reason", "tried_by", "definition")
    )


def test_a_role_that_could_not_be_assumed_counts():
    """
    That is no pull's error, but one before it, with causes of ours.
    """
    said = recorded("ECS was unable to assume the role 'arn:aws:iam::222233334444:role/x' that was")

    assert isinstance(decide(given_up(), TASK, said, IMAGE), Confirmed)


def test_a_scheduler_that_waits():
    """
    The time of the next try has an upper bound, where it is known when the last one ended.
    """
    found = decide(told(WAITS), TASK, MISSING, IMAGE)

    assert ("waits", "2026-01-31 09:27 UTC") == (found.proof["state"], found.proof["tried_by"])
    assert (
        None
        is decide(told(WAITS), replace(TASK, stopped_at=None), MISSING, IMAGE).proof["tried_by"]
    )


def test_a_time_that_has_passed_is_not_told():
    """
    ECS has tried since, or waits for something else.
    """
    late = decide(told(WAITS), TASK, MISSING, IMAGE, WHEN + timedelta(minutes=27))

    assert ("waits", None) == (late.proof["state"], late.proof["tried_by"])


def test_a_deployment_that_was_rolled_back():
    """
    The old revision runs; which one to deploy again is a person's to say.
    """
    service, failed = told(STEADY, DONE, ROLLS_BACK, running=2), replace(TASK, definition=NEXT)
    found = decide(service, failed, MISSING, IMAGE)

    assert ("rolled-back", "shop:7", "shop:8") == tuple(
        found.proof[k] for k in ("state", "definition", "failed")
    )
    assert None is plan(service, failed)
    assert [NEXT] == [c.params["taskDefinition"] for c in advise(service, failed)]


def test_what_another_one_deploys_is_theirs_to_deploy():
    """
    ECS takes no new deployment of a service that CodeDeploy deploys.
    """
    theirs = told(WAITS, controller="CODE_DEPLOY")

    assert not decide(theirs, TASK, MISSING, IMAGE).proof["deploys"]
    assert None is plan(theirs, TASK)
    assert () == advise(theirs, TASK)


def test_it_holds_only_where_nothing_else_does():
    """
    A fault that is still there comes first.
    """
    assert CAUSE.alone


def test_a_new_deployment_is_not_taken_back():
    """
    Nothing else changes, and undo has nothing to do.
    """
    for service in (given_up(), told(WAITS)):
        made = plan(service, TASK)

        assert ("medium", [("service-deployment", None)]) == (
            made.risk, [(s.kind, s.undo) for s in made.steps]
        )  # fmt: skip
        assert {"forceNewDeployment": True}.items() <= made.steps[0].do.params.items()
        assert {"forceNewDeployment": True}.items() <= advise(service, TASK)[0].params.items()


def test_plan_makes_the_verdict_ruled_out():
    """
    The new deployment is under way, and nothing is told of it yet.
    """
    primary = Deployment("ecs-svc/3", "PRIMARY", DEFINITION, "IN_PROGRESS")
    after = replace(SERVICE, deployments=(primary,))

    assert isinstance(decide(after, StoppedTask(), NOTHING_RECORDED, IMAGE), RuledOut)
