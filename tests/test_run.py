"""``python -m bot run`` as a person starts and stops it: the playground, and the real bot."""

from __future__ import annotations

import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

from playground.workspace import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, Workspace

ROOT = Path(__file__).parent.parent
NOT_THERE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:v1.0.0: not found"
ACCOUNTS = """\
accounts:
  - id: "123456789012"
    regions: [eu-west-1]
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environ(**more: str) -> dict[str, str]:
    ours = ("AWS_", "SLACK_", "REDIS_URL", "ECS_PULL_", "PORT")
    return {k: v for k, v in os.environ.items() if not k.startswith(ours)} | more


def started(arguments: list[str], **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bot", *arguments],
        cwd=ROOT, env=environ(**more), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def stopped(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Press Ctrl-C and return what is still there of its family."""
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)  # empties and closes its pipes
    _, alive = psutil.wait_procs(family, timeout=10)
    return alive


def test_wrong_settings_are_told_and_nothing_starts():
    """
    A bot token without a way in is one clear line and exit status 2.
    """
    process = started(["run"], SLACK_BOT_TOKEN="xoxb-1")
    _, said = process.communicate(timeout=30)

    assert 2 == process.returncode
    assert "SLACK_APP_TOKEN or SLACK_SIGNING_SECRET" in said
    assert "Traceback" not in said


def test_a_missing_accounts_file_is_told(tmp_path):
    """
    The real bot does not start without knowing its accounts.
    """
    process = started(
        ["run"], SLACK_BOT_TOKEN="xoxb-1", SLACK_SIGNING_SECRET="s", ECS_PULL_ACCOUNTS=str(tmp_path / "none.yaml"),
        REDIS_URL="redis://127.0.0.1:1/0",
    )  # fmt: skip
    _, said = process.communicate(timeout=30)

    assert 2 == process.returncode
    assert "accounts.example.yaml" in said


def test_an_unknown_scenario_is_refused():
    """
    The error lists the scenarios there are.
    """
    process = started(["playground", "--port", str(free_port()), "--scenario", "nothing"])
    _, said = process.communicate(timeout=60)

    assert 2 == process.returncode
    assert "image-tag-missing" in said


def test_a_port_that_is_taken_is_told():
    """
    One line that names the port and the way out, and nothing is left running.
    """
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = started(["playground", "--port", str(port)])
        out, said = process.communicate(timeout=60)

    assert 2 == process.returncode
    assert f"ecs-pull: port {port} is in use; choose another with --port or PORT\n" == said
    assert "" == out


@pytest.mark.parametrize("port", ["0", "65536", "99999", "-1", "80x"])
def test_a_port_that_cannot_be_is_wrong_usage(port):
    """
    Refused before anything starts; it is never taken for another number.
    """
    process = started(["playground", "--port", port])
    _, said = process.communicate(timeout=60)

    assert 2 == process.returncode
    assert "--port" in said
    assert 1 == len(said.splitlines())


@pytest.mark.slow
def test_the_playground_starts_answers_and_stops_without_a_trace():
    """
    It prints its address, serves the page, and Ctrl-C leaves no process behind.
    """
    port = free_port()
    process = started(["run"], PORT=str(port))
    try:
        line = process.stdout.readline()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as page:
            body = page.read().decode()
    finally:
        left = stopped(process)

    assert f"http://localhost:{port}" in line
    assert "Playground" in body
    assert [] == left
    assert 0 == process.returncode


@pytest.mark.slow
def test_with_slack_settings_the_real_bot_starts(tmp_path, redis_url):
    """
    The same command with a token, a secret and an accounts file is the bot, over HTTP.
    """
    port = free_port()
    (tmp_path / "accounts.yaml").write_text(ACCOUNTS)
    with Workspace(limits=False) as workspace:
        process = started(
            ["run"], SLACK_BOT_TOKEN=BOT_TOKEN, SLACK_SIGNING_SECRET=SIGNING_SECRET,
            SLACK_API_URL=workspace.api_url, REDIS_URL=redis_url, PORT=str(port), BIND="127.0.0.1",
            ECS_PULL_ACCOUNTS=str(tmp_path / "accounts.yaml"),
        )  # fmt: skip
        try:
            until_ready(f"http://127.0.0.1:{port}/readyz")
            workspace.bot_url = f"http://127.0.0.1:{port}/slack/events"
            workspace.command("U01ALICE", "C01SHOP", "/ecs-pull", "help")
            said = workspace.wait(lambda: workspace.ephemerals("U01ALICE"))
        finally:
            left = stopped(process)

    assert "/ecs-pull cluster/service" in said[-1].words
    assert [] == left


