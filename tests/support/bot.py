"""The real bot in this process: estate, workspace, listeners over HTTP, queue, worker and Redis."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from redis import Redis
from werkzeug.serving import make_server

from bot import redis_server
from bot.accounts_file import accounts_from
from bot.aws.accounts import Doors
from bot.config import Settings
from bot.jobs import Queue
from bot.queue import broker, counters, start_worker
from bot.service import Service
from bot.store import Store
from bot.worker import Worker
from handlers.parts import Parts
from handlers.speaker import SlackSpeaker, client
from playground import scenarios
from playground.estate.server import Estate
from playground.workspace import BOT_TOKEN, BOT_USER, SIGNING_SECRET, Message, Workspace
from tests.support.estate import session
from tests.support.sealing import SEAL

ROOT = Path(__file__).parent.parent.parent
ALICE, BORA, MALLORY, YUKI = "U01ALICE", "U02BORA", "U03MALLORY", "U04YUKI"
SHOP, SHOP_JA, RANDOM, AUDIT = "C01SHOP", "C02SHOPJA", "C03RANDOM", "C09AUDIT"
ON_PANEL = ("image-tag-missing", "execution-role-lacks-image-read", "execution-role-untrusted")
READS = ("Describe", "List", "Lookup", "Get", "Simulate", "Validate", "Assume", "BatchGet")
HURRY = 0.1  # looks at a watched service come ten times as often as for people
TOOLS_HIDDEN = ("    alias: tools\n", f"    alias: tools\n    channels: [{AUDIT}]\n")


@dataclass(slots=True)
class Bot:
    """One bot that runs, and the world around it."""

    estate: Estate
    workspace: Workspace
    service: Service
    redis: redis_server.Server
    parts: Parts
    url: str
    forgotten: set[str] = field(default_factory=set)  # the ts of what was said before a reset

    def reset(self) -> None:
        """Make the world as it was: rebuilt where another estate has wiped it."""
        self.estate.allow_all()
        if any(not c.action.partition(":")[2].startswith(READS) for c in self.estate.calls):
            self.estate.tick()  # what was taken back at the end of a test shows now
        self.estate.calls.clear()
        if not _standing(self.estate):
            self.rebuild()
        with Redis.from_url(self.redis.url) as found:
            found.flushall()
        state = self.workspace.core.state
        with state.change():
            self.forgotten |= {m.ts for said in state.log.values() for m in said}
            for said in (*state.log.values(), *state.whispers.values(), *state.stacks.values()):
                said.clear()
            state.homes.clear()

    def rebuild(self) -> None:
        """Build the estate anew, and give the bot its new identity there."""
        self.estate.reset()
        scenarios.build(self.estate)
        self.service.doors = _doors(self.service.accounts, self.estate)
        for account in self.service.accounts.items:
            self.service.warm(account)

    def refusals(self) -> list[Any]:
        """Return what Slack refused, but for a late job's look at what a reset has wiped."""
        all_ = self.workspace.refusals
        return [r for r in all_ if r.args.get("ts") not in self.forgotten]

    # --- what tests say and look at --------------------------------------------------------

    def error(self, name: str) -> str:
        """Return the error that the service of a scenario gives."""
        return scenarios.sample_error(self.estate, scenarios.named(name))

    def replies(self, channel: str, ts: str) -> list[Message]:
        """Return what the bot said in a thread."""
        return [m for m in self.workspace.thread(channel, ts) if m.user == BOT_USER and m.ts != ts]

    def answer(
        self, said: Message, words: str = "", button: str = "", timeout: float = 60
    ) -> Message:
        """Return the bot's reply to *said*, once one holds *words* and has *button*."""

        def found() -> Message | None:
            mine = self.replies(said.channel, said.thread_ts or said.ts)
            return next((m for m in mine if words in m.words and has(m, button)), None)

        return self.workspace.wait(found, timeout)

    def whispered(self, user: str, words: str, timeout: float = 60) -> Message:
        """Return what only *user* is told, once it holds *words*."""
        mine = self.workspace.ephemerals
        return self.workspace.wait(
            lambda: next((m for m in reversed(mine(user)) if words in m.words), None), timeout
        )

    def form(self, user: str, **values: str) -> None:
        """Choose and type what the open form asks for, in order, and send it."""
        w = self.workspace
        for action, value in values.items():
            view = w.modal(user)
            assert view is not None
            if w.pick(user, view, action, value):  # the bot shows another form for it
                w.wait(lambda before=view: (w.modal(user) or before).hash != before.hash)
        w.submit(user, w.modal(user))

    def quiet(self) -> None:
        """Return once every delivery was answered and every job is done, but for later ones."""
        queue, senders = self.parts.queue.broker, self.workspace.core.delivery._pool
        running = counters(queue).began
        names = [f"{queue.namespace}:{q}.msgs" for q in ("interactive", "follow-up", "scan")]

        def idle() -> bool:
            sent = senders._idle_semaphore._value >= len(senders._threads)
            return sent and not any(map(queue.client.hlen, names)) and not running

        self.workspace.wait(lambda: idle() and idle(), 20)  # a job's messages are events too

    def health(self, name: str) -> str:
        """Return how the service of a scenario is after two more rounds of ECS."""
        found = scenarios.named(name)
        self.estate.tick(found.service)
        self.estate.tick(found.service)
        return scenarios.health(self.estate, found)

    def events(self) -> list[str]:
        """Return the kinds of what the audit stream holds."""
        return [e["event"] for e in self.service.store.audit_since()]


