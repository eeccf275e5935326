"""The running bot: ``python -m handlers [all|worker|socket]``.

``all`` is one process with the listeners and the worker: over Socket Mode with an app token,
else over HTTP. ``worker`` and ``socket`` are the same parts as processes of their own.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication
from slack_bolt.adapter.socket_mode import SocketModeHandler

from bot import redis_server
from bot.config import ConfigError, Settings, read_env_file, settings
from bot.logs import configure
from bot.queue import Running
from handlers.parts import Parts, parts

log = logging.getLogger(__name__)

YIELDS = 10  # how far a worker stands back behind listeners, which must ack in time
THREADS = 16
GRACE = 30  # seconds until a process that was told to stop is killed; its jobs get a few less
LOOK = 1.0  # seconds; Python runs a signal's handler only once its main thread does something


class Http(BaseApplication):  # type: ignore[misc]  # gunicorn is untyped
    """One gunicorn process with threads, and the worker's threads beside them."""

    def __init__(self, found: Settings, *, work: bool) -> None:
        self.found = found
        self.work = work
        self.running: Running | None = None
        super().__init__()

    def load_config(self) -> None:
        options = {
            "bind": f"{os.environ.get('BIND', '0.0.0.0')}:{self.found.port}",  # noqa: S104 - a server's default
            "worker_class": "gthread", "workers": 1, "threads": THREADS, "timeout": 60,
            "graceful_timeout": GRACE, "worker_exit": self._ended, "loglevel": "warning", "control_socket_disable": True,
        }  # fmt: skip
        for name, value in options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        made = parts(self.found)
        if self.work:
            self.running = made.work()
        return made.site()

    def _ended(self, _server: Any, _worker: Any) -> None:
        """Let running jobs end, in the process that ran them."""
        if self.running:
            self.running.stop()


def main(argv: list[str] | None = None) -> int:
    """Run until told to stop; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m handlers", description=__doc__.split("\n\n")[0]
    )
    parser.add_argument("what", nargs="?", choices=("all", "worker", "socket"), default="all")
    args = parser.parse_args(argv)
    configure()
    server = None
    try:
        found = settings({**read_env_file(Path(".env")), **os.environ})
        if not found.redis_url:
            server = redis_server.start(Path("var"))
            found = replace(found, redis_url=server.url)
        if args.what == "all" and not found.slack_app_token:
            parts(found)  # so that a wrong file is told before anything listens
            Http(found, work=True).run()
        else:
            _until_stopped(parts(found), args.what)
    except (ConfigError, redis_server.NoRedis) as error:
        for problem in getattr(error, "problems", [str(error)]):
            print(f"ecs-pull: {problem}", file=sys.stderr)  # noqa: T201 - the command line
        return 2
    finally:
        if server:
            server.stop()
    return 0


def _until_stopped(made: Parts, what: str) -> None:
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    if what == "worker":
        os.nice(YIELDS)
    running = made.work() if what in ("all", "worker") else None
    socket = None
    if what in ("all", "socket"):
        socket = SocketModeHandler(made.bolt(), made.settings.slack_app_token)
        socket.connect()  # type: ignore[no-untyped-call]  # Bolt leaves these untyped
    log.info("ready", extra={"what": what})
    while not stop.wait(LOOK):
        pass
    if socket:
        socket.close()  # type: ignore[no-untyped-call]
    if running:
        running.stop()


if __name__ == "__main__":
    sys.exit(main())
