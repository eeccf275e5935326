"""A strict double of a Slack workspace, with a page in which a person uses the bot.

It refuses what Slack refuses, sends what Slack sends, and measures how soon the bot answers::

    with Workspace(bot_url="http://127.0.0.1:3000/slack/events") as w:
        w.command("U01ALICE", "C01SHOP", "/ecs-pull", "help")
        said = w.wait(lambda: w.ephemerals("U01ALICE"))
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from werkzeug.serving import BaseWSGIServer, make_server

from playground.workspace.core import Core
from playground.workspace.delivery import Delivery, signed
from playground.workspace.forms import Forms
from playground.workspace.limits import Limits, Rate
from playground.workspace.manifest import Manifest
from playground.workspace.model import Ack, File, Message, Refusal, View
from playground.workspace.page import Page, Panel
from playground.workspace.people import (
    APP_TOKEN,
    BOT_ID,
    BOT_TOKEN,
    BOT_USER,
    SIGNING_SECRET,
    direct,
)
from playground.workspace.server import Handler, Site
from playground.workspace.state import State
from playground.workspace.talking import Talking
from playground.workspace.tickets import Tickets

__all__ = [
    "APP_TOKEN", "BOT_ID", "BOT_TOKEN", "BOT_USER", "SIGNING_SECRET", "Ack", "File", "Message", "Rate", "Refusal",
    "View", "Workspace", "direct", "signed",
]  # fmt: skip
T = TypeVar("T")


class Workspace(Talking, Forms):
    """One workspace at 127.0.0.1, from ``with`` to its end."""

    def __init__(
        self,
        bot_url: str | None = None,
        *,
        manifest: Mapping[str, Any] | Path | str | None = None,
        limits: bool | Mapping[str, Rate] = True,
        clock: Callable[[], float] = time.time,
        port: int = 0,
        panel: Panel | None = None,
        deadline: float = 3.0,
        retry_delays: Sequence[float] = (0.0, 0.2, 0.5),
        trigger_seconds: float = 3.0,
    ) -> None:
        state = State(clock)
        rates = limits if isinstance(limits, Mapping) else None
        self.core = Core(
            state,
            Manifest(manifest),
            Limits(clock, enabled=bool(limits), rates=rates),
            Tickets(clock, trigger_seconds),
            Delivery(state, deadline, retry_delays),
        )
        self.core.delivery.bot_url = bot_url
        self._port = port
        self._page = Page(self, panel)
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Listen on the loopback address; raises OSError where the port is taken."""
        site = Site(self.core, self._page)
        with socket.create_server(("127.0.0.1", self._port)) as bound:  # werkzeug would exit itself
            self._server = make_server(
                *bound.getsockname(),
                site,
                threaded=True,
                request_handler=Handler,
                fd=bound.fileno(),
            )
        self._server.daemon_threads = True
        self._port = self._server.port
        self.core.url = self.url
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening and sending."""
        self._page.close()
        self.core.delivery.stop()
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join(timeout=5)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """Return where it listens."""
        return self._port

    @property
    def url(self) -> str:
        """Return the address of the page."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def api_url(self) -> str:
        """Return the base of the Web API."""
        return f"{self.url}/api/"

    @property
    def bot_url(self) -> str | None:
        """Return where the bot listens."""
        return self.core.delivery.bot_url

    @bot_url.setter
    def bot_url(self, url: str | None) -> None:
        self.core.delivery.bot_url = url

    @property
    def acks(self) -> list[Ack]:
        """Return every answer of the bot so far."""
        return list(self.core.delivery.acks)

    @property
    def refusals(self) -> list[Refusal]:
        """Return every call that was not taken so far."""
        return list(self.core.refusals)

    @property
    def files(self) -> list[File]:
        """Return the shared files."""
        with self.core.state.changed:
            return list(self.core.state.files.values())

    def messages(self, channel: str) -> list[Message]:
        """Return what stands in a channel, replies in threads too, oldest first."""
        with self.core.state.changed:
            return list(self.core.state.log[channel])

    def thread(self, channel: str, ts: str) -> list[Message]:
        """Return a thread, its first message included."""
        return [m for m in self.messages(channel) if ts in (m.ts, m.thread_ts)]

    def ephemerals(self, user: str) -> list[Message]:
        """Return what only *user* sees."""
        with self.core.state.changed:
            return list(self.core.state.whispers.get(user, ()))

    def modals(self, user: str) -> list[View]:
        """Return the open modals of *user*, the one in front last."""
        with self.core.state.changed:
            return list(self.core.state.stacks.get(user, ()))

    def modal(self, user: str) -> View | None:
        """Return the modal in front of *user*."""
        return next(reversed(self.modals(user)), None)

    def home(self, user: str) -> View | None:
        """Return what the bot published for *user*."""
        with self.core.state.changed:
            return self.core.state.homes.get(user)

    def join(self, user: str, channel: str) -> None:
        """Let a person, or the bot's own user, into a channel."""
        with self.core.state.change():
            self.core.state.channels[channel].members.add(user)

    def leave(self, user: str, channel: str) -> None:
        """Take a person, or the bot's own user, out of a channel."""
        with self.core.state.change():
            self.core.state.channels[channel].members.discard(user)

    def wait(self, condition: Callable[[], T], timeout: float = 60.0) -> T:
        """Return the first true answer of *condition*, asked at every change; AssertionError if none comes."""
        end = time.monotonic() + timeout
        state = self.core.state
        while True:
            version = state.version
            if found := condition():
                return found
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError(f"nothing like that within {timeout:g} s; {self.told()}")
            with state.changed:
                if state.version == version:
                    # a condition may look at more than the workspace, so look again now and then
                    state.changed.wait(min(left, 0.25))

    def told(self) -> str:
        """Return the state in a few lines, for people who look at a failed test."""
        said = [f"{m.channel} {m.ts} {m.username or m.user}: {m.words[:200]!r}"
                for log in self.core.state.log.values() for m in log[-6:]]  # fmt: skip
        said += [
            f"only to {u}: {m.words[:200]!r}"
            for u, mine in self.core.state.whispers.items()
            for m in mine[-3:]
        ]
        said += [
            f"modal of {u}: {v.words[:200]!r}" for u, s in self.core.state.stacks.items() for v in s
        ]
        said += [f"refused: {r.method} {r.error} {r.messages}" for r in self.refusals[-5:]]
        said += [
            f"answered: {a.what} {a.status} in {a.seconds:.2f} s {a.reason}" for a in self.acks[-8:]
        ]
        return "the workspace holds:\n" + "\n".join(said)
