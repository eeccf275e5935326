import pytest

from bot.causes.secret.secret_version_missing import CAUSE, advise, decide
from bot.facts import DescribedSecret, DescribedSecrets, StoppedTask, WantedSecrets
from bot.model import Confirmed, RuledOut, Undecided
from tests.cases.healthy import WHEN
from tests.causes.facts import NOTHING_RECORDED, unknown, well_worded
from tests.causes.facts_secret import FOREIGN, SECRET, asks, by_ecs, secret, secrets

NO_TASK = StoppedTask()
PENDING = {"v1": ("AWSPENDING",), "v2": ("AWSPREVIOUS",)}
NO_VALUE = "ResourceNotFoundException: Secrets Manager can't find the specified secret value for {}"


def judged(written=SECRET, found=None, said=NOTHING_RECORDED, why=""):
    task = StoppedTask(arn="t", reason=why)
    return decide(asks(written), found or secrets(), said, task)


@pytest.mark.parametrize(
    "written", [SECRET, f"{SECRET}:key::", f"{SECRET}::AWSCURRENT:", f"{SECRET}:::v1"]
)
def test_a_version_that_is_there(written):
    """
    The current one, or the one asked for by stage or id.
    """
    assert isinstance(judged(written), RuledOut)
    assert () == advise(asks(written), secrets())


def test_what_is_another_cause():
    """
    No secret, one that is missing or deleted, and two ways to name a version.
    """
    assert isinstance(
        decide(WantedSecrets(), DescribedSecrets(), NOTHING_RECORDED, NO_TASK), RuledOut
    )
    assert isinstance(judged(found=secrets(DescribedSecret(SECRET))), RuledOut)
    assert isinstance(judged(found=secrets(secret(versions={}, deleted_at=WHEN))), RuledOut)
    assert isinstance(judged(f"{SECRET}::AWSPENDING:v1"), RuledOut)


def test_an_unseen_secret_leaves_it_open():
    """
    Of a secret that could not be looked at nothing is said.
    """
    unseen = DescribedSecrets(unseen={SECRET: unknown("DescribedSecrets")})

    assert isinstance(judged(found=unseen), Undecided)


def test_a_version_without_a_stage_may_be_there():
    """
    Secrets Manager lists no deprecated version; what ECS recorded tells.
    """
    old = f"{SECRET}:::v0"

    assert isinstance(judged(old), Undecided)
    why = NO_VALUE.format("VersionId: v0")
    assert isinstance(judged(old, said=by_ecs(why, FOREIGN), why=why), Undecided)
    verdict = judged(old, said=by_ecs(why), why=why)
    assert "version" == verdict.proof["kind"]
    assert well_worded(CAUSE, verdict)


@pytest.mark.parametrize(
    ("written", "versions", "kind", "operation"),
    [
        (SECRET, {}, "empty", "put_secret_value"),
        (SECRET, PENDING, "stage", "list_secret_version_ids"),
        (f"{SECRET}::AWSOLD:", {"v1": ("AWSCURRENT",)}, "stage", "list_secret_version_ids"),
    ],
)
def test_a_missing_version(written, versions, kind, operation):
    """
    A secret without any value, or without the stage that is asked for.
    """
    found = secrets(secret(versions=versions))
    verdict = judged(written, found)

    assert isinstance(verdict, Confirmed)
    assert kind == verdict.proof["kind"]
    assert well_worded(CAUSE, verdict)
    assert operation == advise(asks(written), found)[0].operation
