"""What ECS says of a service that it holds back is told, and nothing older."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.watching import Watched, held_back

APPLIED = datetime(2026, 1, 31, 9, tzinfo=UTC)
BEFORE, AFTER = APPLIED - timedelta(seconds=1), APPLIED + timedelta(seconds=1)
BACK_OFF = "(service shop) is unable to consistently start tasks successfully."
FAILED = "(service shop) (deployment ecs-svc/1) deployment failed: tasks failed to start."
BREAKER = "ECS deployment circuit breaker: tasks failed to start."


def event(message, at):
    return {"id": "1", "createdAt": at, "message": message}


def deployment(state, at, definition="td:8"):
    return {"rolloutState": state, "rolloutStateReason": BREAKER, "updatedAt": at, "taskDefinition": definition}  # fmt: skip


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"events": [event(BACK_OFF, BEFORE), event(FAILED, APPLIED)]},
        {"events": [event("(service shop) has started 1 tasks: (task 1).", AFTER)]},
        {"events": [event("(service shop) has reached a steady state.", AFTER)]},
        {"deployments": [deployment("IN_PROGRESS", AFTER), deployment("COMPLETED", AFTER)]},
        {"deployments": [deployment("FAILED", BEFORE)]},
        {"deployments": [deployment("FAILED", AFTER, "td:7")]},
    ],
)
def test_nothing_is_told_of_what_goes_on(said):
    """
    What ECS said before the fix, and what it always says, holds nothing back.
    """
    assert Watched("waiting") == held_back(said, "td:8", APPLIED)


def test_a_service_that_ecs_waits_with_is_stalled():
    """
    With ECS's own words; it will try again.
    """
    said = {"events": [event(BACK_OFF, AFTER), event(FAILED, BEFORE)]}

    assert Watched("stalled", text=BACK_OFF) == held_back(said, None, APPLIED)


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ({"deployments": [deployment("FAILED", AFTER)]}, BREAKER),
        ({"events": [event(FAILED, AFTER)]}, FAILED),
    ],
)
def test_a_deployment_that_was_given_up_is_told_as_such(said, text):
    """
    The circuit breaker does not try again.
    """
    assert Watched("stalled", text=text, gave_up=True) == held_back(said, "td:8", APPLIED)
