from dataclasses import replace

import pytest

from bot.causes.host.disk_full import CAUSE, advise, decide, plan
from bot.facts import ClusterHost, ClusterHosts, FullDisks, HostVolumes, Platform, StoppedTask
from bot.model import Confirmed, RuledOut, Undecided
from bot.render import words
from tests.causes.facts_image_network import (
    NO_SERVICE,
    NOTHING_RECORDED,
    SERVICE,
    SUBJECT,
    definition,
    recorded,
    unknown,
)

EC2 = Platform("EC2")
ARN = "arn:aws:ecs:eu-west-1:222233334444:container-instance/main/{}"
OURS = ClusterHost(ARN.format("one"), "i-1", tasks=3, architecture="x86_64")
OTHER = ClusterHost(ARN.format("two"), "i-2", architecture="x86_64", cpu=256, memory=512)
TAKES = definition()
TASK = StoppedTask("arn:task", launch_type="EC2", container_instance=OURS.arn)
BOTH, FULL = ClusterHosts((OURS, OTHER)), FullDisks((OURS.arn,))
VOLUMES = HostVolumes((("/dev/xvda", 30),))
NO_SPACE = recorded(
    "CannotPullContainerError: failed to register layer: write /opt/x: no space left on device"
)


def judged(
    *, where=EC2, said=NO_SPACE, task=TASK, hosts=BOTH, full=FULL, volumes=VOLUMES, takes=TAKES
):
    return decide(where, said, task, hosts, full, volumes, takes)


def planned(*, service=SERVICE, where=EC2, task=TASK, hosts=BOTH, full=FULL, takes=TAKES):
    return plan(SUBJECT, service, where, task, hosts, full, takes)


def asking(containers=(), **more):
    """The task definition with *more* of its own, and with these *containers*."""
    kept = {k: v for k, v in TAKES.raw.items() if k not in ("cpu", "memory")}
    return replace(TAKES, raw={**kept, "containerDefinitions": [*containers], **more})


def test_a_disk_is_full_only_where_ecs_says_so():
    """
    No API tells how full a disk is.
    """
    denied = recorded("CannotPullContainerError: failed to resolve ref h/shop:v1: 403 Forbidden")

    assert isinstance(judged(said=NOTHING_RECORDED), RuledOut)
    assert isinstance(judged(said=denied), RuledOut)


def test_fargate_has_no_host():
    """
    Its storage is another cause.
    """
    assert isinstance(judged(where=Platform("FARGATE")), RuledOut)


def test_a_host_that_is_drained_is_in_nobodys_way():
    """
    ECS places nothing there any more.
    """
    drained = replace(OURS, status="DRAINING")

    found = judged(hosts=ClusterHosts((drained, OTHER)))

    assert isinstance(found, RuledOut)
    assert "DRAINING" == found.proof["status"]


@pytest.mark.parametrize("hosts", [ClusterHosts((OTHER,)), ClusterHosts()])
def test_a_host_that_is_gone_is_in_nobodys_way(hosts):
    """
    Its disk went with it.
    """
    assert "gone" == judged(hosts=hosts).proof["status"]
    assert isinstance(judged(hosts=hosts), RuledOut)
    assert None is planned(hosts=hosts)


@pytest.mark.parametrize("hosts", [BOTH, unknown("ClusterHosts")])
def test_a_drain_that_did_not_last_is_not_verified(hosts):
    """
    After a fix there are no words to judge by: the host has to be out of use.
    """
    after = StoppedTask(container_instance=OURS.arn, settled=True)
    drained = ClusterHosts((replace(OURS, status="DRAINING"), OTHER))

    assert isinstance(judged(task=after, said=NOTHING_RECORDED, hosts=hosts), Undecided)
    forgotten = replace(after, container_instance=None)
    assert isinstance(judged(task=forgotten, said=NOTHING_RECORDED, hosts=hosts), Undecided)
    assert isinstance(judged(task=after, said=NOTHING_RECORDED, hosts=drained), RuledOut)


def test_our_own_host_is_no_other_one():
    """
    Not even where the hosts of the cluster may not be listed.
    """
    both = FullDisks((OURS.arn, OTHER.arn))

    assert ["two"] == judged(hosts=unknown("ClusterHosts"), full=both).proof["others"]
    assert [] == judged(hosts=unknown("ClusterHosts")).proof["others"]


def test_a_full_host_beside_one_with_room():
    """
    Which host it is, what is known of its disk, and how many others there are.
    """
    found = judged()

    assert isinstance(found, Confirmed)
    assert ("one", "i-1", 3, ["/dev/xvda 30 GiB"], [], 1, True) == tuple(
        found.proof[k]
        for k in ("host", "instance", "tasks", "volumes", "others", "spare", "drains")
    )


