"""HTTP: Slack's requests, and what a load balancer and Prometheus ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, jsonify, request
from slack_bolt import App
from slack_bolt.adapter.flask import SlackRequestHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.queue import Counters
from bot.store import Store
from bot.version import VERSION

BODY = 1_000_000  # bytes; Slack sends far less


def site(bolt: App, store: Store, web: WebClient, counters: Callable[[], Counters]) -> Flask:
    """Return the WSGI application around *bolt*."""
    found = Flask("ecs-pull")
    found.config["MAX_CONTENT_LENGTH"] = BODY
    slack = SlackRequestHandler(bolt)

    @found.post("/slack/events")
    def events() -> Any:
        return slack.handle(request)

    @found.get("/healthz")
    def alive() -> Any:
        return jsonify(status="ok", version=VERSION)

    @found.get("/readyz")
    def ready() -> Any:
        parts = {"redis": store.ping(), "slack": _reachable(web)}
        return jsonify(parts), 200 if all(parts.values()) else 503

    @found.get("/metrics")
    def metrics() -> Response:
        return Response(counters().exposition(), mimetype="text/plain; version=0.0.4")

    return found


def _reachable(web: WebClient) -> bool:
    try:
        return bool(web.auth_test().get("ok"))
    except (SlackApiError, OSError):
        return False
