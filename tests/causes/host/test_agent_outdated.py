from dataclasses import replace

import pytest

from bot.causes.host.agent_outdated import advise, decide, plan
from bot.facts import ClusterHost, ClusterHosts, OptimizedImages, Platform
from bot.hosts import CAPABILITIES
from bot.model import Confirmed, RuledOut
from tests.causes.facts_image_network import NO_SERVICE, SERVICE, SUBJECT, definition, unknown

EC2 = Platform("EC2")
ARN = "arn:aws:ecs:eu-west-1:222233334444:container-instance/main/{}"
NEW = ClusterHost(
    ARN.format("new"), "i-1", agent="1.84.0", capabilities=CAPABILITIES, image="ami-1"
)
OLD = replace(NEW, arn=ARN.format("old"), agent="1.14.0", capabilities=CAPABILITIES[:1])
NAMES = {
    "al2023": "al2023-ami-ecs-hvm-2023.0.20240515-kernel-6.1-x86_64",
    "al2": "amzn2-ami-ecs-hvm-2.0.20240515-x86_64-ebs",
    "al2-arm": "amzn2-ami-ecs-hvm-2.0.20240515-arm64-ebs",
}
OWN, NONE = OptimizedImages((("ami-1", NAMES["al2023"]),)), OptimizedImages()


def asking(*capabilities):
    made = definition()
    needs = [
        {"name": n} for n in (*capabilities, "com.amazonaws.ecs.capability.docker-remote-api.1.19")
    ]
    return replace(made, raw={**made.raw, "requiresAttributes": needs})


TAKES = asking(*CAPABILITIES[:2])


def judged(*hosts, where=EC2, service=SERVICE, takes=TAKES, images=OWN):
    return decide(where, service, ClusterHosts(hosts), takes, images)


def planned(*hosts, takes=TAKES, images=OWN):
    return plan(SUBJECT, ClusterHosts(hosts), takes, images)


@pytest.mark.parametrize(
    "hosts",
    [
        (),
        (NEW,),
        (OLD, NEW),
        (replace(NEW, connected=False), replace(NEW, arn=ARN.format("2"))),
        (replace(OLD, status="DRAINING"),),
    ],
)
def test_one_host_that_can_take_the_task_is_enough(hosts):
    """
    ECS places it there; where there is no active host at all, that is no fault of an agent.
    """
    assert isinstance(judged(*hosts), RuledOut)


def test_a_service_that_has_its_tasks_waits_for_no_agent():
    """
    Agents lose their connection now and then, and nothing comes of it.
    """
    away = replace(NEW, connected=False)

    assert isinstance(judged(away, service=replace(SERVICE, running=2)), RuledOut)
    assert isinstance(judged(away, service=NO_SERVICE), RuledOut)


@pytest.mark.parametrize("launch_type", ["FARGATE", "MANAGED_INSTANCES"])
def test_hosts_that_aws_looks_after(launch_type):
    """
    Their agent is Amazon's.
    """
    assert isinstance(judged(OLD, where=Platform(launch_type)), RuledOut)


def test_what_the_task_does_not_ask_for_may_be_missing():
    """
    An old agent runs old tasks; other attributes than those of a pull are another matter.
    """
    assert isinstance(judged(OLD, takes=asking(CAPABILITIES[0])), RuledOut)
    assert isinstance(judged(OLD, takes=definition()), RuledOut)


def test_agents_that_are_too_old():
    """
    What they lack is named, as ECS names it.
    """
    found = judged(OLD)

    assert isinstance(found, Confirmed)
    assert ("outdated", "old", "1.14.0", [CAPABILITIES[1]], ["old"], [], True) == tuple(
        found.proof[k] for k in ("problem", "host", "agent", "lacks", "old", "away", "updates")
    )


def test_agents_that_are_not_connected():
    """
    No call of ECS reaches them.
    """
    found = judged(replace(NEW, connected=False), replace(OLD, connected=False))

    assert ("disconnected", ["new", "old"], False) == tuple(
        found.proof[k] for k in ("problem", "away", "updates")
    )
    assert None is planned(replace(NEW, connected=False), replace(OLD, connected=False))


@pytest.mark.parametrize(
    ("host", "images"),
    [
        (OLD, NONE),
        (OLD, OptimizedImages((("ami-1", NAMES["al2-arm"]),))),
        (replace(OLD, system="windows"), OWN),
        (replace(OLD, image=None), OWN),
    ],
)
def test_agents_that_ecs_cannot_update(host, images):
    """
    On another AMI, on ARM with Amazon Linux 2 and on Windows a person replaces the host.
    """
    found = judged(host, images=images)

    assert ("outdated", False) == (found.proof["problem"], found.proof["updates"])
    assert None is planned(host, images=images)
    assert not judged(host, images=unknown("OptimizedImages")).proof["updates"]


def test_one_agent_is_updated():
    """
    One host is enough for the task; its agent is not taken back.
    """
    two = replace(OLD, arn=ARN.format("older"))
    (step,) = planned(OLD, two).steps

    assert ("container-agent", OLD.arn, None) == (step.kind, step.resource, step.undo)
    assert {"cluster": "main", "containerInstance": OLD.arn} == step.do.params
    assert planned(OLD, images=OptimizedImages((("ami-1", NAMES["al2"]),)))


def test_an_update_that_is_under_way_is_waited_for():
    """
    It takes minutes, and is not asked for again.
    """
    at_it = replace(OLD, updating="STAGING")

    assert judged(at_it).mending
    assert not judged(OLD).mending
    assert None is planned(at_it)


def test_plan_makes_the_verdict_ruled_out():
    """
    The newest agent can do all of it.
    """
    after = replace(OLD, agent="1.99.0", capabilities=CAPABILITIES, updating="UPDATED")

    assert planned(OLD)
    assert isinstance(judged(after), RuledOut)


def test_advice_updates_what_is_connected():
    """
    Whether a host takes the call a person tries; else the hosts are looked at.
    """
    away = replace(OLD, connected=False)

    assert ["update_container_agent"] == [
        c.operation for c in advise(SUBJECT, ClusterHosts((OLD, away)), TAKES)
    ]
    assert ["list_container_instances"] == [
        c.operation for c in advise(SUBJECT, ClusterHosts((away,)), TAKES)
    ]
