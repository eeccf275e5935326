from dataclasses import replace

import pytest

from bot.causes.secret.execution_role_lacks_secret_read import CAUSE, advise, decide, plan
from bot.facts import SecretPermissions, SecretPolicies, WantedSecrets
from bot.model import Confirmed, RuledOut, Undecided
from bot.secret.remedies import POLICY
from tests.cases.healthy import ACCOUNT, ROLE
from tests.causes.facts import BARE, NOTHING_RECORDED, SERVICE, SUBJECT, unknown, well_worded
from tests.causes.facts_secret import (
    EXECUTION,
    FOREIGN,
    OTHER,
    SECRET,
    asks,
    by_ecs,
    granted,
    may,
    own_policy,
    refusal,
    secret,
    secrets,
)

READ = "secretsmanager:GetSecretValue"
REFUSED = by_ecs(refusal(READ, SECRET))
UNREAD = unknown("SecretPermissions")


def judged(
    asked=None, found=None, allowed=None, policies=None, said=NOTHING_RECORDED, role=EXECUTION
):
    return decide(
        SUBJECT, role, asked or asks(SECRET), found or secrets(), allowed or may("implicit-deny"),
        policies or own_policy(None), said,
    )  # fmt: skip


def test_a_task_without_secrets():
    """
    Who asks for nothing lacks nothing, whatever is unknown.
    """
    verdict = judged(asked=WantedSecrets(), found=unknown("DescribedSecrets"), allowed=UNREAD)

    assert isinstance(verdict, RuledOut)
    assert () == advise(EXECUTION, WantedSecrets())


def test_a_secret_that_may_be_read():
    """
    An allowed secret is not refused; what ECS recorded before does not count against IAM.
    """
    assert isinstance(judged(allowed=may()), RuledOut)
    assert isinstance(judged(allowed=may(), said=REFUSED), RuledOut)


def test_what_is_not_there_is_another_cause():
    """
    A missing secret, or role, is missing and not refused.
    """
    gone = replace(secret(), exists=False, arn=None)

    assert isinstance(judged(found=secrets(gone)), RuledOut)
    assert isinstance(judged(role=replace(EXECUTION, exists=False)), RuledOut)


def test_the_secret_itself_may_let_the_role_in():
    """
    In one account the secret's policy suffices; one for everybody's account does not.
    """
    assert isinstance(judged(policies=own_policy(ROLE)), RuledOut)
    assert isinstance(judged(policies=own_policy(f"arn:aws:iam::{ACCOUNT}:root")), Confirmed)


@pytest.mark.parametrize("policies", [SecretPolicies(), unknown("SecretPolicies")], ids=str)
def test_an_unread_policy_leaves_it_open(policies):
    """
    The secret's own policy may allow it, unless ECS recorded the refusal.
    """
    assert isinstance(judged(policies=policies), Undecided)
    assert isinstance(judged(policies=policies, said=REFUSED), Confirmed)


def test_a_refusal_that_the_role_does_not_explain_leaves_it_open():
    """
    ECS recorded it, the role may, and whether the secret's own policy refuses nobody saw.
    """
    denied = unknown("SecretPolicies")
    bare = by_ecs(refusal(READ, SECRET).partition(" because")[0])

    assert isinstance(judged(allowed=may(), policies=denied), RuledOut)
    assert isinstance(judged(allowed=may(), policies=denied, said=REFUSED), RuledOut)
    assert Undecided((denied,)) == judged(allowed=may(), policies=denied, said=bare)


def test_a_secret_that_was_not_described_leaves_it_open():
    """
    It is named by the grant that would tell its ARN and its policy, not by what follows from it.
    """
    denied = unknown("DescribedSecrets")
    nothing = SecretPermissions()

    assert Undecided((denied,)) == judged(found=denied, allowed=nothing, policies=SecretPolicies())
    assert Undecided((denied,)) == judged(found=denied, policies=SecretPolicies())


def test_unknown_permissions_leave_it_open():
    """
    What neither IAM nor ECS told is not decided; a refusal of another secret tells nothing.
    """
    other = by_ecs(refusal(READ, FOREIGN), FOREIGN)

    assert Undecided((UNREAD,)) == judged(allowed=UNREAD)
    assert Undecided((UNREAD,)) == judged(allowed=UNREAD, said=other)
    assert isinstance(judged(allowed=may("undecided", by=None)), Undecided)


def test_a_role_that_lacks_it():
    """
    By IAM, or by what ECS recorded, and without a look at the secret.
    """
    for verdict in (
        judged(),
        judged(allowed=UNREAD, said=REFUSED),
        judged(found=unknown("DescribedSecrets"), said=REFUSED),
    ):
        assert isinstance(verdict, Confirmed)
        assert "denied" == verdict.proof["kind"]
        assert well_worded(CAUSE, verdict)


def test_a_secret_of_another_account():
    """
    Across accounts the role's own policies have to allow it, whatever the owner says.
    """
    verdict = judged(
        asks(FOREIGN),
        secrets(secret(FOREIGN)),
        may("implicit-deny", FOREIGN),
        own_policy(ROLE, FOREIGN),
    )

    assert isinstance(verdict, Confirmed)
    assert OTHER == verdict.proof["account"]


@pytest.mark.parametrize(
    ("decision", "by"), [("explicit-deny", "identity"), ("implicit-deny", "boundary")]
)
def test_refused_by_somebody_else(decision, by):
    """
    Against a Deny or a boundary no grant helps, and none is planned.
    """
    verdict = judged(allowed=may(decision, by=by))

    assert "stopped" == verdict.proof["kind"]
    assert well_worded(CAUSE, verdict)
    assert planned(allowed=may(decision, by=by)) is None


def test_the_secret_itself_may_shut_the_role_out():
    """
    A Deny of the secret's own policy beats whatever the role may, and no grant is planned.
    """
    shut = own_policy(ROLE, effect="Deny")

    recorded = by_ecs(
        refusal(READ, SECRET).replace(
            "because no identity-based policy allows",
            "with an explicit deny in a resource-based policy:",
        )
    )
    told = judged(allowed=may(), policies=unknown("SecretPolicies"), said=recorded)
    assert "own-policy" == told.proof["kind"]

    for allowed in (may(), may("implicit-deny")):
        verdict = judged(allowed=allowed, policies=shut)

        assert "own-policy" == verdict.proof["kind"]
        assert well_worded(CAUSE, verdict)
        assert planned(allowed=allowed, policies=shut) is None


def planned(asked=None, found=None, allowed=None, attached=BARE, policies=None):
    return plan(
        SUBJECT, SERVICE, EXECUTION, attached, asked or asks(SECRET), found or secrets(),
        allowed or may("implicit-deny"), policies or own_policy(None), NOTHING_RECORDED,
    )  # fmt: skip


def test_plan_grants_exactly_the_secrets_that_are_closed():
    """
    One statement for the secrets of this task, without their keys; then a new deployment.
    """
    found = planned(asks(f"{SECRET}:user::", f"{SECRET}:password::"))

    assert ["role-inline-policy", "service-deployment"] == [s.kind for s in found.steps]
    assert [(READ, SECRET)] == [(s["Action"], s["Resource"]) for s in granted(found)]
    assert "put_role_policy" == advise(EXECUTION, asks(SECRET))[0].operation


def test_plan_makes_the_verdict_ruled_out():
    """
    What the plan leaves behind is allowed, and planning again changes nothing.
    """
    step = planned().steps[0]

    assert isinstance(judged(allowed=may()), RuledOut)
    assert planned(attached=replace(BARE, inline={POLICY: step.after})) is None
