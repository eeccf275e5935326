import json
from dataclasses import replace

import pytest

from bot.causes.role.execution_role_trust_unmet import CAUSE, advise, decide, plan
from bot.causes.role.execution_role_untrusted import decide as untrusted
from bot.model import Confirmed, RuledOut, Undecided
from tests.causes.facts import (
    ACCOUNT,
    GONE,
    NO_SERVICE,
    REGION,
    ROLE,
    SERVICE,
    SUBJECT,
    TRUST,
    UNSET,
    because,
    well_worded,
)

STATEMENT = TRUST["Statement"][0]
HERE = f"arn:aws:ecs:{REGION}:{ACCOUNT}"
UNMET = [
    {"StringEquals": {"aws:SourceAccount": "123456789012"}},
    {"ArnLike": {"aws:SourceArn": f"arn:aws:ecs:us-east-1:{ACCOUNT}:*"}},
    {"ArnLike": {"aws:SourceArn": f"{HERE}:cluster/main"}},
    {"ArnEquals": {"aws:SourceArn": f"{HERE}:task/main/0123456789abcdef"}},
    {"StringEquals": {"aws:SourceArn": f"{HERE}:cluster/main"}},
    {"StringEquals": {"sts:ExternalId": "shop"}},
    {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": "arn:aws:ecs:us-east-1:123456789012:*"},
    },
]


def trusting(*statements, **changes):
    """The role with *changes* in its trust policy, or other statements, that its owner lets us repair."""
    trust = {**TRUST, "Statement": [*statements] or [{**STATEMENT, **changes}]}
    return replace(ROLE, tags={"ecs-pull": "fix"}, trust=trust)


@pytest.mark.parametrize("trust", [TRUST, {"Statement": STATEMENT}])
def test_trust_without_conditions(trust):
    """
    A role that trusts ECS tasks as AWS shows it has no condition to meet.
    """
    assert isinstance(decide(SUBJECT, replace(ROLE, trust=trust)), RuledOut)


def test_conditions_against_a_confused_deputy():
    """
    The conditions that AWS recommends let the right account and Region in.
    """
    condition = {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": f"{HERE}:*"},
    }

    assert isinstance(decide(SUBJECT, trusting(Condition=condition)), RuledOut)


def test_another_statement_lets_ecs_in():
    """
    One Allow whose conditions are met is enough.
    """
    other = {**STATEMENT, "Condition": UNMET[0]}

    assert isinstance(decide(SUBJECT, trusting(other, STATEMENT)), RuledOut)


@pytest.mark.parametrize(
    "role", [UNSET, GONE, trusting(Principal={"Service": "ec2.amazonaws.com"})]
)
def test_no_trust_is_another_cause(role):
    """
    No role, or one that does not name ECS at all, has no condition that ECS could meet.
    """
    assert isinstance(decide(SUBJECT, role), RuledOut)


def test_a_deny_is_another_cause():
    """
    Against a Deny no condition of an Allow helps.
    """
    role = trusting({**STATEMENT, "Condition": UNMET[0]}, {**STATEMENT, "Effect": "Deny"})

    assert isinstance(decide(SUBJECT, role), RuledOut)


def test_unknown_conditions_leave_it_open():
    """
    What nobody told us is not decided, nor what AWS does not say: which task ECS may write there.
    """
    organization = trusting(Condition={"StringEquals": {"aws:SourceOrgID": "o-1"}})
    tasks = trusting(Condition={"ArnLike": {"aws:SourceArn": f"{HERE}:task/*"}})

    assert "aws:SourceOrgID" in because(decide(SUBJECT, organization))
    assert "aws:SourceArn" in because(decide(SUBJECT, tasks))
    assert isinstance(decide(SUBJECT, replace(ROLE, trust=None)), Undecided)


@pytest.mark.parametrize("condition", UNMET)
def test_conditions_that_no_task_of_this_account_meets(condition):
    """
    Another account or Region, a cluster or a task by its name, an id that ECS is not known to send.
    """
    verdict = decide(SUBJECT, trusting(Condition=condition))

    assert isinstance(verdict, Confirmed)
    assert verdict.proof["wanted"] in [list(p.values()) for p in condition.values()]
    assert well_worded(CAUSE, verdict)
    assert isinstance(untrusted(SUBJECT, trusting(Condition=condition)), RuledOut)


@pytest.mark.parametrize("condition", UNMET)
def test_plan_makes_the_verdict_ruled_out(condition):
    """
    What the plan leaves behind lets ECS in and takes nothing away; undo restores what was there.
    """
    role = trusting(Condition=condition, Sid="Theirs")
    step, deploy = plan(SUBJECT, SERVICE, role).steps
    after = replace(role, trust=step.after)

    assert isinstance(decide(SUBJECT, after), RuledOut)
    assert isinstance(untrusted(SUBJECT, after), RuledOut)
    assert role.trust == json.loads(step.undo.params["PolicyDocument"])
    assert all(str(v) in str(step.after) for p in condition.values() for v in p.values())
    assert None is plan(SUBJECT, SERVICE, after)
    assert (step.do,) == advise(SUBJECT, role)
    assert "service-deployment" == deploy.kind


def test_a_role_whose_owner_has_not_agreed_is_left_to_a_person():
    """
    Whom a role trusts is changed only where its tag says so; the ready call is shown.
    """
    role = replace(trusting(Condition=UNMET[0]), tags={})

    assert None is plan(SUBJECT, SERVICE, role)
    assert advise(SUBJECT, role)
    assert well_worded(CAUSE, decide(SUBJECT, role))


def test_a_wrong_account_is_joined_by_the_right_one():
    """
    The smallest change: one value more where it stands.
    """
    (step,) = plan(SUBJECT, NO_SERVICE, trusting(Condition=UNMET[0])).steps

    condition = {"StringEquals": {"aws:SourceAccount": ["123456789012", ACCOUNT]}}
    assert [{**STATEMENT, "Condition": condition}] == step.after["Statement"]


def test_an_external_id_stays_for_others():
    """
    Whoever must send it still must: ECS gets a statement of its own.
    """
    (step,) = plan(SUBJECT, NO_SERVICE, trusting(Condition=UNMET[5])).steps

    assert [{**STATEMENT, "Condition": UNMET[5]}] == step.after["Statement"][:1]
    assert {"aws:SourceArn": f"{HERE}:*"} == step.after["Statement"][1]["Condition"]["ArnLike"]
