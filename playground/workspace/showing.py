"""What one person sees on the page, as JSON."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from playground.workspace import payloads
from playground.workspace.model import Json, Message, View
from playground.workspace.people import BOT_USER, GROUPS, SLACKBOT, USERS, direct

if TYPE_CHECKING:
    from playground.workspace import Workspace

RECENT = 300  # messages of a channel that the page is given
FRESH = 1.0  # seconds that the side panel may be old


class SidePanel:
    """The broken services; asked for at most once a second, however many pages look."""

    def __init__(self, source: Callable[[], Sequence[Mapping[str, Any]]] | None) -> None:
        self._source = source
        self._rows: list[Json] = []
        self._at = 0.0
        self._lock = threading.Lock()

    def rows(self) -> list[Json]:
        """Return a row for each service."""
        if self._source is None:
            return []
        with self._lock:
            if time.monotonic() - self._at > FRESH:
                self._rows = [dict(row) for row in self._source()]
                self._at = time.monotonic()
            return self._rows


def seen(workspace: Workspace, user: str) -> Json:
    """Return the whole page of *user*."""
    core, state = workspace.core, workspace.core.state
    names = {u.id: u.name for u in USERS} | {BOT_USER: core.manifest.name, SLACKBOT: "Slackbot"}
    home = state.homes.get(user)
    return {
        "version": state.version,
        "me": user,
        "bot": {"id": BOT_USER, "name": core.manifest.name},
        "users": [
            {"id": u.id, "name": u.name, "title": u.title, "locale": u.locale} for u in USERS
        ],
        "names": names,
        "groups": {i: handle for i, (handle, _) in GROUPS.items()},
        "channels": [
            {"id": c.id, "name": c.name, "topic": c.topic, "direct": c.direct}
            for c in state.channels.values()
            if user in c.members
        ],
        "dm": direct(user),
        "messages": {
            c.id: _log(workspace, user, c.id) for c in state.channels.values() if user in c.members
        },
        "home": _view(home) if home else None,
        "modals": [_view(v) for v in state.stacks.get(user, ())],
        "shortcuts": core.manifest.shortcuts(),
        "commands": core.manifest.commands(),
    }


def _log(workspace: Workspace, user: str, channel: str) -> list[Json]:
    state = workspace.core.state
    mine = [m for m in state.whispers.get(user, ()) if m.channel == channel]
    both = sorted([*state.log[channel][-RECENT:], *mine], key=lambda m: float(m.ts))
    return [_message(workspace, m) for m in both]


def _message(workspace: Workspace, message: Message) -> Json:
    found = payloads.message_json(workspace.core, message)
    for file, shared in zip(found.get("files", ()), message.files, strict=False):
        file["url_private"] = f"/files-pri/{shared.id}/{shared.name}"
    return found | {
        "channel": message.channel,
        "user": message.user,
        "username": message.username,
        "ephemeral": message.ephemeral_to is not None,
        "broadcast": message.broadcast,
    }


def _view(view: View) -> Json:
    return payloads.view_json(view) | {"errors": view.errors, "trouble": view.trouble}
