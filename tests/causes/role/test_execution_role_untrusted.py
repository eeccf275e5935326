import json
from dataclasses import replace

import pytest

from bot.causes.role.execution_role_untrusted import CAUSE, advise, decide, plan
from bot.model import Confirmed, RuledOut, Undecided
from tests.causes.facts import (
    ACCOUNT,
    GONE,
    REGION,
    ROLE,
    SERVICE,
    SUBJECT,
    TRUST,
    UNSET,
    well_worded,
)

STATEMENT = TRUST["Statement"][0]


def trusting(**changes):
    """The role with *changes* in its trust policy, which its owner lets us repair."""
    return replace(
        ROLE, tags={"ecs-pull": "fix"}, trust={**TRUST, "Statement": [{**STATEMENT, **changes}]}
    )


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


def test_an_unread_trust_leaves_it_open():
    """
    A trust policy that nobody read, or that cannot be read in full, is not decided.
    """
    assert isinstance(decide(SUBJECT, replace(ROLE, trust=None)), Undecided)
    assert isinstance(decide(SUBJECT, trusting(Unheard="of")), Undecided)


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:SourceOrgID": "o-1"}},
        {"StringEquals": {"aws:SourceAccount": "123456789012"}},
        {"StringEquals": {"sts:ExternalId": "shop"}},
    ],
)
def test_trust_under_conditions_is_another_cause(condition):
    """
    A role that names ECS trusts it; whether its conditions are met is the other question.
    """
    assert isinstance(decide(SUBJECT, trusting(Condition=condition)), RuledOut)


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
    assert None is plan(SUBJECT, SERVICE, role)


def test_the_ready_call_makes_the_verdict_ruled_out():
    """
    What the call leaves behind is trusted, and every statement is still there.
    """
    role = trusting(Principal={"Service": "ec2.amazonaws.com"})
    after = json.loads(advise(SUBJECT, role)[0].params["PolicyDocument"])

    assert role.trust["Statement"][0] == after["Statement"][0]
    assert isinstance(decide(SUBJECT, replace(role, trust=after)), RuledOut)


def test_plan_makes_the_verdict_ruled_out():
    """
    One statement for ECS tasks of this account and Region is added, undo restores what was there.
    """
    role = trusting(Principal={"Service": "ec2.amazonaws.com"})
    step, deploy = plan(SUBJECT, SERVICE, role).steps

    assert ("role-trust-policy", role.trust) == (step.kind, step.before)
    assert role.trust == json.loads(step.undo.params["PolicyDocument"])
    assert {"aws:SourceAccount": ACCOUNT} == step.after["Statement"][1]["Condition"]["StringEquals"]
    assert isinstance(decide(SUBJECT, replace(role, trust=step.after)), RuledOut)
    assert "service-deployment" == deploy.kind
    assert None is plan(SUBJECT, SERVICE, replace(role, trust=step.after))


def test_a_role_whose_owner_has_not_agreed_is_left_to_a_person():
    """
    Whom a role trusts is changed only where its tag says so; the ready call is shown.
    """
    role = trusting(Principal={"Service": "ec2.amazonaws.com"})
    for tags in (None, {}, {"ecs-pull": "no"}):
        untagged = replace(role, tags=tags)

        assert None is plan(SUBJECT, SERVICE, untagged)
        assert advise(SUBJECT, untagged)
        assert well_worded(CAUSE, decide(SUBJECT, untagged))


def test_a_trust_policy_that_is_full_is_left_to_a_person():
    """
    IAM takes 2,048 characters of it; then only the ready call is shown.
    """
    many = [f"arn:aws:iam::{ACCOUNT}:role/{n}-{'x' * 60}" for n in range(20)]
    role = trusting(Principal={"AWS": many})

    assert None is plan(SUBJECT, SERVICE, role)
    assert advise(SUBJECT, role)
