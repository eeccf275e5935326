"""What several diagnoses ask of a network within seconds is asked once: services share their VPC."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from bot.aws.client import Door
from bot.model import Call

SECONDS = 30.0  # that an answer may be old
Key = tuple[str, ...]


@dataclass(slots=True)
class Shared:
    """Answers of a while; equal questions that come together wait for one answer.

    A failure is told to those who wait for it, and is asked anew by the next.
    """

    clock: Callable[[], float] = time.monotonic
    _kept: dict[Key, tuple[float, Future[Any]]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def answer(self, key: Key, ask: Callable[[], Any]) -> Any:
        """Return what *ask* gave for *key*, at most :data:`SECONDS` ago, or gives now."""
        now = self.clock()
        with self._lock:
            self._kept = {k: v for k, v in self._kept.items() if now - v[0] < SECONDS}
            _, flight = self._kept.get(key, (now, None))
            if flight is None:
                mine: Future[Any] = Future()
                self._kept[key] = (now, mine)
        if flight is not None:
            return flight.result()
        try:
            found = ask()
        except BaseException as failure:
            with self._lock:
                self._kept.pop(key, None)
            mine.set_exception(failure)
            raise
        mine.set_result(found)
        return found


@dataclass(frozen=True, slots=True)
class SharedDoor:
    """A door behind which EC2 is asked once for all who come in a while.

    *state* names how the account was when we came: after a change nothing from before is shared.
    """

    door: Door
    shared: Shared
    state: str

    @property
    def account(self) -> str:
        return self.door.account

    @property
    def region(self) -> str:
        return self.door.region

    def call(self, call: Call) -> dict[str, Any]:
        found: dict[str, Any] = self._asked(call, "", lambda: self.door.call(call))
        return found

    def pages(self, call: Call, key: str) -> list[Any]:
        found: list[Any] = self._asked(call, key, lambda: self.door.pages(call, key))
        return found

    def at(self, region: str) -> SharedDoor:
        return SharedDoor(self.door.at(region), self.shared, self.state)

    def _asked(self, call: Call, listed: str, ask: Callable[[], Any]) -> Any:
        if call.service != "ec2":
            return ask()
        asked = json.dumps(call.params, sort_keys=True)
        key = (self.account, self.region, self.state, call.operation, listed, asked)
        return self.shared.answer(key, ask)
