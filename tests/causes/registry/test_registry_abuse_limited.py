import pytest

from bot.causes.registry.registry_abuse_limited import CAUSE, advise, decide
from bot.facts import ContainerState, StoppedTask
from bot.model import Confirmed, RuledOut
from tests.cases.building import BARE_429, RATE
from tests.causes.facts import (
    GHCR,
    HUB,
    IMAGE,
    NO_SERVICE,
    NOTHING_RECORDED,
    SERVICE,
    SUBJECT,
    recorded,
    refusal,
    unknown,
    well_worded,
)

HAP = f"{BARE_429} - Server message: toomanyrequests: Too Many Requests (HAP429)."
CUT = f"{BARE_429} - Server message: toomanyrequests: You have re"
UNKNOWN = unknown("StoppedTask")


@pytest.mark.parametrize("text", [RATE, CUT])
def test_the_pull_limit_is_another_cause(text):
    """
    It explains itself, even where its words were cut off.
    """
    assert isinstance(decide(HUB, recorded(text), UNKNOWN), RuledOut)


def test_the_whole_text_of_the_task_counts():
    """
    An explanation that stands further on is not lost.
    """
    long = RATE.replace("httpReadSeeker", "x" * 700 + " httpReadSeeker")
    task = StoppedTask("arn", containers=(ContainerState("app", HUB.written, long),))

    assert isinstance(decide(HUB, recorded(long), task), RuledOut)


def test_other_registries_and_other_errors():
    """
    It is Docker Hub's limit.
    """
    for image in (GHCR, IMAGE):
        assert isinstance(decide(image, recorded(BARE_429), UNKNOWN), RuledOut)
    assert isinstance(decide(HUB, NOTHING_RECORDED, UNKNOWN), RuledOut)
    assert isinstance(decide(HUB, refusal("ecr:BatchGetImage"), UNKNOWN), RuledOut)


@pytest.mark.parametrize("text", [BARE_429, HAP])
def test_a_bare_number(text):
    """
    What ECS recorded confirms.
    """
    verdict = decide(HUB, recorded(text), UNKNOWN)

    assert isinstance(verdict, Confirmed)
    assert well_worded(CAUSE, verdict)


def test_ready_calls():
    """
    Where the addresses come from, and to try again.
    """
    assert ["describe_nat_gateways", "update_service"] == [
        c.operation for c in advise(SUBJECT, SERVICE)
    ]
    assert 1 == len(advise(SUBJECT, NO_SERVICE))
