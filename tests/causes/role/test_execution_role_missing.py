from dataclasses import replace

from bot.causes.role.execution_role_missing import CAUSE, advise, decide
from bot.model import Confirmed, RuledOut
from tests.causes.facts import (
    GONE,
    REGISTRY,
    ROLE,
    ROLE_ARN,
    SERVICE,
    SUBJECT,
    UNSET,
    definition,
    well_worded,
)


def test_role_that_is_there():
    """
    A role that IAM finds under its whole ARN is not missing.
    """
    assert isinstance(decide(SUBJECT, definition(), ROLE), RuledOut)


def test_role_that_is_not_set():
    """
    No role at all is another cause.
    """
    assert isinstance(decide(SUBJECT, definition(execution_role=None), UNSET), RuledOut)


def test_role_written_by_its_name():
    """
    ECS takes the bare name of a role, too.
    """
    assert isinstance(decide(SUBJECT, definition(execution_role="shop-execution"), ROLE), RuledOut)


def test_deleted_role():
    """
    The role is gone, and the proof says where it was looked for.
    """
    verdict = decide(SUBJECT, definition(), GONE)

    assert isinstance(verdict, Confirmed)
    assert ("gone", "shop-execution") == (verdict.proof["why"], verdict.proof["role"])
    assert well_worded(CAUSE, verdict)


def test_role_of_another_account():
    """
    A role of another account does not help a task of this one.
    """
    foreign = f"arn:aws:iam::{REGISTRY}:role/shop-execution"
    missing = replace(GONE, arn=foreign)
    verdict = decide(SUBJECT, definition(execution_role=foreign), missing)

    assert isinstance(verdict, Confirmed)
    assert "account" == verdict.proof["why"]
    assert well_worded(CAUSE, verdict)


def test_role_with_another_path():
    """
    The name is right and the path was left out: IAM finds the role, ECS does not.
    """
    nested = replace(ROLE, arn=ROLE_ARN.replace("role/", "role/ecs/"))
    verdict = decide(SUBJECT, definition(), nested)

    assert isinstance(verdict, Confirmed)
    assert "path" == verdict.proof["why"]
    assert well_worded(CAUSE, verdict)


def test_only_a_person_knows_the_role():
    """
    The bot creates no role; the ready calls leave a place for its ARN.
    """
    operations = [c.operation for c in advise(definition(), SERVICE)]

    assert [
        "get_role", "describe_task_definition", "register_task_definition", "update_service",
    ] == operations  # fmt: skip
