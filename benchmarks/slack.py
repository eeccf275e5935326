"""How soon the bot acks, how soon it says something, and how much memory it takes.

Run: python -m benchmarks.slack

The real bot as two processes (web and worker), the strict workspace and the estate on loopback.
The load is bounded: 100 signed requests a second for 10 seconds, then it ends by itself.
"""

from __future__ import annotations

import http.client
import json
import os
import statistics
import sys
import threading
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import psutil

from playground import scenarios
from playground.__main__ import Running, start
from playground.workspace import Message, Workspace, signed

RATE, SECONDS = 100, 10  # requests a second, seconds
PASTES = 20
DIAGNOSES = 1_000
WEB = ("-m", "gunicorn", "--worker-class", "gthread", "--workers", "1", "--threads", "16",
       "--access-logfile", "/dev/null", "handlers.wsgi:create()")  # fmt: skip
WORKER = ("-m", "handlers", "worker")


def main() -> None:
    """Print the figures that must hold."""
    os.environ["MALLOC_ARENA_MAX"] = "2"  # as the Procfile starts a worker
    with ExitStack() as stack:
        running = start(stack, limits=False, commands=(WEB, WORKER))
        running.estate.latency = 0.06
        first_messages(running)
        acks(running)
        running.estate.latency = 0.0
        _until_quiet(running.workspace)
        memory(running)


def first_messages(running: Running) -> None:
    """Paste errors one after another, and time the first word and the evidence."""
    workspace, first, evidence = running.workspace, [], []
    broken = [s for s in scenarios.SCENARIOS if s.cause]
    texts = [scenarios.sample_error(running.estate, s) for s in broken]
    for text in [t for t in texts if "CannotPull" in t][:PASTES] * 2:
        began = time.monotonic()
        said = workspace.say("U01ALICE", "C01SHOP", text)
        workspace.wait(lambda said=said: _reply(workspace, said))
        first.append(time.monotonic() - began)
        workspace.wait(lambda said=said: _reply(workspace, said, "check_again"))
        evidence.append(time.monotonic() - began)
    print(f"first thread message: {_figures(first)} (must be <= 1 s)")
    print(f"the evidence in it, 60 ms to each AWS call: {_figures(evidence)}")


def acks(running: Running) -> None:
    """Send signed commands at a fixed rate, whether or not the last one was answered."""
    times: list[float] = []
    statuses: dict[int, int] = {}
    lock = threading.Lock()
    local = threading.local()
    where = urllib.parse.urlsplit(running.workspace.bot_url or "")
    broken = [s for s in scenarios.SCENARIOS if s.cause]

    def send(number: int, at: float) -> None:
        time.sleep(max(0.0, at - time.monotonic()))
        scenario = broken[number % len(broken)]
        body = urllib.parse.urlencode(
            _command(f"{scenario.cluster}/{scenario.service}", running.workspace.url)
        )
        began = time.monotonic()
        if not hasattr(local, "connection"):
            local.connection = http.client.HTTPConnection(
                where.hostname or "", where.port, timeout=10
            )
        headers = signed(body, "application/x-www-form-urlencoded")
        local.connection.request("POST", where.path, body, headers)
        answer = local.connection.getresponse()
        answer.read()
        with lock:
            times.append(time.monotonic() - began)
            statuses[answer.status] = statuses.get(answer.status, 0) + 1

    start_at = time.monotonic() + 0.5
    with ThreadPoolExecutor(64) as pool:
        list(pool.map(lambda n: send(n, start_at + n / RATE), range(RATE * SECONDS)))
    print(
        f"ack at {RATE}/s, worker busy: {_figures(times)} statuses {statuses} (p99 must be <= 100 ms)"
    )


def memory(running: Running) -> None:
    """Let the worker diagnose afresh a thousand times, and watch both processes."""
    workspace = running.workspace
    scenario = next(s for s in scenarios.SCENARIOS if s.cause == "image-tag-missing")
    said = workspace.say("U01ALICE", "C01SHOP", scenarios.sample_error(running.estate, scenario))
    answer = workspace.wait(lambda: _reply(workspace, said, "check_again"))
    web, worker = (_tree(p.pid) for p in running.bots)
    for done in range(1, DIAGNOSES + 1):
        before = answer.ts, workspace.core.state.version
        workspace.click("U01ALICE", answer, "check_again")
        _until(lambda before=before: workspace.core.state.version > before[1] + 1)
        if done in (1, 100, 500, DIAGNOSES):
            sizes = [sum(p.memory_info().rss for p in tree) / 1e6 for tree in (web, worker)]
            print(
                f"after {done:5} diagnoses: web {sizes[0]:.0f} MB, worker {sizes[1]:.0f} MB (must be <= 120, <= 160)"
            )


def _reply(workspace: Workspace, said: Message, action: str = "") -> Message | None:
    """Return the bot's answer under *said*, once it carries a button called *action*."""
    answers = workspace.thread(said.channel, said.ts)[1:]
    return next((m for m in answers if action in json.dumps(m.blocks)), None)


def _tree(pid: int) -> list[psutil.Process]:
    """Return what serves: of gunicorn its child, of the worker the process itself."""
    process = psutil.Process(pid)
    return process.children() or [process]


def _until_quiet(workspace: Workspace, seconds: float = 120.0) -> None:
    """Wait until the worker has answered what the load asked."""
    end, seen, since = time.monotonic() + seconds, -1, time.monotonic()
    while time.monotonic() < end and time.monotonic() - since < 2.0:
        if workspace.core.state.version != seen:
            seen, since = workspace.core.state.version, time.monotonic()
        time.sleep(0.1)


def _until(condition: Any, seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)


def _command(text: str, url: str) -> dict[str, str]:
    return {
        "command": "/ecs-pull", "text": text, "channel_id": "C01SHOP", "channel_name": "shop",
        "user_id": "U01ALICE", "user_name": "alice", "team_id": "T01", "team_domain": "playground",
        "response_url": f"{url}/actions/none", "trigger_id": "none", "api_app_id": "A00",
    }  # fmt: skip


def _figures(times: list[float]) -> str:
    ordered = sorted(1000 * t for t in times)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return f"p50 {statistics.median(ordered):.0f} ms, p99 {p99:.0f} ms, max {ordered[-1]:.0f} ms (n={len(ordered)})"


if __name__ == "__main__":
    sys.exit(main())
