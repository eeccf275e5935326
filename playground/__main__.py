"""``make run`` without Slack settings: the estate, the workspace, Redis and the real bot."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from bot import redis_server
from playground import scenarios
from playground.estate.server import Estate
from playground.scenarios import Scenario
from playground.workspace import BOT_TOKEN, SIGNING_SECRET, Workspace

ROOT = Path(__file__).parent.parent
Process = subprocess.Popen[bytes]
PATIENCE = 30.0  # seconds until the bot must answer
ENDING = 30.0  # seconds that its running jobs get to end


def main(argv: Sequence[str] | None = None) -> int:
    """Run until Ctrl-C; returns the exit status."""
    args = _arguments(argv)
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    try:
        with ExitStack() as stack:
            running = start(stack, args.port, args.scenario)
            print(
                f"Playground: http://localhost:{running.workspace.port}  (Ctrl-C stops it)",
                flush=True,
            )
            while not stop.wait(0.5):
                if any(p.poll() is not None for p in running.bots):
                    print("ecs-pull: the bot ended; see its messages above", file=sys.stderr)
                    return 1
    except (OSError, ValueError, redis_server.NoRedis) as error:
        print(f"ecs-pull: {_told(error, args.port)}", file=sys.stderr)
        return 2
    return 0


class Running:
    """A playground that is up: its parts, for tests and benchmarks."""

    def __init__(self, estate: Estate, workspace: Workspace, bots: Sequence[Process]) -> None:
        self.estate = estate
        self.workspace = workspace
        self.bots = bots


def start(
    stack: ExitStack,
    port: int = 0,
    names: Sequence[str] | None = None,
    *,
    limits: bool = True,
    commands: Sequence[Sequence[str]] = (("-m", "handlers"),),
) -> Running:
    """Start everything on loopback; *stack* stops it in the right order.

    *commands* are the bot's processes, as arguments of this interpreter.
    """
    chosen = [s for s in scenarios.SCENARIOS if not names or s.name in names]
    if names and len(chosen) < len(set(names)):
        known = ", ".join(s.name for s in scenarios.SCENARIOS)
        raise ValueError(f"no such scenario; there are: {known}")
    home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ecs-pull-")))
    redis = redis_server.start()
    stack.callback(redis.stop)
    estate = Estate()
    estate.serve()
    stack.callback(estate.stop)
    workspace = Workspace(
        manifest=ROOT / "manifest.json",
        panel=lambda: _panel(estate, chosen),
        port=port,
        limits=limits,
    )
    stack.enter_context(workspace)
    scenarios.grant(estate)
    inner = _free_port()
    workspace.bot_url = f"http://127.0.0.1:{inner}/slack/events"
    (home / "accounts.yaml").write_text(scenarios.accounts_yaml())
    environ = {
        **_neutral(os.environ), **scenarios.credentials(estate),
        "SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_API_URL": workspace.api_url, "REDIS_URL": redis.url,
        "ECS_PULL_ACCOUNTS": str(home / "accounts.yaml"), "PORT": str(inner), "BIND": "127.0.0.1",
    }  # fmt: skip
    bots = [_bot(stack, command, environ) for command in commands]
    scenarios.fill(estate, names)  # while the bot starts
    _until_alive(f"http://127.0.0.1:{inner}/healthz", bots)
    estate.start_scheduler()
    return Running(estate, workspace, bots)


def _bot(stack: ExitStack, command: Sequence[str], environ: Mapping[str, str]) -> Process:
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=environ)
    stack.callback(_end, process)
    return process


def _panel(estate: Estate, chosen: Sequence[Scenario]) -> list[dict[str, Any]]:
    """Return the side panel: each service with its health and an error to paste."""
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(partial(scenarios.row, estate), chosen))


def _neutral(environ: Any) -> dict[str, str]:
    """Return the environment without credentials or settings of the person who tries it."""
    ours = ("AWS_", "SLACK_", "REDIS_URL", "ECS_PULL_", "PORT", "BIND")
    return {k: v for k, v in environ.items() if not k.startswith(ours)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _until_alive(url: str, bots: Sequence[Process]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310 - loopback
                return
        except (urllib.error.URLError, OSError):
            if any(bot.poll() is not None for bot in bots):
                raise OSError("the bot did not start; see its messages above") from None
            time.sleep(0.05)
    raise OSError("the bot did not answer in time")


def _end(bot: Process) -> None:
    bot.terminate()
    try:
        bot.wait(ENDING)
    except subprocess.TimeoutExpired:
        bot.kill()
        bot.wait()


def _told(error: Exception, port: int) -> str:
    if isinstance(error, OSError) and "in use" in str(error):
        return f"port {port} is in use; choose another with --port or PORT"
    return str(error)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m playground", description=__doc__)
    parser.add_argument("--port", type=int, default=3000)
    parser.add_argument("--scenario", action="append", metavar="NAME")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
