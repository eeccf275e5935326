"""What the bot listens to in Slack: one file per surface, registered one by one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from slack_bolt import App
from slack_sdk import WebClient

from bot.jobs import Enqueue
from bot.service import Service
from bot.worker import Worker
from handlers import actions, commands, errors, home, logins, messages, reasons, shortcuts, views
from handlers.logins import Logins
from handlers.speaker import SlackSpeaker

LISTENERS = 32  # Bolt's own default is five threads for everything


def app(service: Service, enqueue: Enqueue, client: WebClient, signing_secret: str | None) -> App:
    """Return the Bolt app with every listener; each verifies, enqueues and acks, and no more.

    The one exception is a registry's login: see :mod:`handlers.logins`.
    """
    found = App(
        client=client,
        signing_secret=signing_secret,
        listener_executor=ThreadPoolExecutor(LISTENERS, "listener"),
        ssl_check_enabled=False,
        token_verification_enabled=False,
    )
    commands.register(found, service.accounts, enqueue)
    messages.register(found, service, enqueue)
    shortcuts.register(found, enqueue)
    actions.register(found, service, enqueue)
    views.register(found, service, enqueue)
    taking = Logins(Worker(service, SlackSpeaker(client, service.store), enqueue).fixes, enqueue)
    logins.register(found, taking, enqueue)
    reasons.register(found, taking, enqueue)
    home.register(found, enqueue)
    errors.register(found, service.accounts)
    return found
