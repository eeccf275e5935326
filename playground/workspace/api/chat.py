"""chat.*: post, whisper, update, delete."""

from __future__ import annotations

from dataclasses import replace

from playground.workspace import payloads
from playground.workspace.content import LONGEST_UPDATE, content, metadata, truth
from playground.workspace.core import Core
from playground.workspace.model import Json, Message, Refused
from playground.workspace.people import BOT_ID, BOT_USER, Channel, direct


def channel_of(core: Core, args: Json, *, posting: bool = False) -> Channel:
    """Return the channel that is meant by id, #name or user; raises Refused."""
    given = str(args.get("channel") or "")
    if not given:
        raise Refused("invalid_arguments", "channel is missing")
    known = core.state.channels
    found = known.get(direct(given) if given.startswith("U") else given)
    if found is None:
        name = given.removeprefix("#")
        found = next((c for c in known.values() if c.name == name and not c.direct), None)
    if found is None:
        raise Refused("channel_not_found")
    public = not found.direct and core.manifest.known and core.manifest.has("chat:write.public")
    if posting and BOT_USER not in found.members and not public:
        raise Refused("not_in_channel")
    return found


def own(core: Core, args: Json, *, error: str) -> Message:
    """Return the bot's own message that is meant; raises Refused."""
    channel = channel_of(core, args)
    if not args.get("ts"):
        raise Refused("invalid_arguments", "ts is missing")
    found = core.state.find(channel.id, str(args["ts"]))
    if found.bot_id != BOT_ID:
        raise Refused(error)
    return found


def post_message(core: Core, args: Json) -> Json:
    channel = channel_of(core, args, posting=True)
    said, data = content(core.state, args), metadata(args)
    thread = thread_of(core, channel.id, args)
    if truth(args, "reply_broadcast") and not thread:
        raise Refused("invalid_arguments", "reply_broadcast needs thread_ts")
    message = Message(
        core.state.ts(), channel.id, BOT_USER, said["text"], said["blocks"], thread, metadata=data,
        bot_id=BOT_ID, attachments=said["attachments"], broadcast=truth(args, "reply_broadcast"),
    )  # fmt: skip
    core.post(message)
    return _said(core, message)


def thread_of(core: Core, channel: str, args: Json) -> str | None:
    """Return the thread that is meant, which must begin with that very message; raises Refused."""
    ts = args.get("thread_ts")
    if not ts:
        return None
    try:
        parent = core.state.find(channel, str(ts))
    except Refused:
        raise Refused("thread_not_found") from None
    if parent.is_reply:
        raise Refused("thread_not_found", "thread_ts is that of a reply")
    return str(ts)


def post_ephemeral(core: Core, args: Json) -> Json:
    channel = channel_of(core, args, posting=True)
    user = str(args.get("user") or "")
    if user not in channel.members:
        raise Refused("user_not_in_channel")
    said = content(core.state, args)
    message = Message(
        core.state.ts(), channel.id, BOT_USER, said["text"], said["blocks"],
        thread_of(core, channel.id, args), bot_id=BOT_ID, attachments=said["attachments"],
        ephemeral_to=user,
    )  # fmt: skip
    core.state.add(message)
    return {"message_ts": message.ts}


def update(core: Core, args: Json) -> Json:
    before = own(core, args, error="cant_update_message")
    keeps = before.blocks if "blocks" not in args else []
    said = content(core.state, args, longest=LONGEST_UPDATE, needed=not keeps)
    after = replace(
        before,
        text=said["text"] or ("" if said["blocks"] else before.text),
        blocks=said["blocks"] if "blocks" in args or args.get("markdown_text") else before.blocks,
        attachments=said["attachments"] if "attachments" in args else before.attachments,
        metadata=metadata(args) if "metadata" in args else before.metadata,
        edited=core.state.ts(),
    )
    core.edit(before, after)
    return {**_said(core, after), "text": after.text}


def delete(core: Core, args: Json) -> Json:
    message = own(core, args, error="cant_delete_message")
    core.delete(message)
    return {"channel": message.channel, "ts": message.ts}


def permalink(core: Core, args: Json) -> Json:
    channel = channel_of(core, args)
    ts = str(args.get("message_ts") or "")
    core.state.find(channel.id, ts)
    return {
        "channel": channel.id,
        "permalink": f"{core.url}/archives/{channel.id}/p{ts.replace('.', '')}",
    }


def add_reaction(core: Core, args: Json) -> Json:
    message, name = _reacted(core, args)
    users = message.reactions.get(name, [])
    if BOT_USER in users:
        raise Refused("already_reacted")
    core.state.put(replace(message, reactions=message.reactions | {name: [*users, BOT_USER]}))
    return {}


def remove_reaction(core: Core, args: Json) -> Json:
    message, name = _reacted(core, args)
    users = message.reactions.get(name, [])
    if BOT_USER not in users:
        raise Refused("no_reaction")
    left = {n: [u for u in us if n != name or u != BOT_USER] for n, us in message.reactions.items()}
    core.state.put(replace(message, reactions={n: us for n, us in left.items() if us}))
    return {}


def _reacted(core: Core, args: Json) -> tuple[Message, str]:
    channel = channel_of(core, args, posting=True)
    name = str(args.get("name") or "")
    if not name or not name.replace("_", "").replace("-", "").replace("+", "").isalnum():
        raise Refused("invalid_name")
    return core.state.find(channel.id, str(args.get("timestamp") or "")), name


def _said(core: Core, message: Message) -> Json:
    return {
        "channel": message.channel,
        "ts": message.ts,
        "message": payloads.message_json(core, message),
    }
