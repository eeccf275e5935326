"""The connection, and how calls to it fail."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from redis import BlockingConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.connection import parse_url
from redis.exceptions import RedisError
from redis.retry import Retry

from bot.redact import redact
from bot.sealing import Seal

JSON = Any
F = TypeVar("F", bound=Callable[..., Any])

PREFIX = "ecs-pull:"
DAY = 86_400  # seconds
PATIENCE = 1.0  # seconds; tried twice that stays below the three that Slack waits for an ack


class StoreAway(Exception):  # noqa: N818 - how the world is
    """Redis did not answer, and what was asked must not be done without it."""


class Base:
    """Keys, JSON, and the two ways in which calls fail."""

    def __init__(self, redis: Any, seal: Seal) -> None:
        self.redis = redis  # Any: its types cannot tell the synchronous client from the other
        self.seal = seal
        self.healthy = True

    def key(self, *parts: str) -> str:
        """Return the key of *parts*; a colon within a part cannot make it another key."""
        return PREFIX + ":".join(p.replace("%", "%25").replace(":", "%3A") for p in parts)

    def get_json(self, key: str) -> JSON | None:
        kept = self.redis.get(key)
        return json.loads(kept) if kept else None

    def set_json(self, key: str, value: JSON, seconds: int) -> None:
        self.redis.set(key, dumps(value), ex=seconds)

    def ping(self) -> bool:
        """Tell whether Redis answers."""
        try:
            self.healthy = bool(self.redis.ping())
        except RedisError:
            self.healthy = False
        return self.healthy


def connect(url: str, *, text: bool = True, database: int = 0) -> Redis:
    """Return a client that waits for a free connection, and fails at once when Redis is away.

    *text*: answers are strings, not bytes. *database* is counted from the one that *url* names.
    """
    asked: dict[str, Any] = {
        # redis-py's own default tries ten times with back-off: a hanging Redis takes ten seconds.
        "max_connections": 50, "timeout": 5, "socket_timeout": PATIENCE,
        "socket_connect_timeout": PATIENCE, "retry": Retry(NoBackoff(), 1),
        "decode_responses": text, "protocol": 2,
        **parse_url(url),  # type: ignore[no-untyped-call]
    }  # fmt: skip
    if "path" in asked:  # a socket file connects at once or not at all
        del asked["socket_connect_timeout"]
    asked["db"] = int(asked.get("db", 0)) + database
    pool = BlockingConnectionPool(**asked)  # type: ignore[no-untyped-call]
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


def clean(value: JSON) -> JSON:
    """Return *value* with every text redacted: what people paste and AWS records may hold secrets."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {k: clean(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean(v) for v in value]
    return value


def _plain(value: object) -> JSON:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} does not belong into the store")
