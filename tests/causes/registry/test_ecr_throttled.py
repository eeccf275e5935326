import pytest

from bot.causes.registry.ecr_throttled import CAUSE, advise, decide
from bot.model import Confirmed, RuledOut
from tests.cases.building import LOGIN_THROTTLED, NOT_FOUND, RATE, THROTTLED
from tests.causes.facts import (
    FOREIGN,
    HUB,
    IMAGE,
    NOTHING_RECORDED,
    REGISTRY,
    SUBJECT,
    recorded,
    well_worded,
)

AT_ECR = THROTTLED.format(host=IMAGE.host, name=IMAGE.repository)
PARAMETERS = LOGIN_THROTTLED.replace(
    "unable to retrieve ecr registry auth", "unable to retrieve secrets from ssm"
)


@pytest.mark.parametrize("text", [RATE, NOT_FOUND.format(IMAGE.written)])
def test_another_error(text):
    """
    Docker Hub's limit, or none at all.
    """
    assert isinstance(decide(SUBJECT, IMAGE, recorded(text)), RuledOut)
    assert isinstance(decide(SUBJECT, IMAGE, NOTHING_RECORDED), RuledOut)


def test_other_services_throttle_in_the_same_words():
    """
    Parameters and secrets have quotas of their own.
    """
    assert isinstance(decide(SUBJECT, IMAGE, recorded(PARAMETERS)), RuledOut)


def test_image_of_another_registry():
    """
    ECR has not been asked.
    """
    assert isinstance(decide(SUBJECT, HUB, recorded(AT_ECR)), RuledOut)


def test_pull_that_is_throttled():
    """
    The quota is that of the registry's account.
    """
    verdict = decide(SUBJECT, FOREIGN, recorded(AT_ECR))

    assert isinstance(verdict, Confirmed)
    assert (REGISTRY, False) == (verdict.proof["account"], verdict.proof["login"])
    assert well_worded(CAUSE, verdict)


def test_login_that_is_throttled():
    """
    The token is asked for in the task's own account.
    """
    verdict = decide(SUBJECT, FOREIGN, recorded(LOGIN_THROTTLED))

    assert (SUBJECT.account, True) == (verdict.proof["account"], verdict.proof["login"])
    assert well_worded(CAUSE, verdict)


def test_ready_calls():
    """
    More is asked for by a person.
    """
    assert ["list_service_quotas", "request_service_quota_increase"] == [
        c.operation for c in advise(IMAGE)
    ]
