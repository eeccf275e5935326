from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.causes.registry.registry_secret_unreadable import CAUSE, READ, advise, decide
from bot.facts import ExecutionRolePermissions, Permission, RegistrySecret
from bot.model import Confirmed, RuledOut, Undecided
from tests.causes.facts import (
    ACCOUNT,
    GHCR,
    GONE,
    NOTHING_RECORDED,
    REGION,
    REGISTRY,
    ROLE,
    SUBJECT,
    recorded,
    unknown,
    well_worded,
)

ARN = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:ghcr-AbCdEf"
SECRET = RegistrySecret(ARN, ARN, exists=True)
UNREAD = unknown("ExecutionRolePermissions")


def may(decision="allowed", by="identity", arn=ARN):
    return ExecutionRolePermissions((Permission(READ, arn, decision, by),))


BECAUSE = f"because no identity-based policy allows the {READ} action"


def refused(arn=ARN, because=BECAUSE):
    """A refusal of one secret that ECS recorded."""
    return recorded(
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource "
        "retrieval failed: unable to retrieve registry auth from asm: service call has been "
        f"retried 1 time(s): failed to fetch secret {arn} from secrets manager: "
        f"AccessDeniedException: User: arn:aws:sts::{ACCOUNT}:assumed-role/shop-execution/0123 is "
        f"not authorized to perform: {READ} on resource: {arn} {because}"
    )


def judged(secret=SECRET, role=ROLE, permissions=None, said=NOTHING_RECORDED):
    return decide(SUBJECT, GHCR, secret, role, permissions or may(), said)


def test_no_credentials():
    """
    A container without credentials reads no secret.
    """
    assert isinstance(judged(secret=RegistrySecret(None)), RuledOut)
    assert () == advise(RegistrySecret(None), ROLE)


def test_secret_that_may_be_read():
    """
    A secret that is there and that the role may read is not the fault.
    """
    assert isinstance(judged(), RuledOut)
    assert isinstance(judged(said=refused()), RuledOut)


@pytest.mark.parametrize(
    "because", ["", f"because no resource-based policy allows the {READ} action"]
)
def test_a_refusal_that_the_role_does_not_explain_leaves_it_open(because):
    """
    The role may, so the secret's own policy may refuse, which is not read.
    """
    verdict = judged(said=refused(because=because))

    assert isinstance(verdict, Undecided)
    assert "RegistrySecret" == verdict.missing[0].fact


def test_no_role_is_another_cause():
    """
    A role that is not there is missing, not refused.
    """
    assert isinstance(judged(role=GONE), RuledOut)


def test_the_secret_may_let_the_role_in():
    """
    In one account the secret's own policy may allow what the role's policies do not.
    """
    assert isinstance(judged(permissions=may("implicit-deny")), Undecided)


def test_unknown_permissions_leave_it_open():
    """
    What neither IAM nor ECS told is not decided.
    """
    role = unknown("ExecutionRole")

    assert Undecided((UNREAD,)) == judged(permissions=UNREAD)
    assert Undecided((role,)) == judged(role=role)
    assert isinstance(judged(permissions=may("undecided", None)), Undecided)


def test_the_refusal_of_another_secret_proves_nothing():
    """
    ECS may have recorded the refusal of a secret of the application.
    """
    other = refused(ARN.replace("ghcr", "database"))

    assert Undecided((UNREAD,)) == judged(permissions=UNREAD, said=other)
    assert isinstance(judged(permissions=may("implicit-deny"), said=other), Undecided)


@pytest.mark.parametrize(("written", "kind"), [(ARN, "missing"), ("ghcr", "bare")])
def test_missing_secret(written, kind):
    """
    The secret is not there; a bare name is looked for in this Region and account only.
    """
    secret = RegistrySecret(written)
    for role in (ROLE, unknown("ExecutionRole")):
        verdict = judged(secret=secret, role=role)

        assert isinstance(verdict, Confirmed)
        assert kind == verdict.proof["kind"]
        assert well_worded(CAUSE, verdict)
    assert ["list_secrets"] == [c.operation for c in advise(secret, ROLE)]


def test_deleted_secret():
    """
    A secret that waits for its deletion cannot be read, but restored.
    """
    deleted = replace(SECRET, deleted_at=datetime(2026, 1, 31, tzinfo=UTC))
    verdict = judged(secret=deleted)

    assert isinstance(verdict, Confirmed)
    assert ("deleted", "2026-01-31") == (verdict.proof["kind"], verdict.proof["since"])
    assert well_worded(CAUSE, verdict)
    assert ["restore_secret"] == [c.operation for c in advise(deleted, ROLE)]


def test_role_that_may_not_read_it():
    """
    The refusal that ECS recorded confirms, with what IAM says or without it.
    """
    for known in (may("implicit-deny"), UNREAD):
        verdict = judged(permissions=known, said=refused())

        assert isinstance(verdict, Confirmed)
        assert "denied" == verdict.proof["kind"]
        assert well_worded(CAUSE, verdict)
    assert "put_role_policy" == advise(SECRET, ROLE)[0].operation


def test_secret_of_another_account():
    """
    Across accounts the role's own policies must allow it, whatever the secret's policy says.
    """
    foreign = ARN.replace(ACCOUNT, REGISTRY)
    secret = RegistrySecret(foreign, foreign, exists=True)

    assert isinstance(
        judged(secret=secret, permissions=may("implicit-deny", arn=foreign)), Confirmed
    )


@pytest.mark.parametrize(
    ("decision", "by"), [("explicit-deny", "identity"), ("implicit-deny", "scp")]
)
def test_refused_by_somebody_else(decision, by):
    """
    Against a Deny or the organization, allowing the role more does not help.
    """
    verdict = judged(permissions=may(decision, by))

    assert isinstance(verdict, Confirmed)
    assert "stopped" == verdict.proof["kind"]
    assert well_worded(CAUSE, verdict)
