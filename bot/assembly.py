"""Put the parts together as the settings say. Nothing connects before it is asked to."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from bot.accounts_file import accounts
from bot.aws.accounts import Doors
from bot.config import Settings
from bot.evidence import WORKERS
from bot.sealing import Seal
from bot.service import Service
from bot.store import Forgetful, Store

COLLECTING = 2 * WORKERS  # two diagnoses side by side at full width


def service(found: Settings, *, command_line: bool = False) -> Service:
    """Return the service; on the command line Redis is optional, and without it nothing is kept."""
    book = accounts(found.accounts_file)
    doors = Doors(book, endpoint_url=found.aws_endpoint_url)
    forgetful = command_line and not found.redis_url
    store = Forgetful() if forgetful else Store.at(found.redis_url or "", Seal.of(found.secret))
    pool = ThreadPoolExecutor(COLLECTING, "collect")
    return Service(book, doors, store, pool)
