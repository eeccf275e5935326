"""Everything the bot remembers, in Redis: results, fixes, journals, locks, conversations, audit.

Reading what only saves time fails open; what guards a write to AWS raises :class:`StoreAway`.
"""

from bot.store.base import StoreAway
from bot.store.fixes import Overtaken
from bot.store.forgetful import Forgetful
from bot.store.locks import Flight
from bot.store.redis_store import Store

__all__ = ["Flight", "Forgetful", "Overtaken", "Store", "StoreAway"]
