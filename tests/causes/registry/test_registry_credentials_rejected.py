from datetime import UTC, datetime

import pytest

from bot.causes.registry.registry_credentials_rejected import AMBIGUOUS, CAUSE, advise, decide
from bot.facts import ContainerState, RegistrySecret, StoppedTask
from bot.logins import FILE
from bot.model import Confirmed, RuledOut
from tests.cases.building import NO_ACCESS, NOT_FOUND, RATE, SECRET, WRONG_LOGIN
from tests.causes.facts import (
    GHCR,
    IMAGE,
    NO_SERVICE,
    PRIVATE,
    SERVICE,
    because,
    recorded,
    unknown,
    well_worded,
)

WHEN = datetime(2026, 1, 2, tzinfo=UTC)
KEPT = RegistrySecret(SECRET, SECRET, exists=True, changed_at=WHEN)
DENIED = (
    "CannotPullContainerError: Error response from daemon: pull access denied for acme/shop, "
    "repository does not exist or may require 'docker login'"
)
INCORRECT = (
    "CannotPullContainerError: Error response from daemon: Get https://ghcr.io/v2/: unauthorized: "
    "incorrect username or password"
)
DIGEST = NO_ACCESS.replace("shop:1", "shop@sha256:401" + "a" * 61)


def judged(text=WRONG_LOGIN, image=GHCR, secret=KEPT):
    task = StoppedTask("arn", containers=(ContainerState("app", image.written, text),))
    return decide(image, secret, recorded(text), task)


def test_container_without_credentials():
    """
    Then they are unset, which is another cause.
    """
    assert isinstance(judged(secret=RegistrySecret(None)), RuledOut)


def test_secret_that_cannot_be_read():
    """
    Missing or deleted: the registry never saw it.
    """
    for gone in (RegistrySecret(SECRET), RegistrySecret(SECRET, SECRET, True, WHEN)):
        assert isinstance(judged(secret=gone), RuledOut)


@pytest.mark.parametrize("text", [RATE, NOT_FOUND.format("ghcr.io/acme/shop:1")])
def test_another_error(text):
    """
    The registry took the login, or was never asked.
    """
    assert isinstance(judged(text), RuledOut)


def test_ecr_takes_no_credentials():
    """
    Amazon ECR is entered by a role.
    """
    assert isinstance(judged(image=IMAGE), RuledOut)


def test_missing_or_not_for_this_login():
    """
    Docker Hub says one thing of both.
    """
    assert AMBIGUOUS == because(judged(DENIED, image=PRIVATE))


@pytest.mark.parametrize(
    ("text", "kind"),
    [(WRONG_LOGIN, "wrong"), (INCORRECT, "wrong"), (NO_ACCESS, "forbidden"), (DIGEST, "forbidden")],
)
def test_login_that_is_rejected(text, kind):
    """
    By what the registry said; a number inside a digest is none.
    """
    verdict = judged(text)

    assert isinstance(verdict, Confirmed)
    assert (kind, "2026-01-02") == (verdict.proof["kind"], verdict.proof["changed"])
    assert well_worded(CAUSE, verdict)


def test_ready_calls():
    """
    The value is a person's; ECS reads it when a task starts.
    """
    put, deploy = advise(KEPT, SERVICE)

    assert FILE == put.params["SecretString"]
    assert deploy.params["forceNewDeployment"]
    assert 1 == len(advise(KEPT, NO_SERVICE))
    assert 1 == len(advise(KEPT, unknown("Service")))
