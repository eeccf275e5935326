import pytest

from bot.causes.secret.secret_missing import CAUSE, advise, decide, plan
from bot.facts import DescribedSecret, StoppedTask, WantedSecrets
from bot.model import Confirmed, RuledOut, Undecided
from tests.causes.facts import NO_SERVICE, NOTHING_RECORDED, SERVICE, SUBJECT, unknown, well_worded
from tests.causes.facts_secret import (
    FOREIGN,
    OTHER,
    SECRET,
    asks,
    by_ecs,
    secret,
    secrets,
    task,
)

NEW = f"{SECRET[:-6]}GhIjKl"
GONE = secrets(DescribedSecret(SECRET))
ANEW = secrets(DescribedSecret(SECRET, anew=NEW))
NOT_FOUND = "ResourceNotFoundException: Secrets Manager can't find the specified secret."


def judged(asked=None, found=GONE, said=NOTHING_RECORDED, why=""):
    asked = asks(SECRET) if asked is None else asked
    return decide(SUBJECT, asked, found, said, StoppedTask(arn="t", reason=why))


def test_a_task_without_secrets():
    """
    What is not asked for is not missing.
    """
    assert isinstance(judged(WantedSecrets(), unknown("DescribedSecrets")), RuledOut)
    assert isinstance(judged(asks("/prod/url"), unknown("DescribedSecrets")), RuledOut)
    assert () == advise(WantedSecrets())


def test_a_secret_that_is_there():
    """
    Neither one that is there, nor one that waits for its deletion, is missing.
    """
    assert isinstance(judged(found=secrets()), RuledOut)


def test_a_name_that_looks_like_an_arn_is_another_cause():
    """
    The reference is at fault, and not the secret.
    """
    assert isinstance(judged(found=secrets(DescribedSecret(SECRET, whole=NEW, anew=NEW))), RuledOut)


def test_unknown_secrets_leave_it_open():
    """
    What could not be looked at may be there, unless ECS recorded that it is not.
    """
    unseen = unknown("DescribedSecrets")

    assert Undecided((unseen,)) == judged(found=unseen)
    assert Undecided((unseen,)) == judged(
        found=unseen, said=by_ecs(NOT_FOUND, FOREIGN), why=NOT_FOUND
    )
    verdict = judged(found=unseen, said=by_ecs(NOT_FOUND), why=NOT_FOUND)
    assert "recorded" == verdict.proof["kind"]
    assert well_worded(CAUSE, verdict)


@pytest.mark.parametrize("written", [SECRET, f"{SECRET}:password::"])
def test_a_missing_secret(written):
    """
    The account and the Region are those of the ARN.
    """
    verdict = judged(asks(written))

    assert isinstance(verdict, Confirmed)
    assert "missing" == verdict.proof["kind"]
    assert well_worded(CAUSE, verdict)
    assert plan(SERVICE, task(written), asks(written), GONE) is None
    assert ["list_secrets"] == [c.operation for c in advise(asks(written))]


def test_a_missing_secret_of_another_account():
    """
    It is looked for where it belongs.
    """
    verdict = judged(asks(FOREIGN), secrets(DescribedSecret(FOREIGN)))

    assert OTHER == verdict.proof["account"]


def test_a_secret_that_was_made_anew():
    """
    Every reference to the old one is written for the new one, with its key; nothing else changes.
    """
    written = (f"{SECRET}:user::", "/prod/url", f"{SECRET}:password::")
    verdict = judged(asks(*written), ANEW)
    found = plan(SERVICE, task(*written), asks(*written), ANEW)

    assert ("anew", NEW) == (verdict.proof["kind"], verdict.proof["anew"])
    assert well_worded(CAUSE, verdict)
    assert [f"{NEW}:user::", "/prod/url", f"{NEW}:password::"] == [
        s["valueFrom"] for s in found.steps[0].after["containers"]["app"]["secrets"]
    ]


def test_plan_makes_the_verdict_ruled_out():
    """
    The secret that the new revision names is there; without a service nothing runs a revision.
    """
    found = plan(SERVICE, task(SECRET), asks(SECRET), ANEW)
    (value,) = found.steps[0].after["containers"]["app"]["secrets"]

    assert isinstance(judged(asks(value["valueFrom"]), secrets(secret(NEW))), RuledOut)
    assert plan(NO_SERVICE, task(SECRET), asks(SECRET), ANEW) is None


def test_others_are_named():
    """
    Of several missing ones each is named.
    """
    second = f"{SECRET[:-9]}x-AbCdEf"
    found = secrets(DescribedSecret(SECRET), DescribedSecret(second))

    assert [second] == judged(asks(SECRET, second), found).proof["others"]
