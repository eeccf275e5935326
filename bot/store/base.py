"""The connection, and how calls to it fail."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from redis import BlockingConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

JSON = Any
F = TypeVar("F", bound=Callable[..., Any])

PREFIX = "ecs-pull:"
DAY = 86_400  # seconds


class StoreAway(Exception):  # noqa: N818 - how the world is
    """Redis did not answer, and what was asked must not be done without it."""


@dataclass(slots=True)
class Flight:
    """One computation of an answer: whoever does not lead finds the *result* of who does."""

    result: JSON | None
    land: Callable[[JSON], None]


class Base:
    """Keys, JSON, and the two ways in which calls fail."""

    def __init__(self, redis: Redis) -> None:
        self.redis: Any = redis  # its types cannot tell the synchronous client from the other
        self.healthy = True

    def key(self, *parts: str) -> str:
        return PREFIX + ":".join(parts)

    def get_json(self, key: str) -> JSON | None:
        kept = self.redis.get(key)
        return json.loads(kept) if kept else None

    def set_json(self, key: str, value: JSON, seconds: int) -> None:
        self.redis.set(key, dumps(value), ex=seconds)

    def ping(self) -> bool:
        """Tell whether Redis answers."""
        try:
            return bool(self.redis.ping())
        except RedisError:
            return False


def connect(url: str, *, text: bool = True) -> Redis:
    """Return a client that waits for a free connection and tells at once when Redis is away.

    *text*: answers are strings, not bytes. redis-py's own default tries ten times with back-off: a hanging Redis takes ten seconds to fail.
    """
    pool = BlockingConnectionPool.from_url(
        url, max_connections=50, timeout=5, socket_timeout=5, socket_connect_timeout=2,
        retry=Retry(NoBackoff(), 1), decode_responses=text,
    )  # fmt: skip
    return Redis(connection_pool=pool)


def guarding(function: F) -> F:
    """Make *function* raise StoreAway when Redis does not answer: it guards something."""

    @functools.wraps(function)
    def guarded(self: Base, *args: Any, **kwargs: Any) -> Any:
        try:
            found = function(self, *args, **kwargs)
        except RedisError as error:
            self.healthy = False
            raise StoreAway(type(error).__name__) from error
        self.healthy = True
        return found

    return cast("F", guarded)


def saving(*, default: JSON) -> Callable[[F], F]:
    """Make a function answer *default* when Redis does not: it only saves time."""

    def decorate(function: F) -> F:
        @functools.wraps(function)
        def tried(self: Base, *args: Any, **kwargs: Any) -> Any:
            try:
                found = function(self, *args, **kwargs)
            except RedisError:
                self.healthy = False
                return default
            self.healthy = True
            return found

        return cast("F", tried)

    return decorate


def dumps(value: JSON) -> str:
    """Return *value* as compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: object) -> JSON:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} does not belong into the store")
