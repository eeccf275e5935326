"""Socket Mode: what Slack sends goes over a WebSocket that the bot opened, and so do its answers.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from simple_websocket import ConnectionClosed, Server

from playground.workspace.model import Json
from playground.workspace.people import APP

PING = 5.0  # seconds; a client that does not answer is gone


@dataclass(slots=True)
class Sockets:
    """The connections of one app; each of its addresses works once."""

    tickets: set[str] = field(default_factory=set)
    links: list[Server] = field(default_factory=list)
    waiting: dict[str, Future[Json]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    closed: bool = False

    def ticket(self) -> str:
        """Return what the next connection shows."""
        made = secrets.token_urlsafe()
        self.tickets.add(made)
        return made

    def serve(self, environ: Any, ticket: str) -> NoReturn:
        """Speak with a bot until it goes away; its request needs no other answer."""
        if ticket not in self.tickets:
            raise ConnectionError("no such ticket")
        self.tickets.remove(ticket)
        link = Server.accept(environ, ping_interval=PING)
        link.send(json.dumps(_hello()))
        with self.lock:
            self.links.append(link)
        try:
            while True:
                self._heard(json.loads(link.receive()))
        except ConnectionClosed:
            raise ConnectionError("closed") from None
        finally:
            with self.lock:
                self.links.remove(link)

    def post(self, body: str, *, event: bool, retry: int, deadline: float) -> str:
        """Send one request and return the body of its answer; raises TimeoutError and OSError."""
        payload, kind = (json.loads(body), "events_api") if event else _form(body)
        number = secrets.token_hex(16)
        envelope = {
            "envelope_id": number, "type": kind, "payload": payload,
            "accepts_response_payload": not event, "retry_attempt": retry, "retry_reason": "",
        }  # fmt: skip
        answer: Future[Json] = Future()
        self.waiting[number] = answer
        try:
            self._newest(deadline).send(json.dumps(envelope))
            said = answer.result(deadline).get("payload")
        except ConnectionClosed as closed:
            raise ConnectionError("closed") from closed
        finally:
            del self.waiting[number]
        return json.dumps(said) if said else ""

    def refresh(self) -> None:
        """Ask the bot to connect anew, as Slack does every few hours, and hang up."""
        with self.lock:
            links = list(self.links)
        for link in links:
            link.send(json.dumps({"type": "disconnect", "reason": "refresh_requested"}))
            link.close()

    def close(self) -> None:
        """Hang up; nobody waits for an answer any more."""
        self.closed = True
        with self.lock:
            links = list(self.links)
        for link in links:
            link.close()
        for answer in list(self.waiting.values()):
            if answer.set_running_or_notify_cancel():
                answer.set_exception(ConnectionError("hung up"))

    def _newest(self, patience: float) -> Server:
        """Return a connection; while the bot connects anew there is none for a moment."""
        until = time.monotonic() + patience
        while True:
            with self.lock:
                if self.links:
                    return self.links[-1]
            if self.closed or time.monotonic() > until:
                raise ConnectionError("nobody is connected")
            time.sleep(0.02)

    def _heard(self, said: Json) -> None:
        answer = self.waiting.get(str(said.get("envelope_id")))
        if answer is not None and not answer.done():
            answer.set_result(said)


def _hello() -> Json:
    debug = {"host": "playground", "build_number": 1, "approximate_connection_time": 18060}
    return {
        "type": "hello", "num_connections": 1, "debug_info": debug,
        "connection_info": {"app_id": APP},
    }  # fmt: skip


def _form(body: str) -> tuple[Json, str]:
    """Return the payload of a command or an interaction, and which of them it is."""
    fields = dict(parse_qsl(body, keep_blank_values=True))
    if "payload" in fields:
        return json.loads(fields["payload"]), "interactive"
    return fields, "slash_commands"
