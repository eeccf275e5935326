from dataclasses import replace

import pytest

from bot.causes.secret.execution_role_lacks_parameter_read import CAUSE, advise, decide, plan
from bot.facts import WantedSecrets
from bot.model import Confirmed, RuledOut, Undecided
from tests.causes.facts import BARE, NOTHING_RECORDED, SERVICE, SUBJECT, unknown, well_worded
from tests.causes.facts_secret import (
    EXECUTION,
    PARAMETER,
    asks,
    by_ecs_of_parameters,
    granted,
    may_read_parameter,
    parameters,
    refusal,
)

READ = "ssm:GetParameters"
REFUSED = by_ecs_of_parameters(refusal(READ, PARAMETER))
UNREAD = unknown("SecretPermissions")
CLOSED = may_read_parameter("implicit-deny")


def judged(asked=None, found=None, allowed=CLOSED, said=NOTHING_RECORDED, role=EXECUTION):
    return decide(role, asked or asks("/prod/url"), found or parameters(), allowed, said)


def test_a_task_without_parameters():
    """
    Who asks for nothing lacks nothing, whatever is unknown.
    """
    none = WantedSecrets()

    assert isinstance(judged(none, unknown("DescribedParameters"), UNREAD), RuledOut)
    assert () == advise(EXECUTION, none)


def test_a_parameter_that_may_be_read():
    """
    ECS needs the plural alone.
    """
    assert isinstance(judged(allowed=may_read_parameter("allowed")), RuledOut)


def test_what_is_not_there_is_another_cause():
    """
    A missing parameter, or role, is missing and not refused.
    """
    assert isinstance(judged(found=parameters(exists=False)), RuledOut)
    assert isinstance(judged(role=replace(EXECUTION, exists=False)), RuledOut)


def test_unknown_permissions_leave_it_open():
    """
    What neither IAM nor ECS told is not decided.
    """
    assert Undecided((UNREAD,)) == judged(allowed=UNREAD)
    assert isinstance(judged(allowed=may_read_parameter("undecided")), Undecided)


@pytest.mark.parametrize(
    ("singular", "kind"), [("allowed", "singular"), ("implicit-deny", "denied")]
)
def test_a_role_that_lacks_it(singular, kind):
    """
    The classic is the singular, which ECS does not call.
    """
    verdict = judged(allowed=may_read_parameter("implicit-deny", singular))

    assert isinstance(verdict, Confirmed)
    assert kind == verdict.proof["kind"]
    assert well_worded(CAUSE, verdict)


def test_what_ecs_recorded_confirms():
    """
    Without the role's policies the recorded refusal is enough.
    """
    verdict = judged(allowed=UNREAD, said=REFUSED)

    assert isinstance(verdict, Confirmed)
    assert "recorded" == verdict.proof["how"]
    assert well_worded(CAUSE, verdict)


def test_refused_by_somebody_else():
    """
    Against a Deny no grant helps, and none is planned.
    """
    verdict = judged(allowed=may_read_parameter("explicit-deny"))

    assert "stopped" == verdict.proof["kind"]
    assert well_worded(CAUSE, verdict)
    assert planned(may_read_parameter("explicit-deny")) is None


def planned(allowed=CLOSED):
    return plan(
        SUBJECT,
        SERVICE,
        EXECUTION,
        BARE,
        asks("/prod/url"),
        parameters(),
        allowed,
        NOTHING_RECORDED,
    )


def test_plan_makes_the_verdict_ruled_out():
    """
    Exactly this parameter is granted, by the action that ECS calls.
    """
    found = planned()

    assert ["role-inline-policy", "service-deployment"] == [s.kind for s in found.steps]
    assert [(READ, PARAMETER)] == [(s["Action"], s["Resource"]) for s in granted(found)]
    assert isinstance(judged(allowed=may_read_parameter("allowed")), RuledOut)
    assert "put_role_policy" == advise(EXECUTION, asks("/prod/url"))[0].operation
