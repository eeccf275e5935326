"""Fixes, what was done of them, and who decided what: all of it fails closed."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from typing import Any

from bot.sealing import Broken
from bot.store.base import DAY, JSON, Base, StoreAway, clean, dumps, guarding, saving

log = logging.getLogger(__name__)

FIX_SECONDS = 90 * DAY
WAITING_SECONDS = DAY  # nobody looks for an undecided fix any longer
WAITING = 50
AUDITED = 1_000_000  # events, about
# A fix goes forward: a status of a lower rank comes from a job that has not seen the newer one.
# Only another plan may go back to being shown, and only before it is applied.
RANKS = {"shown": 0, "approved": 1, "applying": 2, "applied": 3, "verified": 4, "undoing": 5}

PUT = """
local key, waiting = KEYS[1], KEYS[2]
local seconds, id, at, since, expected = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local status, rank, hash, message, fix = ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[10]
local now = redis.call('HMGET', key, 'status', 'rank', 'hash')
local before = tonumber(now[2] or -1)
if expected ~= '' and now[1] ~= expected then return 0 end
if message ~= '' then redis.call('HSET', key, 'message', message) end
local back = expected == '' and tonumber(rank) < before and (hash == now[3] or before >= 2)
if not back then
  redis.call('HSET', key, 'status', status, 'rank', rank, 'hash', hash, 'fix', fix)
  if status == 'shown' then redis.call('ZADD', waiting, at, id)
  else redis.call('ZREM', waiting, id) end
end
redis.call('EXPIRE', key, seconds)
redis.call('ZREMRANGEBYSCORE', waiting, '-inf', since)
return back and 0 or 1
"""
# Appends behind what the writer has read; the same entry again is one whose answer was lost.
APPEND = """
local length, known = redis.call('LLEN', KEYS[1]), tonumber(ARGV[1])
if length == known + 1 and redis.call('LINDEX', KEYS[1], -1) == ARGV[2] then return length end
if length ~= known then return 0 end
redis.call('RPUSH', KEYS[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return length + 1
"""


class Overtaken(StoreAway):
    """Somebody else writes this journal: a worker that was frozen must not go on."""


class Forged(StoreAway):
    """A journal holds what none of our workers wrote: nothing may be done by it."""


class Fixes(Base):
    """Records of fixes, their journals, and the audit stream."""

    @guarding
    def create_fix(self, fix_id: str, fix: JSON) -> None:
        """Keep a proposed fix for 90 days."""
        self._put(fix_id, fix)

    @guarding
    def fix(self, fix_id: str) -> JSON | None:
        """Return a fix as it is now, None where there is none."""
        kept, message = self.redis.hmget(self.key("fix", fix_id), "fix", "message")
        found = self._opened(fix_id, kept)
        return {**found, "message": message} if found and message else found

    @guarding
    def update_fix(self, fix_id: str, fix: JSON) -> None:
        """Keep a fix as it is now; what would take it back to an earlier status is not kept.

        Only where its message is stays, because whoever posted it may be late.
        """
        self._put(fix_id, fix)

    @guarding
    def claim_fix(self, fix_id: str, status: str, fix: JSON) -> bool:
        """Replace a fix if it still has *status*: True for one caller of any number of processes."""
        return self._put(fix_id, fix, status)

    @saving(default=[])
    def open_fixes(self) -> list[JSON]:
        """Return the fixes that wait for a decision, newest first."""
        ids = self.redis.zrevrange(self.key("waiting"), 0, WAITING - 1)
        found = (self._opened(i, self.redis.hget(self.key("fix", i), "fix")) for i in ids)
        return [f for f in found if f and f["status"] == "shown"]

    def _opened(self, fix_id: str, kept: str | None) -> JSON | None:
        """Return a record that we have closed; any other is none."""
        key = self.key("fix", fix_id)
        try:
            return self.seal.open(kept, key) if kept else None
        except Broken:
            log.error("not our record of a fix", extra={"key": key})  # noqa: TRY400 - its stack says nothing
            return None

    def _put(self, fix_id: str, fix: JSON, expected: str = "") -> bool:
        status, now, key = fix["status"], time.time(), self.key("fix", fix_id)
        done = self.redis.eval(
            PUT, 2, key, self.key("waiting"), FIX_SECONDS, fix_id, now,
            now - WAITING_SECONDS, expected, status, RANKS.get(status, len(RANKS)),
            fix.get("hash") or "", fix.get("message") or "", self.seal.close(fix, key),
        )  # fmt: skip
        return bool(done)

    # --- what was done -------------------------------------------------------------------

    def journal_of(self, fix_id: str) -> RedisJournal:
        """Return the journal of a fix."""
        return RedisJournal(self, self.key("journal", fix_id))

    @guarding
    def append_journal(self, key: str, entry: Mapping[str, JSON], known: int) -> int:
        """Append behind the *known* entries and return how many there are; raises Overtaken."""
        text = self.seal.close(dict(entry), f"{key}:{known}")
        length = int(self.redis.eval(APPEND, 1, key, known, text, FIX_SECONDS))
        if length == 0:
            raise Overtaken(key)
        return length

    @guarding
    def journal_entries(self, key: str) -> list[dict[str, Any]]:
        kept = self.redis.lrange(key, 0, -1)
        try:
            return [self.seal.open(text, f"{key}:{n}") for n, text in enumerate(kept)]
        except Broken as error:
            log.error("not our journal", extra={"key": key})  # noqa: TRY400 - its stack says nothing
            raise Forged(key) from error

    @guarding
    def audit(self, event: Mapping[str, JSON]) -> None:
        """Append *event* to the audit stream."""
        kept = {"event": dumps(clean(dict(event)))}
        self.redis.xadd(self.key("audit"), kept, maxlen=AUDITED, approximate=True)

    @guarding
    def audit_since(self, start: str = "-", count: int = 1000) -> list[JSON]:
        """Return events of the audit stream from the entry id *start* on, oldest first."""
        found = self.redis.xrange(self.key("audit"), min=start, count=count)
        return [{"id": i, **json.loads(fields["event"])} for i, fields in found]


class RedisJournal:
    """The journal of one fix: what was begun and what was done, in order.

    It can be written by one worker at a time: by the one that has read all of it.
    """

    def __init__(self, store: Fixes, key: str) -> None:
        self._store = store
        self._key = key
        self._known: int | None = None

    def append(self, entry: Mapping[str, JSON]) -> None:
        """Append *entry*; raises Overtaken, and StoreAway, and then nothing may be done."""
        known = len(self.entries()) if self._known is None else self._known
        self._known = self._store.append_journal(self._key, entry, known)

    def entries(self) -> list[dict[str, Any]]:
        found = self._store.journal_entries(self._key)
        if self._known is None:
            self._known = len(found)
        return found
