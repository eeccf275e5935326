"""How the workspace asks the bot: signed, timed, and again when an event fails."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from slack_sdk.signature import SignatureVerifier

from playground.workspace import SIGNING_SECRET, Workspace

SHOP, ALICE = "C01SHOP", "U01ALICE"


class Bot:
    """A bot that answers as it is told, and remembers what it was asked."""

    def __init__(self, answers):
        self.answers = list(answers)
        self.heard = []
        self.hang = threading.Event()


@contextmanager
def listening(*answers):
    """Serve *answers* in turn: a status, (status, headers), or "hang"; then 200."""
    bot = Bot(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            bot.heard.append((dict(self.headers.items()), body))
            answer = bot.answers.pop(0) if bot.answers else 200
            if answer == "hang":
                bot.hang.wait(5)
                return
            status, headers = answer if isinstance(answer, tuple) else (answer, {})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    bot.url = f"http://127.0.0.1:{server.server_port}/slack/events"
    try:
        yield bot
    finally:
        bot.hang.set()
        server.shutdown()
        thread.join()
        server.server_close()


def workspace(bot, **more):
    return Workspace(bot.url, manifest={}, retry_delays=(0, 0.01, 0.02), **more)


def test_request_is_signed_as_slack_signs():
    """
    The framework's own verifier takes the signature, and not that of another body.
    """
    with listening() as bot, workspace(bot) as w:
        w.command(ALICE, SHOP, "/ecs-pull", "help")
    headers, body = bot.heard[0]
    verifier = SignatureVerifier(SIGNING_SECRET)

    assert verifier.is_valid_request(body, headers)
    assert not verifier.is_valid_request(body + "&x=1", headers)
    assert "application/x-www-form-urlencoded" == headers["Content-Type"]


@pytest.mark.parametrize(("answers", "deliveries"), [((), 1), ((500,), 2), ((500,) * 9, 4)])
def test_failed_event_is_sent_again_at_most_three_times(answers, deliveries):
    """
    One event has one id, however often it is delivered.
    """
    with listening(*answers) as bot, workspace(bot) as w:
        w.say(ALICE, SHOP, "hello")
        w.wait(lambda: len(w.acks) == deliveries)
    ids = {json.loads(body)["event_id"] for _, body in bot.heard}
    retries = [h.get("X-Slack-Retry-Num") for h, _ in bot.heard]

    assert 1 == len(ids)
    assert [None, "1", "2", "3"][:deliveries] == retries
    assert {"http_error"} >= {h["X-Slack-Retry-Reason"] for h, _ in bot.heard[1:]}


def test_unwanted_retries_are_not_sent():
    """
    A failed answer with x-slack-no-retry ends the attempts.
    """
    with listening((500, {"X-Slack-No-Retry": "1"})) as bot, workspace(bot) as w:
        w.say(ALICE, SHOP, "hello")
        w.wait(lambda: w.acks)

    assert 1 == len(bot.heard)


def test_late_answer_is_measured_and_event_comes_again():
    """
    Who misses the deadline gets the event again, with the reason.
    """
    with listening("hang") as bot, workspace(bot, deadline=0.2) as w:
        w.say(ALICE, SHOP, "hello")
        w.wait(lambda: len(w.acks) == 2)
    late, again = w.acks

    assert (True, 0, False) == (late.late, late.status, late.ok)
    assert 0.2 <= late.seconds < 1
    assert ("http_timeout", "1") == tuple(
        bot.heard[1][0][f"X-Slack-Retry-{k}"] for k in ("Reason", "Num")
    )
    assert again.ok


def test_late_command_is_told_to_the_person():
    """
    A command that is not answered in time fails for the person, and is not sent again.
    """
    with listening("hang") as bot, workspace(bot, deadline=0.2) as w:
        ack = w.command(ALICE, SHOP, "/ecs-pull", "help")

    assert ack.late
    assert 1 == len(bot.heard)
    assert "operation_timeout" in w.ephemerals(ALICE)[0].words


def test_bot_that_is_not_there_is_noticed():
    """
    A refused connection is an answer of its own.
    """
    with Workspace("http://127.0.0.1:9/", manifest={}, retry_delays=()) as w:
        ack = w.command(ALICE, SHOP, "/ecs-pull")

    assert ("connection_failed", 0, False) == (ack.reason, ack.status, ack.late)
    assert "dispatch_failed" in w.ephemerals(ALICE)[0].words


def test_event_goes_only_where_the_app_listens():
    """
    With a manifest, events that are not subscribed to are not sent; a mention is an event of its own.
    """
    manifest = {"settings": {"event_subscriptions": {"bot_events": ["app_mention", "message.im"]}}}
    with listening() as bot, Workspace(bot.url, manifest=manifest) as w:
        w.say(ALICE, SHOP, "CannotPull <@U00BOT>")
        w.say(ALICE, "D01ALICE", "CannotPull")
        w.wait(lambda: len(w.acks) == 2)
    heard = sorted(
        (e["event"]["type"], e["event"].get("channel_type"))
        for e in (json.loads(b) for _, b in bot.heard)
    )

    assert [("app_mention", None), ("message", "im")] == heard


def test_wait_tells_the_state():
    """
    Who waits in vain is told what there is.
    """
    started = time.monotonic()
    with Workspace(manifest={}) as w:
        w.say(ALICE, SHOP, "hello there")
        with pytest.raises(AssertionError, match="hello there"):
            w.wait(lambda: w.messages("C03RANDOM"), timeout=0.1)

    assert time.monotonic() - started < 3
