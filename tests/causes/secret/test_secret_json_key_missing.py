from bot.causes.secret.secret_json_key_missing import CAUSE, advise, decide
from bot.facts import Recorded, StoppedTask, WantedSecrets
from bot.model import Confirmed, RuledOut, Undecided
from bot.symptom import parse
from tests.causes.facts import NOTHING_RECORDED, unknown, well_worded
from tests.causes.facts_secret import FOREIGN, SECRET, asks, by_ecs, task

NO_KEY = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource "
    "retrieval failed: unable to retrieve secret from asm: service call has been retried 1 "
    "time(s): retrieved secret from Secrets Manager did not contain json key login_key"
)
ASKED = asks(f"{SECRET}:login_key::", f"{SECRET}:other::")


def judged(asked=ASKED, said=NO_KEY, task=None):
    recorded = Recorded(parse(said)) if isinstance(said, str) else said
    return decide(asked, recorded, task or StoppedTask())


def test_without_a_key_there_is_none_to_miss():
    """
    Neither a whole secret nor a parameter has a key.
    """
    for asked in (WantedSecrets(), asks(SECRET), asks("/prod/url")):
        assert isinstance(judged(asked), RuledOut)
        assert () == advise(task(), asked)


def test_nothing_recorded_confirms_nothing():
    """
    A value is never read, so without a record of ECS nobody knows.
    """
    assert isinstance(judged(said=NOTHING_RECORDED), RuledOut)
    assert isinstance(judged(said=unknown("Recorded")), Undecided)


def test_a_key_that_the_revision_does_not_ask_for_any_more():
    """
    What ECS recorded of an older revision says nothing about this one.
    """
    assert isinstance(judged(asks(f"{SECRET}:other::")), RuledOut)


def test_a_missing_key():
    """
    ECS names the key, and the task definition tells which secret it is asked of.
    """
    for verdict in (judged(), judged(task=unknown("StoppedTask"))):
        assert isinstance(verdict, Confirmed)
        assert ("no-key", "login_key") == (verdict.proof["kind"], verdict.proof["key"])
        assert well_worded(CAUSE, verdict)
    assert "register_task_definition" == advise(task(), ASKED)[1].operation


def test_a_key_named_beyond_the_excerpt():
    """
    The words of the task itself are read to their end.
    """
    stopped = StoppedTask(arn="t", reason=NO_KEY.replace("time(s):", "time(s):" + " " * 300))

    assert isinstance(judged(task=stopped), Confirmed)


def test_a_value_that_is_no_json():
    """
    The unmarshalling of Go fails; only with the secret named it is told which.
    """
    why = "invalid character 'h' looking for beginning of value"
    stopped = StoppedTask(arn="t", reason=why)
    verdict = judged(said=by_ecs(why), task=stopped)

    assert "not-json" == verdict.proof["kind"]
    assert well_worded(CAUSE, verdict)
    assert isinstance(judged(said=by_ecs(why, FOREIGN), task=stopped), RuledOut)
