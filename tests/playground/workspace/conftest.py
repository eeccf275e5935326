"""A workspace, and a bot to talk to in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from slack_bolt import App
from slack_sdk import WebClient

from playground.workspace import BOT_TOKEN, Workspace
from tests.playground.workspace.kit import connected

EVERYTHING: dict = {}  # no manifest: the app may do everything


@pytest.fixture
def w() -> Iterator[Workspace]:
    with Workspace(manifest=EVERYTHING, limits=False, retry_delays=(0, 0.01, 0.02)) as found:
        yield found


@pytest.fixture
def web(w) -> WebClient:
    """The client of the bot."""
    return WebClient(BOT_TOKEN, base_url=w.api_url)


@pytest.fixture
def bolt(w) -> Iterator[App]:
    """A bot that has no listeners yet, already connected."""
    with connected(w) as app:
        yield app


@pytest.fixture
def now() -> list[float]:
    return [1_000_000.0]


@pytest.fixture
def timed(now):
    """A workspace with a clock of its own, and a bot that keeps every body that it is sent."""
    with (
        Workspace(manifest=EVERYTHING, limits=False, clock=lambda: now[0], retry_delays=()) as w,
        connected(w) as app,
    ):
        w.web = WebClient(BOT_TOKEN, base_url=w.api_url)
        w.bodies = []

        def keep(ack, body):
            ack()
            w.bodies.append(body)

        app.command("/ecs-pull")(keep)
        app.action("act")(keep)
        app.shortcut("explain_pull_error")(keep)
        app.view_closed("m")(keep)
        yield w
