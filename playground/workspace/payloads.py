"""The bodies of what Slack sends and answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from playground.workspace.elements import values
from playground.workspace.manifest import Manifest
from playground.workspace.model import File, Json, Message, View
from playground.workspace.people import (
    APP,
    BOT_ID,
    BOT_USER,
    TEAM,
    TEAM_DOMAIN,
    USERS,
    VERIFICATION,
    Channel,
)
from playground.workspace.state import State
from playground.workspace.tickets import Tickets

PREVIEW_LINES, PREVIEW_LENGTH = 5, 1000


class Place(Protocol):
    """What the bodies tell of a workspace."""

    state: State
    manifest: Manifest
    tickets: Tickets
    url: str


def envelope(core: Place, event: Json) -> Json:
    """Return *event* as it is delivered."""
    return {
        "token": VERIFICATION, "team_id": TEAM, "context_team_id": TEAM, "api_app_id": APP,
        "event": event, "type": "event_callback", "event_id": core.state.new_id("Ev"),
        "event_time": int(core.state.clock()), "is_ext_shared_channel": False,
        "authorizations": [
            {"enterprise_id": None, "team_id": TEAM, "user_id": BOT_USER, "is_bot": True,
             "is_enterprise_install": False}
        ],
        "event_context": core.state.new_id("4-"),
    }  # fmt: skip


def message_event(core: Place, message: Message) -> Json:
    """Return the event of a new message."""
    return _in_channel(core, message, {**message_json(core, message), "event_ts": message.ts})


def mention_event(core: Place, message: Message) -> Json:
    """Return the event of a message that calls the bot by name."""
    found = {**message_json(core, message), "type": "app_mention", "event_ts": message.ts}
    found.pop("subtype", None)
    return {**found, "channel": message.channel}


def changed_event(core: Place, before: Message, after: Message) -> Json:
    """Return the event of an edit."""
    found = {
        "type": "message", "subtype": "message_changed", "hidden": True, "ts": core.state.ts(),
        "message": message_json(core, after), "previous_message": message_json(core, before),
    }  # fmt: skip
    return _in_channel(core, after, {**found, "event_ts": found["ts"]})


def deleted_event(core: Place, message: Message) -> Json:
    """Return the event of a deletion."""
    now = core.state.ts()
    found = {"type": "message", "subtype": "message_deleted", "hidden": True, "ts": now, "event_ts": now,
             "deleted_ts": message.ts, "previous_message": message_json(core, message)}  # fmt: skip
    return _in_channel(core, message, found)


def home_event(core: Place, user: str, channel: str, view: View | None) -> Json:
    """Return the event of somebody looking at the App Home."""
    found: Json = {"type": "app_home_opened", "user": user, "channel": channel, "tab": "home",
                   "event_ts": core.state.ts()}  # fmt: skip
    return found | ({"view": view_json(view)} if view else {})


def _in_channel(core: Place, message: Message, event: Json) -> Json:
    kind = "im" if core.state.channels[message.channel].direct else "channel"
    return {**event, "channel": message.channel, "channel_type": kind}


def message_json(core: Place, message: Message) -> Json:
    """Return a message as Slack hands it out."""
    found: Json = {"type": "message", "ts": message.ts, "text": message.text, "team": TEAM}
    if message.user:
        found["user"] = message.user
    found |= {k: v for k, v in _parts(core, message) if v}
    if message.bot_id:
        found["bot_id"] = message.bot_id
        if message.bot_id == BOT_ID:
            found |= {
                "app_id": APP,
                "bot_profile": {"id": BOT_ID, "app_id": APP, "name": core.manifest.name},
            }
        else:
            found |= {"subtype": "bot_message", "username": message.username}
            found.pop("user", None)
    elif message.files:
        found["subtype"] = "file_share"
    if message.edited:
        found["edited"] = {"user": message.user, "ts": message.edited}
    return found


def _parts(core: Place, message: Message) -> Iterator[tuple[str, Any]]:
    yield "blocks", message.blocks
    yield "attachments", message.attachments
    yield "files", [file_json(core, f) for f in message.files]
    yield "metadata", message.metadata
    yield "thread_ts", message.thread_ts
    if message.reactions:
        yield (
            "reactions",
            [{"name": n, "users": u, "count": len(u)} for n, u in message.reactions.items()],
        )


def file_json(core: Place, file: File) -> Json:
    """Return a file as messages carry it: of a text only its first lines."""
    where = f"{core.url}/files-pri/{file.id}/{file.name}"
    kind = "text" if file.text is not None else "binary"
    found: Json = {
        "id": file.id, "name": file.name, "title": file.title, "size": len(file.content),
        "user": file.user, "mimetype": mimetype(file), "filetype": kind, "pretty_type": "Plain Text",
        "mode": "snippet" if file.text is not None else "hosted", "url_private": where,
        "url_private_download": where, "permalink": where,
    }  # fmt: skip
    if file.alt:
        found["alt_txt"] = file.alt
    if file.text is not None:
        lines = file.text.splitlines()
        preview = "\n".join(lines[:PREVIEW_LINES])[:PREVIEW_LENGTH]
        found |= {
            "preview": preview,
            "lines": len(lines),
            "preview_is_truncated": len(preview) < len(file.text),
        }
    return found


def mimetype(file: File) -> str:
    """Return the type of a file by its name and content."""
    for end, kind in ((".png", "image/png"), (".jpg", "image/jpeg"), (".gif", "image/gif")):
        if file.name.lower().endswith(end):
            return kind
    return "text/plain" if file.text is not None else "application/octet-stream"


def view_json(view: View) -> Json:
    """Return a view as Slack hands it out."""
    return view.to_json(values(view.blocks, view.typed))


def user_json(user: str) -> Json:
    """Return the few words about who acted."""
    name = next((u.name.lower() for u in USERS if u.id == user), user)
    return {"id": user, "username": name, "name": name, "team_id": TEAM}


def interaction(kind: str, user: str) -> Json:
    """Return what all interactions begin with."""
    return {
        "type": kind, "user": user_json(user), "api_app_id": APP, "token": VERIFICATION,
        "team": {"id": TEAM, "domain": TEAM_DOMAIN}, "enterprise": None,
        "is_enterprise_install": False,
    }  # fmt: skip


def in_message(core: Place, user: str, message: Message) -> Json:
    """Return where somebody acted: a message, with leave to answer there."""
    whispered = message.ephemeral_to is not None
    container: Json = {"type": "message", "message_ts": message.ts, "channel_id": message.channel,
                       "is_ephemeral": whispered}  # fmt: skip
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    found: Json = {
        "container": container,
        "channel": channel_json(core.state.channels[message.channel]),
        "response_url": response_url(core, user, message.channel, message.ts, ephemeral=whispered),
        "trigger_id": core.tickets.trigger(user),
        "state": {"values": values(message.blocks, {})},
    }
    return found | ({} if whispered else {"message": message_json(core, message)})


def in_view(core: Place, user: str, view: View) -> Json:
    """Return where somebody acted: a view."""
    stacked = view.id if view.body["type"] == "modal" else None
    return {
        "container": {"type": "view", "view_id": view.id},
        "view": view_json(view),
        "trigger_id": core.tickets.trigger(user, stacked),
    }


def channel_json(channel: Channel) -> Json:
    """Return the few words about where somebody acted."""
    return {"id": channel.id, "name": "directmessage" if channel.direct else channel.name}


def response_url(
    core: Place, user: str, channel: str, ts: str | None = None, *, ephemeral: bool = False
) -> str:
    """Return a new response URL."""
    name = core.tickets.response_url(user, channel, ts, ephemeral=ephemeral)
    return f"{core.url}/actions/{TEAM}/{name}"
