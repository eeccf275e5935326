import json
from dataclasses import replace

import pytest

from bot.causes.role.execution_role_untrusted import CAUSE, advise, decide
from bot.model import Confirmed, RuledOut, Undecided
from tests.causes.facts import ACCOUNT, GONE, REGION, ROLE, SUBJECT, TRUST, UNSET, well_worded

STATEMENT = TRUST["Statement"][0]


def trusting(**changes):
    """The role with *changes* in its trust policy."""
    return replace(ROLE, trust={**TRUST, "Statement": [{**STATEMENT, **changes}]})


def test_role_that_trusts_ecs():
    """
    A role that ECS tasks may assume is trusted.
    """
    assert isinstance(decide(SUBJECT, ROLE), RuledOut)


@pytest.mark.parametrize("role", [UNSET, GONE])
def test_no_role_is_another_cause(role):
    """
    A role that is not there trusts nobody, and that is not the fault.
    """
    assert isinstance(decide(SUBJECT, role), RuledOut)


@pytest.mark.parametrize("resource", ["*", "task/*"])
def test_conditions_against_a_confused_deputy(resource):
    """
    The conditions that AWS recommends let the right account and Region in.
    """
    role = trusting(
        Condition={
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
            "ArnLike": {"aws:SourceArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:{resource}"},
        }
    )

    assert isinstance(decide(SUBJECT, role), RuledOut)


def test_unknown_condition_leaves_it_open():
    """
    What depends on a key that nobody told us is not decided.
    """
    assert isinstance(
        decide(SUBJECT, trusting(Condition={"StringEquals": {"aws:SourceOrgID": "o-1"}})), Undecided
    )
    assert isinstance(decide(SUBJECT, replace(ROLE, trust=None)), Undecided)


@pytest.mark.parametrize("service", ["ecs.amazonaws.com", "ec2.amazonaws.com"])
def test_another_service_stands_there(service):
    """
    The usual mistake: the role trusts a service of a similar name.
    """
    verdict = decide(SUBJECT, trusting(Principal={"Service": service}))

    assert isinstance(verdict, Confirmed)
    assert [service] == verdict.proof["trusted"]
    assert well_worded(CAUSE, verdict)


def test_only_people_are_trusted():
    """
    A role for people names no service at all.
    """
    verdict = decide(SUBJECT, trusting(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}))

    assert isinstance(verdict, Confirmed)
    assert well_worded(CAUSE, verdict)


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:SourceAccount": "123456789012"}},
        {"ArnLike": {"aws:SourceArn": f"arn:aws:ecs:us-east-1:{ACCOUNT}:*"}},
        {"StringEquals": {"sts:ExternalId": "shop"}},
    ],
)
def test_conditions_that_this_task_does_not_meet(condition):
    """
    ECS is named, but for another account or Region, or with an id that it never sends.
    """
    verdict = decide(SUBJECT, trusting(Condition=condition))

    assert isinstance(verdict, Confirmed)
    assert verdict.proof["named"]
    assert well_worded(CAUSE, verdict)


def test_a_deny_is_not_outvoted():
    """
    Against an explicit Deny there is no call to make.
    """
    role = replace(ROLE, trust={**TRUST, "Statement": [STATEMENT, {**STATEMENT, "Effect": "Deny"}]})
    verdict = decide(SUBJECT, role)

    assert isinstance(verdict, Confirmed)
    assert verdict.proof["denied"]
    assert well_worded(CAUSE, verdict)
    assert () == advise(SUBJECT, role)


def test_the_ready_call_makes_the_verdict_ruled_out():
    """
    What the call leaves behind is trusted, and every statement is still there.
    """
    role = trusting(Principal={"Service": "ec2.amazonaws.com"})
    after = json.loads(advise(SUBJECT, role)[0].params["PolicyDocument"])

    assert role.trust["Statement"][0] == after["Statement"][0]
    assert isinstance(decide(SUBJECT, replace(role, trust=after)), RuledOut)
