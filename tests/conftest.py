"""What many tests share: one Redis for the whole run, empty for each test that asks."""

from __future__ import annotations

import pytest
from redis import Redis

from bot import redis_server


@pytest.fixture(scope="session")
def redis_url():
    server = redis_server.start()
    yield server.url
    server.stop()


@pytest.fixture
def empty_redis(redis_url):
    with Redis.from_url(redis_url) as client:
        client.flushall()
    return redis_url
