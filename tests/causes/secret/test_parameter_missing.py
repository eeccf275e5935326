import pytest

from bot.causes.secret.parameter_missing import CAUSE, advise, decide
from bot.facts import StoppedTask, WantedSecrets
from bot.model import Confirmed, RuledOut, Undecided
from tests.causes.facts import NOTHING_RECORDED, unknown, well_worded
from tests.causes.facts_secret import (
    PARAMETER,
    SECRET,
    asks,
    by_ecs_of_parameters,
    parameters,
)

GONE = parameters(exists=False, name=None)
DARK = unknown("DescribedParameters")
INVALID = by_ecs_of_parameters("invalid ssm parameters: /prod/url")
OTHERS = by_ecs_of_parameters("invalid ssm parameters: /prod/other, /prod/url-too")


def judged(written="/prod/url", found=GONE, said=NOTHING_RECORDED):
    return decide(asks(written), found, said, StoppedTask())


def test_what_is_not_asked_for():
    """
    Neither nothing nor a secret of Secrets Manager is a parameter.
    """
    assert isinstance(decide(WantedSecrets(), DARK, NOTHING_RECORDED, StoppedTask()), RuledOut)
    assert isinstance(decide(asks(SECRET), DARK, NOTHING_RECORDED, StoppedTask()), RuledOut)
    assert () == advise(asks(SECRET))


@pytest.mark.parametrize("written", ["/prod/url", PARAMETER, "/prod/url:3"])
def test_a_parameter_that_is_there(written):
    """
    By its name or its ARN; what ECS recorded before it was made does not count.
    """
    assert isinstance(judged(written, parameters()), RuledOut)
    assert isinstance(judged("/prod/url", parameters(), INVALID), RuledOut)


def test_unknown_parameters_leave_it_open():
    """
    What could not be listed may be there, unless ECS recorded that this very one is not.
    """
    assert Undecided((DARK,)) == judged(found=DARK)
    assert Undecided((DARK,)) == judged(found=DARK, said=OTHERS)
    verdict = judged(found=DARK, said=INVALID)
    assert "recorded" == verdict.proof["kind"]
    assert well_worded(CAUSE, verdict)


@pytest.mark.parametrize("written", ["/prod/url", PARAMETER])
def test_a_missing_parameter(written):
    """
    It is nowhere in its account and Region.
    """
    verdict = judged(written)

    assert isinstance(verdict, Confirmed)
    assert "missing" == verdict.proof["kind"]
    assert well_worded(CAUSE, verdict)
    assert ["describe_parameters", "put_parameter"] == [c.operation for c in advise(asks(written))]


def test_a_name_that_differs_by_its_slash():
    """
    Only what ECS recorded tells whether it is taken.
    """
    arn = PARAMETER.replace("prod/url", "url")
    near = parameters(arn, exists=False, name=None, similar="/url")
    said = by_ecs_of_parameters("invalid ssm parameters: url")

    assert isinstance(judged("url", near), Undecided)
    verdict = judged("url", near, said)
    assert "/url" == verdict.proof["similar"]
    assert well_worded(CAUSE, verdict)


@pytest.mark.parametrize(
    "name", ["/aws/reference/secretsmanager/db", "/aws/service/ecs/optimized-ami/recommended"]
)
def test_what_is_listed_nowhere(name):
    """
    A secret through Parameter Store, or what AWS keeps there, cannot be looked for, by name or ARN.
    """
    arn = PARAMETER.replace("prod/url", name[1:])

    for written in (name, arn):
        assert isinstance(judged(written, parameters(arn, exists=False, name=None)), Undecided)


def test_a_version_that_is_not_there():
    """
    Of a parameter that is there, ECS recorded that its version or label is not.
    """
    said = by_ecs_of_parameters("invalid ssm parameters: /prod/url:42")
    verdict = judged("/prod/url:42", parameters(), said)

    assert ("version", "42") == (verdict.proof["kind"], verdict.proof["version"])
    assert well_worded(CAUSE, verdict)
