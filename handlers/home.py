"""The App Home tab."""

from __future__ import annotations

from typing import Any

from slack_bolt import App

from bot.jobs import Enqueue


def register(app: App, enqueue: Enqueue) -> None:
    def opened(event: dict[str, Any]) -> None:
        if event.get("tab") == "home":
            enqueue("home", user=event["user"])

    app.event("app_home_opened")(opened)
