"""The store over Redis 6.2 or newer."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from bot.facts import Subject
from bot.redact import redact
from bot.store.base import DAY, JSON, Base, Flight, connect, dumps, guarding, saving

CLAIM = """
local kept = redis.call('GET', KEYS[1])
if not kept or cjson.decode(kept)['status'] ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
"""
RELEASE = (
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"
)

FIX_DAYS, THREAD_DAYS, SNAPSHOT_DAYS = 90, 30, 30
EVENT_SECONDS = 660  # Slack sends an event again for about six minutes
RECENT = 50


class Store(Base):
    """The store. One for each process; safe to share between threads."""

    @classmethod
    def at(cls, url: str) -> Store:
        """Return the store at *url*; nothing connects before it is used."""
        return cls(connect(url))

    # --- answers -------------------------------------------------------------------------

    @saving(default=None)
    def put_report(self, fingerprint: str, report: JSON, *, ttl: int) -> None:
        """Keep an answer for *ttl* seconds."""
        kept = {"at": time.time(), "report": report}
        key = self.key("report", fingerprint)
        self.set_json(key, kept, ttl)
        account = report["subject"]["account"]
        self.redis.sadd(self.key("reports", account), key)
        self.redis.expire(self.key("reports", account), ttl)

    @saving(default=None)
    def report(self, fingerprint: str) -> tuple[JSON, float] | None:
        """Return an answer and its age in seconds, None where none is fresh enough."""
        kept = self.get_json(self.key("report", fingerprint))
        return (kept["report"], max(0.0, time.time() - kept["at"])) if kept else None

    @saving(default=None)
    def forget_reports(self, account: str) -> None:
        """Forget every answer about *account*, because it has changed."""
        index = self.key("reports", account)
        keys = list(self.redis.smembers(index))
        if keys:
            self.redis.delete(*keys, index)

    @contextmanager
    def flight(self, fingerprint: str, seconds: int) -> Iterator[Flight]:
        """Share one computation between equal questions that come together.

        Who comes first leads; the others wait for what it lands. A leader that dies or fails
        frees the others to find out for themselves, after *seconds* at most.
        """
        token, lead, landed = secrets.token_hex(8), self.key("flight", fingerprint), False
        inbox = self.key("landed", fingerprint)
        leader = self._lead(lead, token, seconds)
        result = None if leader else self._await(inbox, lead, seconds)

        def land(value: JSON) -> None:
            nonlocal landed
            landed = self._land(inbox, value)

        try:
            yield Flight(result, land)
        finally:
            if leader:
                self._release(lead, token)
                if not landed:
                    self._land(inbox, None)

    @saving(default=True)
    def _lead(self, lead: str, token: str, seconds: int) -> bool:
        return bool(self.redis.set(lead, token, nx=True, ex=seconds))

    @saving(default=None)
    def _await(self, inbox: str, lead: str, seconds: int) -> JSON | None:
        """Return what the leader lands; None where it fails. The value is put back for the next one."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = self.redis.brpoplpush(inbox, inbox, timeout=1)
            if found:
                return json.loads(found)["value"]
            if not self.redis.exists(lead):
                return None
        return None

    @saving(default=False)
    def _land(self, inbox: str, value: JSON) -> bool:
        with self.redis.pipeline() as pipe:
            pipe.delete(inbox).rpush(inbox, dumps({"value": value})).expire(inbox, 2).execute()
        return True

    # --- stopped tasks -------------------------------------------------------------------

    @saving(default=None)
    def put_snapshot(self, subject: Subject, arn: str, task: JSON) -> None:
        """Keep a stopped task for 30 days, found again by its ARN, its id or its service."""
        seconds = SNAPSHOT_DAYS * DAY
        for key in self._snapshot_keys(subject, arn):
            self.set_json(key, task, seconds)

    @saving(default=None)
    def snapshot(self, subject: Subject) -> JSON | None:
        """Return the newest stopped task that is remembered of *subject*."""
        keys = self._snapshot_keys(subject, subject.task)
        return next((kept for key in keys if (kept := self.get_json(key))), None)

    def _snapshot_keys(self, subject: Subject, arn: str | None) -> list[str]:
        place = (subject.account, subject.region)
        keys = [self.key("task", *place, arn.rpartition("/")[2])] if arn else []
        if subject.service:
            keys.append(self.key("newest", *place, subject.cluster or "", subject.service))
        return keys

    # --- fixes ---------------------------------------------------------------------------

    @guarding
    def create_fix(self, fix_id: str, fix: JSON) -> None:
        """Keep a proposed fix."""
        self.set_json(self.key("fix", fix_id), fix, FIX_DAYS * DAY)
        self.redis.lpush(self.key("open-fixes"), fix_id)
        self.redis.ltrim(self.key("open-fixes"), 0, RECENT - 1)

    @guarding
    def fix(self, fix_id: str) -> JSON | None:
        return self.get_json(self.key("fix", fix_id))

    @guarding
    def update_fix(self, fix_id: str, fix: JSON) -> None:
        self.set_json(self.key("fix", fix_id), fix, FIX_DAYS * DAY)

    @guarding
    def claim_fix(self, fix_id: str, status: str, fix: JSON) -> bool:
        """Replace a fix if it still has *status*: True for one caller of any number of processes."""
        done = self.redis.eval(
            CLAIM, 1, self.key("fix", fix_id), status, dumps(fix), str(FIX_DAYS * DAY)
        )
        return bool(done == 1)

    @guarding
    def open_fixes(self) -> list[JSON]:
        """Return the fixes proposed last, newest first, whatever became of them."""
        ids = self.redis.lrange(self.key("open-fixes"), 0, RECENT - 1)
        found = (self.get_json(self.key("fix", i)) for i in ids)
        return [f for f in found if f]

    def journal_of(self, fix_id: str) -> RedisJournal:
        """Return the journal of a fix."""
        return RedisJournal(self, self.key("journal", fix_id))

    @guarding
    def append_journal(self, key: str, entry: Mapping[str, JSON]) -> None:
        with self.redis.pipeline() as pipe:
            pipe.rpush(key, dumps(dict(entry))).expire(key, FIX_DAYS * DAY).execute()

    @guarding
    def journal_entries(self, key: str) -> list[dict[str, Any]]:
        return [json.loads(e) for e in self.redis.lrange(key, 0, -1)]

    @contextmanager
    def lock(self, name: str, seconds: int) -> Iterator[bool]:
        """Hold the lock called *name*; gives False where somebody else holds it."""
        key = self.key("lock", hashlib.sha256(name.encode()).hexdigest()[:32])
        token = secrets.token_hex(8)
        held = self._take(key, token, seconds)
        try:
            yield held
        finally:
            if held:
                self._release(key, token)

    @guarding
    def _take(self, key: str, token: str, seconds: int) -> bool:
        return bool(self.redis.set(key, token, nx=True, ex=seconds))

    @saving(default=None)
    def _release(self, key: str, token: str) -> None:
        self.redis.eval(RELEASE, 1, key, token)

    @guarding
    def audit(self, event: Mapping[str, JSON]) -> None:
        """Append *event* to the audit stream."""
        self.redis.xadd(self.key("audit"), {"event": dumps(dict(event))})

    @guarding
    def audit_since(self, start: str = "-", count: int = 1000) -> list[JSON]:
        """Return events of the audit stream from the entry id *start* on, oldest first."""
        found = self.redis.xrange(self.key("audit"), min=start, count=count)
        return [{"id": i, **json.loads(fields["event"])} for i, fields in found]

    # --- conversations -------------------------------------------------------------------

    @guarding
    def put_thread(self, channel: str, ts: str, kept: JSON) -> None:
        """Remember what a message of ours is about."""
        question = {**kept["question"], "text": redact(kept["question"]["text"])}
        self.set_json(
            self.key("thread", channel, ts), {**kept, "question": question}, THREAD_DAYS * DAY
        )

    @guarding
    def thread(self, channel: str, ts: str) -> JSON | None:
        return self.get_json(self.key("thread", channel, ts))

    @saving(default=None)
    def note_diagnosis(self, account: str, entry: JSON) -> None:
        """Add *entry* to the last diagnoses of *account*."""
        key = self.key("recent", account)
        with self.redis.pipeline() as pipe:
            pipe.lpush(key, dumps(entry)).ltrim(key, 0, RECENT - 1).expire(
                key, THREAD_DAYS * DAY
            ).execute()

    @saving(default=[])
    def recent(self, accounts: Collection[str], count: int) -> list[JSON]:
        """Return the last diagnoses of *accounts*, newest first."""
        keys = [self.key("recent", a) for a in accounts]
        found = [json.loads(e) for k in keys for e in self.redis.lrange(k, 0, count - 1)]
        return sorted(found, key=lambda e: e["at"], reverse=True)[:count]

    @saving(default=(1, ""))
    def storm(self, channel: str, failure: str, thread: str, window: timedelta) -> tuple[int, str]:
        """Count a failure in a channel; returns how often it came within *window*, and the first thread."""
        key = self.key("storm", channel, failure)
        with self.redis.pipeline() as pipe:
            pipe.hincrby(key, "count", 1).hsetnx(key, "thread", thread).hget(key, "thread")
            count, _, first = pipe.expire(key, int(window.total_seconds())).execute()[:3]
        return int(count), str(first)

    @guarding
    def first_time(self, event_id: str) -> bool:
        """Tell whether this event was not seen before: Slack sends events again."""
        key = self.key("event", event_id)
        return not event_id or bool(self.redis.set(key, "1", nx=True, ex=EVENT_SECONDS))

    @saving(default=None)
    def language(self, user: str) -> str | None:
        kept = self.redis.get(self.key("language", user))
        return str(kept) if kept else None

    @saving(default=None)
    def set_language(self, user: str, language: str) -> None:
        self.redis.set(self.key("language", user), language, ex=DAY)

    @saving(default=None)
    def group(self, group: str) -> list[str] | None:
        """Return the members of a user group, None where they are not known."""
        kept: list[str] | None = self.get_json(self.key("group", group))
        return kept

    @saving(default=None)
    def set_group(self, group: str, members: list[str], seconds: int) -> None:
        self.set_json(self.key("group", group), members, seconds)


class RedisJournal:
    """The journal of one fix: what was begun and what was done, in order."""

    def __init__(self, store: Store, key: str) -> None:
        self._store = store
        self._key = key

    def append(self, entry: Mapping[str, JSON]) -> None:
        self._store.append_journal(self._key, entry)

    def entries(self) -> list[dict[str, Any]]:
        return self._store.journal_entries(self._key)
