import json
from dataclasses import replace

import pytest

from bot.facts import (
    AttachedPolicies,
    AwsvpcConfiguration,
    RepositoryPolicy,
    Service,
    TaskDefinition,
)
from bot.model import Plan, plan_from_json, plan_to_json
from bot.permissions import session_policy
from bot.policy_steps import INLINE_NAME, attach, execution_policy, inline, repository_policy
from bot.steps import (
    REGISTERED,
    deploys,
    network,
    redeploy,
    revision,
    then_redeploy,
    with_images,
    with_settings,
)
from tests.causes.facts import (
    BARE,
    FOREIGN,
    NO_SERVICE,
    REGISTRY,
    ROLE,
    ROLE_ARN,
    SERVICE,
    SUBJECT,
    definition,
    repository,
)

RAW = {
    "taskDefinitionArn": definition().arn,
    "family": "shop",
    "revision": 7,
    "status": "ACTIVE",
    "registeredAt": "2026-01-31T09:00:00+00:00",
    "requiresAttributes": [{"name": "ecs.capability.execution-role-ecr-pull"}],
    "compatibilities": ["EC2", "FARGATE"],
    "executionRoleArn": ROLE_ARN,
    "networkMode": "awsvpc",
    "cpu": "256",
    "tags": [{"key": "team", "value": "shop"}, {"key": "aws:cloudformation:stack", "value": "x"}],
    "containerDefinitions": [
        {"name": "app", "image": "shop:v1", "portMappings": [{"containerPort": 80}]},
        {"name": "log", "image": "log:v1"},
    ],
}
DEFINITION: TaskDefinition = replace(definition(), raw=RAW)
NETWORK = AwsvpcConfiguration(("subnet-a",), ("sg-1",), public_ip=False)
AWSVPC: Service = replace(SERVICE, awsvpc=NETWORK)
POLICY = {"Version": "2012-10-17", "Statement": []}


def changed():
    return revision(SERVICE, DEFINITION, {"app": {"image": "shop:v2"}})


def test_a_setting_of_the_task_changes_alone():
    """
    The diff has the setting and no container; undo is the old revision, as for an image.
    """
    runs_on = {"cpuArchitecture": "ARM64"}
    plan = with_settings(AWSVPC, DEFINITION, {"runtimePlatform": runs_on}, "medium")
    register, deploy = plan.steps

    assert {"revision": "shop:7", "runtimePlatform": None} == register.before
    assert {"revision": "new", "runtimePlatform": runs_on} == register.after
    assert RAW["containerDefinitions"] == register.do.params["containerDefinitions"]
    assert runs_on == register.do.params["runtimePlatform"]
    assert "deregister_task_definition" == register.undo.operation
    assert AWSVPC.definition == deploy.undo.params["taskDefinition"]
    assert plan == plan_from_json(plan_to_json(plan))
    assert None is with_settings(NO_SERVICE, DEFINITION, {"runtimePlatform": runs_on}, "medium")


def test_no_revision_without_a_service():
    """
    A revision that nobody would run is not registered.
    """
    assert () == revision(NO_SERVICE, DEFINITION, {"app": {"image": "shop:v2"}})
    assert None is with_images(NO_SERVICE, DEFINITION, {"app": "shop:v2"})


def test_no_revision_without_a_change():
    """
    A container that the definition does not have changes nothing.
    """
    assert () == revision(SERVICE, DEFINITION, {"proxy": {"image": "proxy:v2"}})
    assert None is with_images(SERVICE, DEFINITION, {})


def test_a_revision_changes_nothing_else():
    """
    All that ECS takes is copied; what it only tells, and AWS's own tags, are left out.
    """
    params = changed()[0].do.params

    assert set(params) <= {*REGISTERED, "tags"}
    assert RAW["containerDefinitions"][1] == params["containerDefinitions"][1]
    assert [{"containerPort": 80}] == params["containerDefinitions"][0]["portMappings"]
    assert "shop:v2" == params["containerDefinitions"][0]["image"]
    assert ["team", "ecs-pull"] == [t["key"] for t in params["tags"]]
    assert "shop:v1" == RAW["containerDefinitions"][0]["image"]


