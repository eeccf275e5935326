"""What stands beside a service, read for the steps that change it."""

from dataclasses import dataclass
from typing import Any

import pytest

from bot.aws.client import NotFound
from bot.facts import LogGroup
from bot.live import Known, live
from bot.logins import kept
from bot.secret.remedies import created, restored
from tests.cases.healthy import WHEN
from tests.causes.facts import SERVICE, SUBJECT
from tests.causes.facts_secret import SECRET, asks

RESTORE = restored(asks(SECRET).items[0], SECRET, WHEN, WHEN)
ARN = "arn:aws:logs:eu-west-1:222233334444:log-group:/ecs/shop:*"
CREATE = created(SUBJECT, LogGroup("/ecs/shop", "app", "eu-west-1", ARN))


@dataclass
class Says:
    """A door that gives one answer."""

    answer: Any

    def call(self, call):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def state(step, answer):
    return live(step, Says(answer), Known(step.after)).state


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"DeletedDate": WHEN}, "before"),
        ({"Name": "prod/db"}, "after"),
        (NotFound("ResourceNotFoundException"), "neither"),
    ],
)
def test_a_secret_that_waits_for_its_deletion(answer, expected):
    """
    It waits, or does not, or is gone for good; since when does not matter.
    """
    assert expected == state(RESTORE, answer)


LOGIN = kept(SUBJECT, SERVICE, "ecs-pull/ghcr.io/login")
TOKEN = LOGIN.do.params["ClientRequestToken"]
OURS, THEIRS = {TOKEN: ["AWSCURRENT"]}, {"another": ["AWSCURRENT"]}
CHANGED = {TOKEN: ["AWSPREVIOUS"], **THEIRS}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"VersionIdsToStages": THEIRS}, "neither"),
        ({"VersionIdsToStages": CHANGED}, "neither"),
        ({"VersionIdsToStages": THEIRS, "DeletedDate": WHEN}, "neither"),
        ({}, "neither"),
        (NotFound("ResourceNotFoundException"), "before"),
        ({"VersionIdsToStages": OURS, "DeletedDate": WHEN}, "before"),
        ({"VersionIdsToStages": OURS}, "after"),
    ],
)
def test_a_login_is_ours_by_the_version_that_we_made(answer, expected):
    """
    A secret of somebody else, or with a value of theirs since, is neither made again nor deleted.
    """
    assert expected == state(LOGIN, answer)


@pytest.mark.parametrize(
    ("groups", "streams", "expected"),
    [
        ([], [], "before"),
        ([{"logGroupName": "/ecs/shop-too"}], [{"logStreamName": "a"}], "before"),
        ([{"logGroupName": "/ecs/shop"}], [], "after"),
        ([{"logGroupName": "/ecs/shop"}], [{"logStreamName": "a"}], "neither"),
    ],
)
def test_a_log_group_that_is_logged_to_is_not_taken_back(groups, streams, expected):
    """
    Only the exact name counts, and only while nothing logs to it.
    """
    assert expected == state(CREATE, {"logGroups": groups, "logStreams": streams})
