"""Requests to the bot: signed as Slack signs, timed, and events sent again when they fail."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode, urlsplit

from playground.workspace.model import Ack, Json
from playground.workspace.people import SIGNING_SECRET
from playground.workspace.sockets import Sockets
from playground.workspace.state import State

FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def signed(body: str, content_type: str, at: float | None = None) -> dict[str, str]:
    """Return the headers of a request with *body*."""
    ts = str(int(time.time() if at is None else at))
    mac = hmac.new(SIGNING_SECRET.encode(), f"v0:{ts}:{body}".encode(), hashlib.sha256)
    return {
        "Content-Type": content_type,
        "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        "X-Slack-Request-Timestamp": ts,
        "X-Slack-Signature": f"v0={mac.hexdigest()}",
    }


class Delivery:
    """The way to one bot."""

    def __init__(self, state: State, deadline: float, retry_delays: Sequence[float]) -> None:
        self.bot_url: str | None = None
        self.sockets = Sockets()
        self.acks: list[Ack] = []
        self._state = state
        self._deadline = deadline
        self._delays = tuple(retry_delays)
        self._closing = threading.Event()
        self._pool = ThreadPoolExecutor(32, "delivery")

    def event(self, what: str, envelope: Json) -> None:
        """Send an event in the background, again after a late or failed answer."""
        if self._reachable and not self._closing.is_set():
            self._pool.submit(self._persist, what, json.dumps(envelope))

    def form(self, what: str, fields: dict[str, str]) -> Ack:
        """Send a command, and wait for the answer."""
        return self._once(what, urlencode(fields), FORM)

    def interaction(self, what: str, payload: Json) -> Ack:
        """Send what somebody did, and wait for the answer."""
        return self._once(what, urlencode({"payload": json.dumps(payload)}), FORM)

    def stop(self) -> None:
        """Send nothing more."""
        self._closing.set()
        self.sockets.close()
        self._pool.shutdown(wait=True, cancel_futures=True)

    @property
    def _reachable(self) -> bool:
        return bool(self.bot_url or self.sockets.links)

    def _persist(self, what: str, body: str) -> None:
        ack = self._once(what, body, JSON)
        for number, delay in enumerate(self._delays, 1):
            if ack.ok or ack.reason == "no_retry" or self._closing.wait(delay):
                return
            again = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": ack.reason}
            ack = self._once(what, body, JSON, again)

    def _once(self, what: str, body: str, kind: str, more: dict[str, str] | None = None) -> Ack:
        if not self._reachable:
            raise AssertionError("the workspace has no bot_url: there is no bot to ask")
        retry = int((more or {}).get("X-Slack-Retry-Num", "0"))
        started = time.monotonic()
        try:
            if self.bot_url:
                headers = signed(body, kind) | (more or {})
                status, text, reason = self._post(self.bot_url, body, headers)
            else:
                event, wait = kind == JSON, self._deadline
                text = self.sockets.post(body, event=event, retry=retry, deadline=wait)
                status, reason = 200, ""
        except TimeoutError:
            status, text, reason = 0, "", "http_timeout"
        except (OSError, http.client.HTTPException):
            status, text, reason = 0, "", "connection_failed"
        seconds = time.monotonic() - started
        late = reason == "http_timeout" or seconds > self._deadline
        ack = Ack(what, seconds, status, late, text, retry, reason)
        with self._state.change():
            self.acks.append(ack)
        return ack

    def _post(self, url: str, body: str, headers: dict[str, str]) -> tuple[int, str, str]:
        parts = urlsplit(url)
        link = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=self._deadline)
        try:
            link.request("POST", parts.path or "/", body.encode(), headers)
            answer = link.getresponse()
            text = answer.read().decode(errors="replace")
        finally:
            link.close()
        if 200 <= answer.status < 300:
            return answer.status, text, ""
        unwanted = answer.headers.get("X-Slack-No-Retry") == "1"
        return answer.status, text, "no_retry" if unwanted else "http_error"
