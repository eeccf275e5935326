"""A bot made with the real framework, and short names for blocks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask, request
from slack_bolt import App
from slack_bolt.adapter.flask import SlackRequestHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from werkzeug.serving import make_server

from playground.workspace import BOT_TOKEN, SIGNING_SECRET

SHOP, ALICE, BORA = "C01SHOP", "U01ALICE", "U02BORA"


def plain(text):
    return {"type": "plain_text", "text": text}


def mrkdwn(text):
    return {"type": "mrkdwn", "text": text}


def section(text, **more):
    return {"type": "section", "text": mrkdwn(text), **more}


def actions(*elements):
    return [{"type": "actions", "elements": list(elements)}]


def button(name, text=None, **more):
    return {"type": "button", "action_id": name, "text": plain(text or name), **more}


def options(*names):
    return [{"text": plain(n), "value": n} for n in names]


def select(name, kind, **more):
    return {"type": kind, "action_id": name, "placeholder": plain("Choose"), **more}


def field(block, label, element, **more):
    return {"type": "input", "block_id": block, "label": plain(label), "element": element, **more}


def modal(*blocks, **more):
    inside = list(blocks) or [section("words")]
    return {"type": "modal", "callback_id": "m", "title": plain("T"), "blocks": inside, **more}


def error_of(call, **args):
    """Return the error that a call is refused with."""
    with pytest.raises(SlackApiError) as caught:
        call(**args)
    return caught.value.response["error"]


def trigger(w):
    """Return a trigger id that Alice's command brought."""
    w.command(ALICE, SHOP, "/ecs-pull")
    return w.bodies[-1]["trigger_id"]


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
