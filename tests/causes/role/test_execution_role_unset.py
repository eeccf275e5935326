from bot.awscli import unfilled
from bot.causes.role.execution_role_unset import CAUSE, advise, decide
from bot.facts import Container, Platform, SecretReference
from bot.model import Confirmed, RuledOut, Undecided
from tests.causes.facts import (
    EC2,
    FARGATE,
    HUB,
    IMAGE,
    NO_SERVICE,
    ROLE,
    SERVICE,
    UNKNOWN_PLATFORM,
    UNSET,
    definition,
    well_worded,
)

DEFINITION = definition(execution_role=None)
PUBLIC = definition(Container("app", HUB.written), execution_role=None)


def test_role_that_is_set():
    """
    A task definition with an execution role has one, whatever is wrong with it.
    """
    assert isinstance(decide(definition(), ROLE, IMAGE, FARGATE), RuledOut)


def test_public_image_needs_no_role():
    """
    A public image of Docker Hub is pulled without a role.
    """
    assert isinstance(decide(PUBLIC, UNSET, HUB, FARGATE), RuledOut)
    assert isinstance(decide(PUBLIC, UNSET, HUB, UNKNOWN_PLATFORM), RuledOut)


def test_the_instance_role_pulls_on_ec2():
    """
    On EC2 a task without an execution role pulls with the role of the instance.
    """
    assert isinstance(decide(DEFINITION, UNSET, IMAGE, EC2), RuledOut)


def test_unknown_platform_leaves_it_open():
    """
    Without the launch type nobody can say whether the role is needed.
    """
    assert Undecided((UNKNOWN_PLATFORM,)) == decide(DEFINITION, UNSET, IMAGE, UNKNOWN_PLATFORM)


def test_an_ecr_image_needs_a_role():
    """
    Wherever no instance role pulls, an image of ECR needs an execution role.
    """
    for launched in ("FARGATE", "MANAGED_INSTANCES", "EXTERNAL"):
        verdict = decide(DEFINITION, UNSET, IMAGE, Platform(launched))

        assert isinstance(verdict, Confirmed)
        assert ["image"] == verdict.proof["needs"]
        assert well_worded(CAUSE, verdict)


def test_other_needs_of_a_public_image():
    """
    Credentials, secrets and Fargate's log driver need the role as well.
    """
    for more, need in (
        ({"credentials": "hub"}, "credentials"),
        ({"secrets": (SecretReference("KEY", "key"),)}, "secrets"),
        ({"log_driver": "awslogs"}, "logs"),
    ):
        written = definition(Container("app", HUB.written, **more), execution_role=None)
        verdict = decide(written, UNSET, HUB, FARGATE)

        assert isinstance(verdict, Confirmed)
        assert [need] == verdict.proof["needs"]
        assert well_worded(CAUSE, verdict)


def test_logs_elsewhere_need_no_role():
    """
    The host writes the logs where the host is yours.
    """
    logged = definition(Container("app", HUB.written, log_driver="awslogs"), execution_role=None)

    assert isinstance(decide(logged, UNSET, HUB, Platform("EXTERNAL")), RuledOut)


def test_only_a_person_knows_the_role():
    """
    The ready calls leave a place for the role, and deploy only where there is a service.
    """
    calls = advise(DEFINITION, SERVICE)

    assert unfilled(calls[2])
    assert "executionRoleArn" in calls[2].params["cliInputJson"]
    assert "update_service" == calls[-1].operation
    assert "update_service" not in [c.operation for c in advise(DEFINITION, NO_SERVICE)]
