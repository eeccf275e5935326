from dataclasses import replace

from bot.causes.role.permission_on_task_role import CAUSE, decide
from bot.facts import Choice, TaskRole
from bot.model import Confirmed, RuledOut, Undecided
from bot.pulling import LOGIN
from tests.causes.facts import (
    BARE,
    EC2,
    FARGATE,
    GONE,
    HUB,
    IMAGE,
    NO_POLICY,
    NOTHING_RECORDED,
    READ,
    ROLE,
    SERVICE,
    SUBJECT,
    TASK_ROLE,
    permissions,
    pulls,
    refusal,
    task_permissions,
    unknown,
    well_worded,
)

LACKING = permissions(LOGIN, *READ)
ALLOWED = task_permissions()
UNREAD = unknown("ExecutionRolePermissions")


def judged(
    image=IMAGE,
    role=ROLE,
    other=TASK_ROLE,
    platform=FARGATE,
    permissions=LACKING,
    misplaced=ALLOWED,
    said=NOTHING_RECORDED,
):
    return decide(
        image, role, other, pulls(platform, role, said), permissions, misplaced, NO_POLICY, said
    )


def test_both_roles_may_pull():
    """
    A task role that may pull is no fault where the execution role may, too.
    """
    assert isinstance(judged(permissions=permissions()), RuledOut)


def test_neither_role_may_pull():
    """
    Where no role has the permission, it was not misplaced.
    """
    assert isinstance(judged(misplaced=task_permissions(LOGIN, *READ)), RuledOut)
    assert isinstance(judged(misplaced=task_permissions(LOGIN)), RuledOut)


def test_no_task_role():
    """
    A task without a task role has nothing on it.
    """
    assert isinstance(judged(other=TaskRole(None)), RuledOut)
    assert isinstance(judged(other=replace(TASK_ROLE, exists=False)), RuledOut)


def test_no_execution_role_is_another_cause():
    """
    A role that is not there lacks nothing.
    """
    assert isinstance(judged(role=GONE), RuledOut)


def test_one_role_for_both():
    """
    Where both are one role, nothing can be on the wrong one.
    """
    assert isinstance(judged(other=TaskRole(ROLE.arn, ROLE.name, exists=True)), RuledOut)


def test_image_of_another_registry():
    """
    Docker Hub asks no AWS role.
    """
    assert isinstance(judged(image=HUB), RuledOut)


def test_the_instance_role_pulls_on_ec2():
    """
    Where the host's role pulled, neither of the two matters.
    """
    assert isinstance(judged(platform=EC2, said=refusal(LOGIN, role="host")), RuledOut)


def test_unknown_permissions_leave_it_open():
    """
    What IAM does not tell of one of the roles is not decided.
    """
    open_ = task_permissions(LOGIN, decision="undecided")

    assert Undecided((UNREAD,)) == judged(permissions=UNREAD)
    assert isinstance(judged(misplaced=open_), Undecided)


def test_permission_on_the_wrong_role():
    """
    The task role has just what the execution role lacks.
    """
    verdict = judged()

    assert isinstance(verdict, Confirmed)
    assert ("shop-execution", "shop-task") == (verdict.proof["role"], verdict.proof["task_role"])
    assert [LOGIN, *READ[:2]] == verdict.proof["actions"]
    assert well_worded(CAUSE, verdict)


def test_plan_makes_the_verdict_ruled_out():
    """
    The execution role gets the permission; the task role is left alone.
    """
    steps = CAUSE.plan(SUBJECT, SERVICE, ROLE, IMAGE, BARE, Choice()).steps

    assert {ROLE.arn, SERVICE.arn} == {s.resource for s in steps}
    assert steps[0].undo is not None
    assert isinstance(judged(permissions=permissions()), RuledOut)
