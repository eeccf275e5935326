"""What a request lets the bot do later: open one view within seconds, answer five times in half an hour."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass

from playground.workspace.model import Refused

USES, LIFE = 5, 1800.0


@dataclass(slots=True)
class Trigger:
    """Leave to open one view for *user*; *view* is the modal that was in front."""

    user: str
    until: float
    view: str | None
    used: bool = False


@dataclass(slots=True)
class ResponseUrl:
    """Leave to answer where somebody acted; *ts* is the message that was acted on."""

    user: str
    channel: str
    until: float
    ts: str | None = None
    ephemeral: bool = False
    left: int = USES


class Tickets:
    """All triggers and response URLs that were handed out."""

    def __init__(self, clock: Callable[[], float], trigger_seconds: float) -> None:
        self._clock = clock
        self._seconds = trigger_seconds
        self._triggers: dict[str, Trigger] = {}
        self._urls: dict[str, ResponseUrl] = {}
        self._lock = threading.Lock()

    def trigger(self, user: str, view: str | None = None) -> str:
        """Hand out a trigger id."""
        name = f"{secrets.randbelow(10**10)}.{secrets.randbelow(10**10)}.{secrets.token_hex(16)}"
        with self._lock:
            self._triggers[name] = Trigger(user, self._clock() + self._seconds, view)
        return name

    def exchange(self, name: str) -> Trigger:
        """Take a trigger, which works once; raises Refused."""
        with self._lock:
            found = self._triggers.get(name)
            if found is None:
                raise Refused("invalid_trigger_id")
            if found.used:
                raise Refused("exchanged_trigger_id")
            if self._clock() > found.until:
                raise Refused("expired_trigger_id")
            found.used = True
            return found

    def response_url(
        self, user: str, channel: str, ts: str | None = None, *, ephemeral: bool = False
    ) -> str:
        """Hand out the last part of a response URL."""
        name = secrets.token_urlsafe(16)
        with self._lock:
            self._urls[name] = ResponseUrl(user, channel, self._clock() + LIFE, ts, ephemeral)
        return name

    def use(self, name: str) -> ResponseUrl:
        """Count one use of a response URL; raises Refused."""
        with self._lock:
            found = self._urls.get(name)
            if found is None:
                raise Refused("no_url", status=404)
            if self._clock() > found.until:
                raise Refused("expired_url", status=404)
            if found.left == 0:
                raise Refused("used_url", status=404)
            found.left -= 1
            return found
