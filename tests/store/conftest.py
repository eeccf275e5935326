"""A store on an empty Redis, one whose Redis is away, and one whose Redis hangs."""

from __future__ import annotations

import os
import signal
import socket

import pytest

from bot import redis_server
from bot.store import Store


@pytest.fixture
def store(empty_redis):
    return Store.at(empty_redis)


@pytest.fixture
def away():
    """A store whose Redis refuses connections."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening: nobody else answers there either
        yield Store.at(f"redis://127.0.0.1:{nobody.getsockname()[1]}/0")


@pytest.fixture
def hanging():
    """A store whose Redis takes connections and says nothing."""
    server = redis_server.start()
    store = Store.at(server.url)
    assert store.ping()
    os.kill(server.process.pid, signal.SIGSTOP)
    yield store
    os.kill(server.process.pid, signal.SIGCONT)
    server.stop()
