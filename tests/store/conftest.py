"""A store on an empty Redis."""

from __future__ import annotations

import pytest

from bot.store import Store
from tests.support.sealing import SEAL


@pytest.fixture
def store(empty_redis):
    made = Store.at(empty_redis, SEAL)
    yield made
    made.redis.connection_pool.disconnect()
