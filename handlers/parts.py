"""The parts of a running bot: listeners, queue, worker and speaker on one service."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from flask import Flask
from slack_bolt import App
from slack_sdk import WebClient

from bot import assembly
from bot import queue as engine
from bot.config import ConfigError, Settings
from bot.jobs import Queue
from bot.sealing import Seal
from bot.service import Service
from bot.worker import Worker
from handlers import app
from handlers.speaker import SlackSpeaker, client
from handlers.web import site


@dataclass(slots=True)
class Parts:
    """Everything of one process."""

    settings: Settings
    service: Service
    web: WebClient
    queue: Queue

    def bolt(self) -> App:
        """Return the listeners."""
        return app(self.service, self.queue, self.web, self.settings.slack_signing_secret)

    def site(self) -> Flask:
        """Return the WSGI application."""
        return site(
            self.bolt(), self.service.store, self.web, lambda: engine.counters(self.queue.broker),
            self.settings.slack_signing_secret,
        )  # fmt: skip

    def _warm(self) -> None:
        """Make ready what first questions would wait for; nobody waits for this."""
        for account in self.service.accounts.items:
            self.service.warm(account)

    def work(self) -> engine.Running:
        """Start the worker's threads in this process."""
        speaker = SlackSpeaker(self.web, self.service.store)
        self.queue.worker = Worker(self.service, speaker, self.queue)
        threading.Thread(target=self._warm, name="warm", daemon=True).start()
        return engine.start_worker(self.queue.broker)


def parts(found: Settings) -> Parts:
    """Return the parts for these settings; raises ConfigError."""
    if not found.slack_bot_token:
        raise ConfigError(
            ["SLACK_BOT_TOKEN: missing; without Slack there is `make run`, the playground"]
        )
    if not found.redis_url:
        raise ConfigError(["REDIS_URL: missing; a URL such as redis://localhost:6379/0 is needed"])
    return Parts(
        found,
        assembly.service(found),
        client(found.slack_bot_token, found.slack_api_url),
        Queue(engine.broker(found.redis_url), Seal.of(found.secret)),
    )
