"""The message shortcut *Explain this pull error*, for threads where no command can be typed."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App

from bot.jobs import Enqueue
from handlers import access
from handlers.messages import everything


def register(app: App, enqueue: Enqueue) -> None:
    def explain(ack: Ack, shortcut: dict[str, Any]) -> None:
        message, where = shortcut["message"], access.of_action(shortcut)
        enqueue(
            "answer",
            asked={
                "user": where.user,
                "channel": where.channel,
                "thread": message.get("thread_ts") or message["ts"],
                "url": shortcut.get("response_url"),
                "source": shortcut["trigger_id"],
                "unanswered": "thread_ts" not in message,
            },
            text=everything(message),
        )
        ack()

    app.shortcut("explain_pull_error")(explain)
