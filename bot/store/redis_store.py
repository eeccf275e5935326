"""The store over Redis 6.2 or newer."""

from __future__ import annotations

from bot.sealing import Seal
from bot.store.answers import Answers
from bot.store.base import connect
from bot.store.conversations import Conversations
from bot.store.fixes import Fixes
from bot.store.locks import Locks


class Store(Answers, Fixes, Locks, Conversations):
    """The store. One for each process; safe to share between threads."""

    @classmethod
    def at(cls, url: str, seal: Seal) -> Store:
        """Return the store at *url*; nothing connects before it is used.

        *seal* is that of all processes that share fixes.
        """
        return cls(connect(url), seal)
