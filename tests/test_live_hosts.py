"""Container instances, read for the steps that change them."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.aws.client import NotFound
from bot.facts import ClusterHost
from bot.host_steps import drained, renewed
from bot.live import Known, live, mark
from tests.causes.facts import SUBJECT

ARN = "arn:aws:ecs:eu-west-1:222233334444:container-instance/main/one"
HOST = ClusterHost(ARN, "i-1", agent="1.14.0")
DRAIN, RENEW = drained(SUBJECT, HOST), renewed(SUBJECT, HOST)
GONE = NotFound("ClusterNotFoundException")


@dataclass
class Says:
    """A door that gives one answer, and keeps what was asked."""

    answer: Any
    asked: list = field(default_factory=list)

    def call(self, call):
        self.asked.append(call)
        if isinstance(self.answer, Exception):
            raise self.answer
        return {"containerInstances": self.answer}


def told(status="ACTIVE", version="1.14.0", updating=None):
    more = {"agentUpdateStatus": updating} if updating else {}
    return [{"status": status, "versionInfo": {"agentVersion": version}, **more}]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (told("ACTIVE"), "before"),
        (told("DRAINING"), "after"),
        (told("DEREGISTERING"), "neither"),
        (told("INACTIVE"), "neither"),
        ([], "neither"),
        (GONE, "neither"),
    ],
)
def test_a_host_that_is_drained(answer, expected):
    """
    Active, draining, or on its way out of the cluster.
    """
    assert expected == live(DRAIN, Says(answer), Known(DRAIN.after)).state


def test_a_host_is_asked_about_in_its_own_cluster():
    """
    The cluster stands in its ARN.
    """
    door = Says(told())
    live(DRAIN, door, Known(DRAIN.after))

    assert [{"cluster": "main", "containerInstances": [ARN]}] == [c.params for c in door.asked]
    old = drained(SUBJECT, ClusterHost("arn:aws:ecs:r:1:container-instance/one"))
    assert SUBJECT.cluster == old.do.params["cluster"]


@pytest.mark.parametrize(
    ("answer", "since", "expected"),
    [
        (told(), None, "before"),
        (told(version="1.99.0"), None, "before"),
        (told(), {"agentVersion": "1.14.0"}, "before"),
        (told(version="1.99.0"), {"agentVersion": "1.14.0"}, "after"),
        (told(updating="STAGING"), {"agentVersion": "1.14.0"}, "after"),
        (told(updating="FAILED"), {"agentVersion": "1.14.0"}, "before"),
        ([], None, "neither"),
        (GONE, {"agentVersion": "1.14.0"}, "neither"),
    ],
)
def test_an_agent_is_updated_once_for_each_mark(answer, since, expected):
    """
    Another version than before the call, or one on its way, is what the call has brought.
    """
    assert expected == live(RENEW, Says(answer), Known(RENEW.after, mark=since)).state


def test_what_was_answered_was_done():
    """
    ECS may take its time to tell of the new agent.
    """
    known = Known(RENEW.after, answer={"containerInstance": {}}, mark={"agentVersion": "1.14.0"})

    assert "after" == live(RENEW, Says(told()), known).state


def test_the_mark_is_the_version():
    """
    Taken just before the call; of other steps on hosts none is needed.
    """
    assert {"agentVersion": "1.14.0"} == mark(RENEW, Says(told()))
    assert None is mark(DRAIN, Says(told()))
