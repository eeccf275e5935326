"""How often each method may be called: buckets per method, and per channel where Slack counts so."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from playground.workspace.model import Refused


@dataclass(frozen=True, slots=True)
class Rate:
    """So many calls a minute, of which so many at once."""

    per_minute: float
    burst: int
    by_channel: bool = False


TIER_2, TIER_3, TIER_4, MANY = Rate(20, 20), Rate(50, 50), Rate(100, 100), Rate(600, 600)
RATES: dict[str, Rate] = {
    "chat.postMessage": Rate(60, 5, by_channel=True),
    "chat.postEphemeral": TIER_4,
    "chat.update": TIER_3,
    "chat.delete": TIER_3,
    "chat.getPermalink": MANY,
    "auth.test": MANY,
    "users.info": TIER_4,
    "conversations.info": TIER_3,
    "conversations.open": TIER_3,
    "usergroups.users.list": TIER_2,
    "reactions.add": TIER_3,
    "reactions.remove": TIER_2,
    "views.open": TIER_4,
    "views.update": TIER_4,
    "views.push": TIER_4,
    "views.publish": TIER_4,
    "files.getUploadURLExternal": TIER_4,
    "files.completeUploadExternal": TIER_4,
}


class Limits:
    """Buckets that fill as time passes."""

    def __init__(
        self, clock: Callable[[], float], *, enabled: bool, rates: Mapping[str, Rate] | None
    ) -> None:
        self._clock = clock
        self._enabled = enabled
        self._rates = RATES | dict(rates or {})
        self._left: dict[tuple[str, str], tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, method: str, channel: str) -> None:
        """Count one call; raises Refused with Retry-After when there are too many."""
        rate = self._rates.get(method)
        if rate is None or not self._enabled:
            return
        key = (method, channel if rate.by_channel else "")
        each = rate.per_minute / 60
        with self._lock:
            now = self._clock()
            left, at = self._left.get(key, (float(rate.burst), now))
            left = min(float(rate.burst), left + (now - at) * each)
            self._left[key] = (left - 1 if left >= 1 else left, now)
        if left < 1:
            wait = max(1, math.ceil((1 - left) / each))
            raise Refused("ratelimited", status=429, retry_after=wait)