def test_a_revision_shows_only_what_changes():
    """
    The diff is that of the fields changed, not of the whole definition.
    """
    register = changed()[0]

    assert {"revision": "shop:7", "containers": {"app": {"image": "shop:v1"}}} == register.before
    assert {"revision": "new", "containers": {"app": {"image": "shop:v2"}}} == register.after


def test_the_service_takes_what_was_registered():
    """
    The second step deploys what the first one answers, and goes back to the old revision.
    """
    register, deploy = changed()
    new = {"$answer": [0, "taskDefinition.taskDefinitionArn"]}

    assert new == register.undo.params["taskDefinition"] == deploy.do.params["taskDefinition"]
    assert SERVICE.definition == deploy.undo.params["taskDefinition"]
    assert register.resource.endswith(":task-definition/shop")


def test_a_network_is_changed_and_changed_back():
    """
    Undo writes the network that was there; the same network is no change.
    """
    (step,) = network(AWSVPC, replace(NETWORK, public_ip=True))

    assert "ENABLED" == step.after["awsvpcConfiguration"]["assignPublicIp"]
    assert step.before == step.undo.params["networkConfiguration"]
    assert () == network(AWSVPC, NETWORK)
    assert () == network(SERVICE, NETWORK)
    assert () == network(NO_SERVICE, NETWORK)


def test_a_deployment_is_forced_and_not_undone():
    """
    The newest deployment is named, so that a second one is noticed.
    """
    step = redeploy(SERVICE)

    assert {"deployment": "ecs-svc/1"} == step.before
    assert None is step.undo
    assert () == then_redeploy(service=NO_SERVICE)


@pytest.mark.parametrize("controller", ["CODE_DEPLOY", "EXTERNAL"])
def test_a_service_that_another_one_deploys_is_not_updated(controller):
    """
    ECS takes no revision, network or deployment for it; what else a fix changes stays.
    """
    other = replace(SERVICE, controller=controller)
    waiting = attach(SUBJECT, ROLE, execution_policy(SUBJECT))

    assert not deploys(other)
    assert () == revision(other, definition(), {"app": {"image": "h/shop:2"}})
    assert None is with_images(other, definition(), {"app": "h/shop:2"})
    assert None is with_settings(other, definition(), {"cpu": "512"}, risk="low")
    assert () == network(other, AwsvpcConfiguration(("subnet-z",), ("sg-z",), True))
    assert (waiting,) == then_redeploy(waiting, service=other)
    assert 2 == len(then_redeploy(waiting, service=SERVICE))


def test_policies_are_restored_to_what_they_were():
    """
    A policy that was there is written back; one that was not is deleted.
    """
    there = AttachedPolicies((), {INLINE_NAME: POLICY})
    held = RepositoryPolicy(POLICY)
    steps = [
        inline(SUBJECT, ROLE, BARE, POLICY),
        inline(SUBJECT, ROLE, there, POLICY),
        repository_policy(FOREIGN, repository(REGISTRY), RepositoryPolicy(None), POLICY),
        repository_policy(FOREIGN, repository(REGISTRY), held, POLICY),
    ]

    assert [
        "delete_role_policy", "put_role_policy", "delete_repository_policy", "set_repository_policy",
    ] == [s.undo.operation for s in steps]  # fmt: skip
    assert POLICY == json.loads(steps[1].undo.params["PolicyDocument"])
    assert POLICY == json.loads(steps[3].undo.params["policyText"])


def test_every_kind_of_step_has_a_session_policy():
    """
    Each step can be kept as JSON, and allowed by a session policy of its own.
    """
    steps = (
        *changed(),
        *network(AWSVPC, replace(NETWORK, public_ip=True)),
        attach(SUBJECT, ROLE, execution_policy(SUBJECT)),
        inline(SUBJECT, ROLE, BARE, POLICY),
        repository_policy(FOREIGN, repository(REGISTRY), RepositoryPolicy(None), POLICY),
        redeploy(SERVICE),
    )
    for step in steps:
        plan = Plan((step,), "low")

        assert plan == plan_from_json(plan_to_json(plan))
        assert session_policy(plan)["Statement"]
