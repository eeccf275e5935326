"""What was said where, and to whom."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import timedelta

from bot.sealing import Broken
from bot.store.base import DAY, JSON, Base, clean, dumps, guarding, saving

THREAD_SECONDS = 30 * DAY
EVENT_SECONDS = 660  # Slack sends an event again for about six minutes
RECENT = 50


class Conversations(Base):
    """Messages of ours, the last diagnoses, events that were seen, people and groups."""

    @saving(default=None)
    def put_thread(self, channel: str, ts: str, kept: JSON) -> None:
        """Remember for 30 days what a message of ours is about."""
        self.set_json(self.key("thread", channel, ts), clean(kept), THREAD_SECONDS)

    @guarding
    def thread(self, channel: str, ts: str) -> JSON | None:
        """Return what a message of ours is about: its buttons do nothing without."""
        return self.get_json(self.key("thread", channel, ts))

    @saving(default=None)
    def note_diagnosis(self, account: str, entry: JSON) -> None:
        """Add *entry* to the last diagnoses of *account*; its ``at`` is in seconds."""
        key = self.key("recent", account)
        with self.redis.pipeline() as pipe:
            pipe.lpush(key, dumps(clean(entry)))
            pipe.ltrim(key, 0, RECENT - 1).expire(key, THREAD_SECONDS).execute()

    @saving(default=[])
    def recent(self, accounts: Collection[str], count: int) -> list[JSON]:
        """Return the last diagnoses of *accounts*, newest first."""
        keys = [self.key("recent", a) for a in accounts]
        found = [json.loads(e) for k in keys for e in self.redis.lrange(k, 0, count - 1)]
        return sorted(found, key=lambda e: e["at"], reverse=True)[:count]

    @saving(default=(1, ""))
    def storm(self, channel: str, failure: str, thread: str, window: timedelta) -> tuple[int, str]:
        """Count a failure in a channel; returns how often it came, and the first thread.

        A storm ends when the failure did not come for *window*.
        """
        key = self.key("storm", channel, failure)
        with self.redis.pipeline() as pipe:
            pipe.hincrby(key, "count", 1).hsetnx(key, "thread", thread).hget(key, "thread")
            count, _, first = pipe.expire(key, int(window.total_seconds())).execute()[:3]
        return int(count), str(first)

    @saving(default=1)
    def repeats(self, channel: str, failure: str) -> int:
        """Return how often a failure came since its storm began."""
        return int(self.redis.hget(self.key("storm", channel, failure), "count") or 1)

    @saving(default=True)
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
        key = self.key("group", group)
        kept = self.redis.get(key)
        try:
            members: list[str] | None = self.seal.open(kept, key) if kept else None
        except Broken:  # who may approve is nobody's to write but ours
            return None
        return members

    @saving(default=None)
    def set_group(self, group: str, members: list[str], seconds: int) -> None:
        key = self.key("group", group)
        self.redis.set(key, self.seal.close(members, key), ex=seconds)
