from datetime import timedelta

import pytest

from bot.causes.secret.secret_pending_deletion import CAUSE, advise, decide, plan
from bot.facts import DescribedSecret, DescribedSecrets, Now, WantedSecrets
from bot.model import RuledOut, Undecided
from tests.cases.healthy import WHEN
from tests.causes.facts import SERVICE, unknown, well_worded
from tests.causes.facts_secret import FOREIGN, OTHER, SECRET, asks, secret, secrets

NOW = Now(WHEN)


def deleted(days=5, **more):
    return secrets(secret(deleted_at=WHEN + timedelta(days=days), **more))


def test_what_is_not_deleted():
    """
    Neither nothing, nor a secret that is there, nor one that is not.
    """
    assert isinstance(decide(WantedSecrets(), DescribedSecrets()), RuledOut)
    assert isinstance(decide(asks(SECRET), secrets()), RuledOut)
    assert isinstance(decide(asks(SECRET), secrets(DescribedSecret(SECRET))), RuledOut)
    assert plan(SERVICE, asks(SECRET), secrets(), NOW) is None


def test_an_unseen_secret_leaves_it_open():
    """
    Of a secret that could not be looked at nothing is said.
    """
    unseen = DescribedSecrets(unseen={SECRET: unknown("DescribedSecrets")})

    assert isinstance(decide(asks(SECRET), unseen), Undecided)


@pytest.mark.parametrize("owner", [None, "rds"])
def test_a_secret_that_waits_for_its_deletion(owner):
    """
    It is named with the date; what another service manages is not restored by us.
    """
    verdict = decide(asks(SECRET), deleted(owner=owner))

    assert "2026-02-05" == verdict.proof["since"]
    assert well_worded(CAUSE, verdict)
    assert bool(owner) == (plan(SERVICE, asks(SECRET), deleted(owner=owner), NOW) is None)
    assert ["restore_secret"] == [c.operation for c in advise(asks(SECRET), deleted())]


@pytest.mark.parametrize(("left", "window"), [(29.5, 30), (11, 11), (1, 7), (-3, 30), (0, 30)])
def test_undo_deletes_it_with_the_time_it_had(left, window):
    """
    As many days as were left, as few as AWS takes, and the most where the date is in the past.
    """
    step = plan(SERVICE, asks(SECRET), deleted(left), NOW).steps[0]

    assert {"SecretId": SECRET, "RecoveryWindowInDays": window} == step.undo.params


def test_the_plan_reaches_into_the_account_of_the_secret():
    """
    A secret is restored where it is, once, however often it is asked for; the service redeployed.
    """
    found = secrets(secret(FOREIGN, deleted_at=WHEN))
    steps = plan(SERVICE, asks(f"{FOREIGN}:a::", f"{FOREIGN}:b::"), found, NOW).steps

    assert ["secret-deletion", "service-deployment"] == [s.kind for s in steps]
    assert OTHER == steps[0].account


def test_plan_makes_the_verdict_ruled_out():
    """
    A restored secret has no date of deletion.
    """
    step = plan(SERVICE, asks(SECRET), deleted(), NOW).steps[0]

    assert {"deletion": "none"} == step.after
    assert isinstance(decide(asks(SECRET), secrets()), RuledOut)
