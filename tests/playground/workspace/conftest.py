"""A workspace, and a toy bot made with the real framework."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask, request
from slack_bolt import App
from slack_bolt.adapter.flask import SlackRequestHandler
from slack_sdk import WebClient
from werkzeug.serving import make_server

from playground.workspace import BOT_TOKEN, SIGNING_SECRET, Workspace

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


@contextmanager
def connected(w) -> Iterator[App]:
    """Serve a bot without listeners, and tell the workspace where it is."""
    web = WebClient(BOT_TOKEN, base_url=w.api_url)
    app = App(client=web, signing_secret=SIGNING_SECRET, token_verification_enabled=False)
    with serving(app) as url:
        w.bot_url = url
        yield app


@contextmanager
def serving(app: App) -> Iterator[str]:
    site = Flask("toy")
    handler = SlackRequestHandler(app)
    site.post("/slack/events")(lambda: handler.handle(request))
    server = make_server("127.0.0.1", 0, site, threaded=True)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/slack/events"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
