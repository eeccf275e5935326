"""HTTP: Slack's requests, and what a load balancer and Prometheus ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, jsonify, request
from slack_bolt import App
from slack_bolt.adapter.flask import SlackRequestHandler
from slack_bolt.request.internals import parse_body
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier

from bot.queue import Counters
from bot.store import Store
from bot.version import VERSION

BODY = 1_000_000  # bytes; Slack sends far less


def site(
    bolt: App, store: Store, web: WebClient, counters: Callable[[], Counters], secret: str | None
) -> Flask:
    """Return the WSGI application around *bolt*."""
    found = Flask("ecs-pull")
    found.config["MAX_CONTENT_LENGTH"] = BODY
    slack = SlackRequestHandler(bolt)
    verifier = SignatureVerifier(secret) if secret else None

    @found.post("/slack/events")
    def events() -> Any:
        """Hand over what Slack signed: Bolt reads a body before it looks at the signature."""
        if verifier is None or not _signed(verifier):
            return jsonify(error="not signed by Slack, or too old"), 401
        if not _readable(request.get_data(as_text=True), request.content_type):
            return jsonify(error="not a request of Slack"), 400
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


def _signed(verifier: SignatureVerifier) -> bool:
    """Tell whether this request is signed, and younger than five minutes."""
    try:
        return verifier.is_valid_request(request.get_data(), dict(request.headers.items()))
    except ValueError:  # a time that is no number, a body that is no text
        return False


def _readable(body: str, kind: str | None) -> bool:
    """Tell whether *body* is the object that every request of Slack is."""
    try:
        return isinstance(parse_body(body, kind), dict)
    except ValueError:
        return False


def _reachable(web: WebClient) -> bool:
    try:
        return bool(web.auth_test().get("ok"))
    except (SlackApiError, OSError):
        return False