class Slow(http.server.BaseHTTPRequestHandler):
    """An AWS that takes its time, and then refuses."""

    asked = threading.Event()

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.set()
        time.sleep(1)
        self.send_response(400)
        self.end_headers()
        self.wfile.write(b'{"__type": "AccessDeniedException", "message": "no"}')

    def log_message(self, *_):
        """Say nothing."""


@pytest.mark.slow
def test_told_to_stop_the_bot_ends_what_it_is_at(tmp_path, redis_url):
    """
    The listeners' own process runs jobs, too: the answer that it has begun is whole when it is gone.
    """
    port = free_port()
    (tmp_path / "accounts.yaml").write_text(ACCOUNTS)
    aws = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    threading.Thread(target=aws.serve_forever, daemon=True).start()
    with Workspace(limits=False) as workspace:
        process = started(
            ["run"], SLACK_BOT_TOKEN=BOT_TOKEN, SLACK_SIGNING_SECRET=SIGNING_SECRET,
            SLACK_API_URL=workspace.api_url, REDIS_URL=redis_url, PORT=str(port), BIND="127.0.0.1",
            ECS_PULL_ACCOUNTS=str(tmp_path / "accounts.yaml"), AWS_ACCESS_KEY_ID="AKIAEXAMPLE",
            AWS_SECRET_ACCESS_KEY="none", AWS_DEFAULT_REGION="eu-west-1",
            AWS_ENDPOINT_URL=f"http://127.0.0.1:{aws.server_port}",
        )  # fmt: skip
        try:
            until_ready(f"http://127.0.0.1:{port}/readyz")
            workspace.bot_url = f"http://127.0.0.1:{port}/slack/events"
            said = workspace.say("U01ALICE", "C01SHOP", f"CannotPullContainerError: {NOT_THERE}")
            assert Slow.asked.wait(15)
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=40)
        (answer,) = workspace.thread("C01SHOP", said.ts)[1:]
    aws.shutdown()
    aws.server_close()

    assert "hourglass" not in json.dumps(answer.blocks)  # it does not promise anything any more
    assert 0 == process.returncode


@pytest.mark.slow
def test_with_an_app_token_the_bot_needs_no_address(tmp_path, redis_url):
    """
    Over Socket Mode: commands, forms and pasted errors are answered in time; a connection that Slack
    refreshes is made anew, and Ctrl-C leaves nothing behind.
    """
    (tmp_path / "accounts.yaml").write_text(ACCOUNTS)
    with Workspace(limits=False, deadline=15) as workspace:  # it connects while the first one waits
        process = started(
            ["run"], SLACK_BOT_TOKEN=BOT_TOKEN, SLACK_APP_TOKEN=APP_TOKEN,
            SLACK_API_URL=workspace.api_url, REDIS_URL=redis_url,
            ECS_PULL_ACCOUNTS=str(tmp_path / "accounts.yaml"),
        )  # fmt: skip
        try:
            sockets = workspace.core.delivery.sockets
            workspace.wait(lambda: list(sockets.links), 30)
            workspace.command("U01ALICE", "C01SHOP", "/ecs-pull", "help")
            helped = workspace.wait(lambda: workspace.ephemerals("U01ALICE"))
            workspace.command("U01ALICE", "C01SHOP", "/ecs-pull", "")
            form = workspace.wait(lambda: workspace.modal("U01ALICE"))
            before = sockets.links[0]
            sockets.refresh()
            workspace.wait(lambda: [k for k in sockets.links if k is not before], 30)
            said = workspace.say("U01ALICE", "C01SHOP", f"CannotPullContainerError: {NOT_THERE}")
            replies = workspace.wait(lambda: workspace.thread("C01SHOP", said.ts)[1:], 15)
            failed = [a for a in workspace.acks if not a.ok]
        finally:
            left = stopped(process)

    assert "/ecs-pull cluster/service" in helped[-1].words
    assert form.title
    assert "image is not there" in replies[0].words
    assert [] == failed
    assert [] == left


def until_ready(url: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