@contextmanager
def running(estate: Estate, accounts: str | None = None) -> Iterator[Bot]:
    """Run a bot of its own on *estate*, with a workspace and a Redis of its own."""
    with ExitStack() as stack:
        redis = redis_server.start()
        stack.callback(redis.stop)
        workspace = stack.enter_context(
            Workspace(
                manifest=ROOT / "manifest.json",
                limits=False,
                retry_delays=(0, 0.05, 0.1),
                panel=lambda: [scenarios.row(estate, scenarios.named(n)) for n in ON_PANEL],
            )
        )
        book = accounts_from(accounts or accounts_yaml())
        pool = stack.enter_context(ThreadPoolExecutor(24))
        service = Service(book, _doors(book, estate), Store.at(redis.url, SEAL), pool)
        settings = Settings(
            slack_bot_token=BOT_TOKEN, slack_signing_secret=SIGNING_SECRET,
            slack_api_url=workspace.api_url, redis_url=redis.url,
        )  # fmt: skip
        web = client(BOT_TOKEN, workspace.api_url)
        parts = Parts(settings, service, web, Queue(broker(redis.url), SEAL))
        for account in book.items:
            service.warm(account)
        stack.callback(_work(parts).stop)
        url = stack.enter_context(_serving(parts.site()))
        workspace.bot_url = f"{url}/slack/events"
        yield Bot(estate, workspace, service, redis, parts, url)


def accounts_yaml() -> str:
    """Return the playground's accounts file, with one account that most channels do not see."""
    return scenarios.accounts_yaml().replace(*TOOLS_HIDDEN)


def has(message: Message, action: str) -> bool:
    """Tell whether *message* has the button or list called *action*; an empty one always."""
    return not action or f'"action_id": "{action}"' in json.dumps(message.blocks)


def _work(parts: Parts) -> Any:
    """Start the worker as :meth:`Parts.work` does, with delays that suit a test."""
    queue = parts.queue

    def soon(job: str, /, *, delay: float = 0, **payload: Any) -> None:
        queue(job, delay=delay * HURRY, **payload)

    queue.worker = Worker(parts.service, SlackSpeaker(parts.web, parts.service.store), soon)
    return start_worker(queue.broker)


def _doors(book: Any, estate: Estate) -> Doors:
    return Doors(book, endpoint_url=estate.url, session=session(estate))


def _standing(estate: Estate) -> bool:
    """Tell whether what was built is still there: moto's state is that of the whole process."""
    cluster = estate.client("ecs", "222233334444", "ap-northeast-1").list_services(cluster="main")
    return bool(cluster["serviceArns"])


@contextmanager
def _serving(site: Callable[..., Any]) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, site, threaded=True)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def post(bot: Bot, body: str, headers: dict[str, str]) -> HTTPResponse:
    """Send *body* to the bot's address as anybody could."""
    link = HTTPConnection(urlsplit(bot.url).netloc, timeout=5)
    link.request("POST", "/slack/events", body.encode(), headers)
    answer = link.getresponse()
    answer.read()
    link.close()
    return answer
