"""What is shared: the network alone, for a while, and never what was read before a change."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.aws.shared import SECONDS, Shared, SharedDoor
from bot.model import Call, CannotTell

SUBNETS = Call("ec2", "describe_subnets", {"Filters": [{"Name": "vpc-id", "Values": ["vpc-1"]}]})
OTHERS = Call("ec2", "describe_subnets", {"Filters": [{"Name": "vpc-id", "Values": ["vpc-2"]}]})
ROLE = Call("iam", "get_role", {"RoleName": "web"})


class Counting:
    """A door that answers with the number of the call, or fails."""

    def __init__(self, account="222233334444", region="eu-west-1"):
        self.account, self.region, self.calls, self.failure = account, region, 0, None

    def call(self, call):
        self.calls += 1
        if self.failure:
            raise self.failure
        return {"number": self.calls}

    def pages(self, call, key):
        return [self.call(call)]

    def at(self, region):
        return Counting(self.account, region)


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def shared(clock):
    return Shared(clock)


def test_only_the_network_is_shared(shared):
    """
    What a role may is asked each time.
    """
    door = SharedDoor(Counting(), shared, "")

    assert door.call(ROLE) != door.call(ROLE)


@pytest.mark.parametrize(
    ("account", "region", "state", "call"),
    [
        ("999988887777", "eu-west-1", "", SUBNETS),
        ("222233334444", "us-east-1", "", SUBNETS),
        ("222233334444", "eu-west-1", "changed", SUBNETS),
        ("222233334444", "eu-west-1", "", OTHERS),
    ],
)
def test_another_account_region_state_or_vpc_is_asked_for_itself(
    shared, account, region, state, call
):
    """
    An answer is that of one question about one account as it was.
    """
    SharedDoor(Counting(), shared, "").call(SUBNETS)
    other = Counting(account, region)

    SharedDoor(other, shared, state).call(call)

    assert 1 == other.calls


def test_a_list_is_no_answer_to_a_call(shared):
    """
    One call gives a page, and all pages of one list are something else.
    """
    door = SharedDoor(Counting(), shared, "")

    assert {"number": 1} == door.call(SUBNETS)
    assert [{"number": 2}] == door.pages(SUBNETS, "Subnets")


def test_nothing_is_shared_for_long(shared, clock):
    """
    An answer that is old is asked for anew.
    """
    door = SharedDoor(Counting(), shared, "")
    first = door.call(SUBNETS)
    clock.now += SECONDS

    assert first != door.call(SUBNETS)


def test_a_failure_is_asked_anew(shared):
    """
    A permission that was granted meanwhile counts at once.
    """
    behind = Counting()
    door, behind.failure = SharedDoor(behind, shared, ""), CannotTell("denied")
    with pytest.raises(CannotTell):
        door.call(SUBNETS)
    behind.failure = None

    assert {"number": 2} == door.call(SUBNETS)


def test_two_looks_share_what_they_ask_of_a_network(shared):
    """
    Within a while, also in another Region's door and as a list.
    """
    one, two = Counting(), Counting()

    assert SharedDoor(one, shared, "").call(SUBNETS) == SharedDoor(two, shared, "").call(SUBNETS)
    assert SharedDoor(one, shared, "").pages(SUBNETS, "S") == SharedDoor(two, shared, "").pages(
        SUBNETS, "S"
    )
    assert 0 == two.calls


def test_who_comes_together_waits_for_one_answer(shared):
    """
    Eight at once ask AWS once.
    """
    began, behind = threading.Event(), Counting()

    class Slow(Counting):
        def call(self, call):
            began.wait(5)
            return behind.call(call)

    door = SharedDoor(Slow(), shared, "")
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(door.call, SUBNETS) for _ in range(8)]
        began.set()
        found = [w.result(5) for w in waiting]

    assert [{"number": 1}] * 8 == found
