"""What a person does on the page, in terms of the driving side: the page has no powers of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.workspace.model import Json, Message, Refused, View

if TYPE_CHECKING:
    from playground.workspace import Workspace


def act(w: Workspace, asked: Json) -> Any:
    """Do one thing; raises AssertionError or Refused with words for the person."""
    user, channel = asked["as"], asked.get("channel", "")
    match asked["do"]:
        case "say":
            files = [(f["name"], f["content"]) for f in asked.get("files") or ()]
            return w.say(user, channel, asked["text"], asked.get("thread_ts"), files).ts
        case "edit":
            return w.edit(user, _message(w, asked), asked["text"]).ts
        case "command":
            return w.command(user, channel, asked["command"], asked["text"]).ok
        case "shortcut":
            return w.shortcut(user, asked["callback_id"], _message(w, asked)).ok
        case "home":
            return w.open_home(user)
        case _:
            return _in_blocks(w, user, asked)


def _in_blocks(w: Workspace, user: str, asked: Json) -> Any:
    where = _view(w, asked) if asked.get("view") else _message(w, asked)
    match asked["do"]:
        case "click":
            ack = w.click(
                user, where, asked["action_id"], asked.get("value"), option=asked.get("option")
            )
            return ack.ok if ack else True
        case "pick":
            return w.pick(user, where, asked["action_id"], asked.get("value")) is not None
        case "suggest":
            return w.suggest(user, where, asked["action_id"], asked.get("typed") or "")
    assert isinstance(where, View), f"nobody can do {asked['do']} there"
    if asked["do"] == "submit":
        return w.submit(user, where, asked.get("values")).ok
    assert asked["do"] == "close", f"nobody can do {asked['do']}"
    return w.close(user, where) is not None


def _message(w: Workspace, asked: Json) -> Message:
    for message in w.ephemerals(asked["as"]):
        if message.ts == asked["ts"]:
            return message
    return w.core.state.find(asked["channel"], asked["ts"])


def _view(w: Workspace, asked: Json) -> View:
    found = w.core.state.view(asked["view"])
    if found is None:
        raise Refused("this view is no longer open")
    return found
