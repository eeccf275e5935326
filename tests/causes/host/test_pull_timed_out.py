import pytest

from bot.causes.host.pull_timed_out import CAUSE, advise, decide
from bot.facts import ImageSizes, Platform, StoppedTask
from bot.model import Confirmed, RuledOut, Undecided
from bot.sizes import GIB
from tests.causes.facts_image_network import HUB, IMAGE, NOTHING_RECORDED, recorded, unknown

EC2, TASK = Platform("EC2"), StoppedTask("arn:task")
WHOLE = recorded(
    "DockerTimeoutError: Could not transition to pulled; timed out after waiting 2h0m0s"
)
IDLE = recorded("CannotPullContainerError: inactivity time exceeded timeout while pulling image")


def sized(gib):
    return ImageSizes((("app", gib and int(gib * GIB)), ("log", 90 * GIB)))


def judged(said=WHOLE, sizes=None, image=IMAGE, where=EC2):
    return decide(where, image, said, TASK, sizes or sized(12))


@pytest.mark.parametrize(
    "said",
    [
        NOTHING_RECORDED,
        recorded("CannotPullContainerError: context canceled"),
        recorded("CannotPullContainerError: dial tcp 52.46.1.2:443: i/o timeout"),
        recorded("DockerTimeoutError: Could not transition to started; timed out after waiting 3m"),
    ],
)
def test_other_ends_of_a_pull(said):
    """
    What was cancelled, did not answer, or was pulled and did not start has not timed out.
    """
    assert isinstance(judged(said), RuledOut)


def test_a_small_image_is_slow_for_another_reason():
    """
    Then the way is broken, not the image too large; that of another container does not count.
    """
    assert isinstance(judged(sizes=sized(0.3)), RuledOut)
    assert isinstance(judged(IDLE, sized(0.3)), RuledOut)


def test_a_size_that_is_not_known():
    """
    Without it nobody can tell.
    """
    assert isinstance(judged(sizes=unknown("ImageSizes")), Undecided)
    assert isinstance(judged(sizes=sized(None)), Undecided)


@pytest.mark.parametrize(("said", "limit"), [(WHOLE, "whole"), (IDLE, "idle")])
def test_a_large_image_that_takes_too_long(said, limit):
    """
    Two limits of the agent, told apart.
    """
    found = judged(said)

    assert isinstance(found, Confirmed)
    assert (limit, "12.0", "EC2") == tuple(found.proof[k] for k in ("limit", "size", "kind"))


def test_only_a_person_can_act():
    """
    The limits stand on the hosts; images are made elsewhere.
    """
    assert None is CAUSE.plan
    assert ["describe_images"] == [c.operation for c in advise(IMAGE)]
    assert () == advise(HUB)
