"""The store over Redis 6.2 or newer."""

from __future__ import annotations

from bot.store.answers import Answers
from bot.store.base import connect
from bot.store.conversations import Conversations
from bot.store.fixes import Fixes
from bot.store.locks import Locks


class Store(Answers, Fixes, Locks, Conversations):
    """The store. One for each process; safe to share between threads."""

    @classmethod
    def at(cls, url: str) -> Store:
        """Return the store at *url*; nothing connects before it is used."""
        return cls(connect(url))