@pytest.mark.parametrize(
    "hosts",
    [
        ClusterHosts((OURS,)),
        ClusterHosts((OURS, replace(OTHER, connected=False))),
        ClusterHosts((OURS, replace(OTHER, status="DRAINING"))),
        ClusterHosts((OURS, replace(OTHER, cpu=255))),
        ClusterHosts((OURS, replace(OTHER, memory=511))),
        ClusterHosts((OURS, replace(OTHER, memory=None))),
        ClusterHosts((OURS, replace(OTHER, architecture="arm64"))),
        ClusterHosts((OURS, replace(OTHER, system="windows"))),
        ClusterHosts((replace(OURS, architecture=None), replace(OTHER, architecture=None))),
    ],
)
def test_a_host_is_not_drained_where_nothing_takes_its_tasks(hosts):
    """
    No other one; one that is away, given up or too small, or that runs other images, or may.
    """
    found = judged(hosts=hosts)

    assert (0, False) == (found.proof["spare"], found.proof["drains"])
    assert None is planned(hosts=hosts)


def test_an_agent_that_cannot_pull_takes_nothing():
    """
    Room is of no use on a host whose agent is too old for the task.
    """
    pull = "ecs.capability.execution-role-ecr-pull"
    takes = asking(cpu="256", memory="512", requiresAttributes=[{"name": pull}])
    able = ClusterHosts((OURS, replace(OTHER, capabilities=(pull,))))

    assert None is planned(takes=takes)
    assert 1 == judged(takes=takes, hosts=able).proof["spare"]


@pytest.mark.parametrize(
    ("takes", "spare"),
    [
        (asking([{"cpu": 128, "memory": 256}, {"memory": 256}]), 1),
        (asking([{"memory": 900, "memoryReservation": 512}]), 1),
        (asking([{"cpu": 256, "memory": 500}, {"memoryReservation": 13}]), 0),
        (asking(cpu=".5 vCPU", memory="512"), 0),
    ],
)
def test_what_a_task_takes_is_what_its_containers_reserve(takes, spare):
    """
    Where it reserves nothing as a whole; what cannot be read is not little.
    """
    assert spare == judged(takes=takes).proof["spare"]


def test_a_disk_that_is_full_everywhere():
    """
    Draining moves tasks to where they fail as well.
    """
    everywhere = FullDisks((OURS.arn, OTHER.arn))
    found = judged(full=everywhere)

    assert (["two"], 0, False) == tuple(found.proof[k] for k in ("others", "spare", "drains"))
    assert None is planned(full=everywhere)


def test_what_is_not_known_of_hosts_plans_nothing():
    """
    ECS's words stand; nobody may list hosts.
    """
    blind = unknown("ClusterHosts")
    found = judged(task=unknown("StoppedTask"), hosts=blind, full=blind, volumes=blind, takes=blind)

    assert isinstance(found, Confirmed)
    assert (None, [], [], 0, False) == tuple(
        found.proof[k] for k in ("host", "volumes", "others", "spare", "drains")
    )
    assert () == advise(unknown("StoppedTask"), blind)


def test_hosts_that_aws_looks_after_are_not_drained():
    """
    A Managed Instance is replaced by whoever manages it.
    """
    managed = Platform("MANAGED_INSTANCES")

    assert not judged(where=managed).proof["drains"]
    assert None is planned(where=managed)


def test_a_host_is_drained_and_the_service_tries_again():
    """
    Drained first; taken back by making it active again. A standalone task waits for its owner.
    """
    drain, again = planned().steps

    assert ("container-instance-status", {"status": "ACTIVE"}, {"status": "DRAINING"}) == (
        drain.kind, drain.before, drain.after
    )  # fmt: skip
    named = {"cluster": "main", "containerInstances": [OURS.arn]}
    assert ({**named, "status": "DRAINING"}, {**named, "status": "ACTIVE"}) == (
        drain.do.params, drain.undo.params
    )  # fmt: skip
    assert "service-deployment" == again.kind
    assert ["container-instance-status"] == [s.kind for s in planned(service=NO_SERVICE).steps]


@pytest.mark.parametrize(("tasks", "said"), [(1, "`1` task runs"), (3, "`3` tasks run")])
def test_one_is_not_several(tasks, said):
    """
    Of tasks, and of hosts.
    """
    third = replace(OTHER, arn=ARN.format("three"))
    several = (OTHER, third) if tasks > 1 else (OTHER,)
    proof = judged(hosts=ClusterHosts((replace(OURS, tasks=tasks), *several))).proof

    assert said in words.cause(CAUSE, "risk", "en", proof)
    hosts = "`2` other hosts have" if tasks > 1 else "`1` other host has"
    assert hosts in words.cause(CAUSE, "next", "en", proof)


def test_tasks_that_run_there_make_it_a_risk():
    """
    They may be other services', and may stop before others run.
    """
    idle = ClusterHosts((replace(OURS, tasks=0), OTHER))

    assert ("high", "medium") == (planned().risk, planned(hosts=idle).risk)


def test_plan_makes_the_verdict_ruled_out():
    """
    What the plan leaves behind takes no task.
    """
    after = replace(OURS, status=planned().steps[0].after["status"])

    assert isinstance(judged(hosts=ClusterHosts((after, OTHER))), RuledOut)
    assert None is planned(hosts=ClusterHosts((after, OTHER)))


def test_advice_names_the_volumes():
    """
    A person makes them larger.
    """
    calls = advise(TASK, BOTH)

    assert ["describe_volumes", "modify_volume"] == [c.operation for c in calls]
    assert [["i-1"]] == [f["Values"] for f in calls[0].params["Filters"]]
    assert () == advise(TASK, ClusterHosts((replace(OURS, instance="mi-1"),)))
