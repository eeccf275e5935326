"""A store that remembers nothing: for one command on the command line, where no Redis is set."""

from __future__ import annotations

from typing import NoReturn

from redis.exceptions import ConnectionError as NoConnection

from bot.sealing import Seal
from bot.store.redis_store import Store


class Forgetful(Store):
    """Behaves as the store does while Redis is away: knows nothing, and guards no fix."""

    def __init__(self) -> None:
        super().__init__(_Nowhere(), Seal.of(None))


class _Nowhere:
    """A client that never finds its server, and does not look for one."""

    def __getattr__(self, command: str) -> NoReturn:
        raise NoConnection(f"{command}: no Redis is set")
