"""Locks and shared computations: leases that are renewed while they are held.

A lease is short, so that what a killed process held is free again before the queue gives its
job to another one; and renewed, so that what is held stays held.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread

from bot.store.base import JSON, Base, clean, dumps, guarding, saving

# All or none; answers the token of whoever holds one of them.
TAKE = """
for _, key in ipairs(KEYS) do
  local held = redis.call('GET', key)
  if held and held ~= ARGV[1] then return held end
end
for _, key in ipairs(KEYS) do redis.call('SET', key, ARGV[1], 'PX', ARGV[2]) end
return ARGV[1]
"""
RENEW = """
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) ~= ARGV[1] then return 0 end
end
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[2]) end
return 1
"""
RELEASE = """
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then redis.call('DEL', key) end
end
"""

LEASE = 3.0  # seconds until somebody else may lead a computation whose leader is dead
LANDED = 10  # seconds that a result waits for those who wait for it
WAIT = 500  # milliseconds of one wait; less than a connection waits for an answer


@dataclass(slots=True)
class Flight:
    """One computation of an answer: whoever does not lead finds the *result* of who does."""

    result: JSON | None
    land: Callable[[JSON], None]


class Locks(Base):
    """What one may do at a time, over any number of processes."""

    @contextmanager
    def lock(self, names: str | Collection[str], seconds: float) -> Iterator[bool]:
        """Hold every lock of *names* together; gives False where somebody else holds one.

        *seconds* after the death of a holder its locks are free. Raises StoreAway.
        """
        chosen = [names] if isinstance(names, str) else sorted(set(names))
        keys = [self.key("lock", name) for name in chosen]
        token = secrets.token_hex(8)
        if self._take(keys, token, seconds) != token:
            yield False
            return
        with self._renewed(keys, token, seconds):
            yield True

    @contextmanager
    def flight(self, fingerprint: str, seconds: float) -> Iterator[Flight]:
        """Share one computation between equal questions that come together.

        Who comes first leads; the others wait *seconds* at most for what it lands. Where the
        leader dies one of them leads; where it fails each finds out for itself why.
        """
        lead, token = [self.key("flight", fingerprint)], secrets.token_hex(8)
        deadline = time.monotonic() + seconds
        inboxes = [self.key("landed", token)]  # and of those who died before they landed
        while (leader := self._leading(lead, token) or token) != token:
            inbox = self.key("landed", leader)
            landed = self._await(inbox, WAIT)
            if landed is not None or time.monotonic() >= deadline:
                yield Flight((landed or {}).get("value"), lambda _: None)
                return
            inboxes += [inbox] if inbox not in inboxes else []
        with self._renewed(lead, token, LEASE):
            # Another one may have led after the dead one, and landed before we could.
            found = self._await(inboxes[-1]) if len(inboxes) > 1 else None
            if found is not None:
                self._land(inboxes, found["value"])
            try:
                yield Flight((found or {}).get("value"), lambda value: self._land(inboxes, value))
            finally:
                self._land(inboxes, None)  # only the first landing is read

    @contextmanager
    def _renewed(self, keys: list[str], token: str, seconds: float) -> Iterator[None]:
        released = Event()

        def renew() -> None:
            while not released.wait(seconds / 4) and self._renew(keys, token, seconds):
                pass  # until it is released, or lost: then it is not ours to disturb

        Thread(target=renew, name="lease", daemon=True).start()
        try:
            yield
        finally:
            released.set()
            self._release(keys, token)

    @guarding
    def _take(self, keys: list[str], token: str, seconds: float) -> str:
        return str(self.redis.eval(TAKE, len(keys), *keys, token, int(seconds * 1000)))

    @saving(default=True)
    def _renew(self, keys: list[str], token: str, seconds: float) -> bool:
        return bool(self.redis.eval(RENEW, len(keys), *keys, token, int(seconds * 1000)))

    @saving(default=None)
    def _release(self, keys: list[str], token: str) -> None:
        self.redis.eval(RELEASE, len(keys), *keys, token)

    @saving(default=None)
    def _leading(self, keys: list[str], token: str) -> str | None:
        """Return the token of who leads, None where nobody can tell."""
        return str(self.redis.eval(TAKE, len(keys), *keys, token, int(LEASE * 1000)))

    @saving(default={"value": None})
    def _await(self, inbox: str, wait: int | None = None) -> JSON | None:
        """Return what landed, in a dict because that may be None; None where nothing has yet."""
        found = self.redis.xread({inbox: "0"}, count=1, block=wait)
        return json.loads(found[0][1][0][1]["landed"]) if found else None

    @saving(default=None)
    def _land(self, inboxes: Collection[str], value: JSON) -> None:
        kept = {"landed": dumps({"value": clean(value)})}
        with self.redis.pipeline() as pipe:
            for inbox in inboxes:
                pipe.xadd(inbox, kept).expire(inbox, LANDED)
            pipe.execute()
