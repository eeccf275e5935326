"""Files: an address to upload to, the upload, and the share in a channel."""

from __future__ import annotations

from dataclasses import replace

from playground.workspace.api.chat import channel_of, thread_of
from playground.workspace.content import structured
from playground.workspace.core import Core
from playground.workspace.model import File, Json, Message, Refused
from playground.workspace.payloads import file_json
from playground.workspace.people import BOT_ID, BOT_USER

LARGEST, LONGEST_ALT = 10_000_000, 1000


def upload_url(core: Core, args: Json) -> Json:
    name, length = str(args.get("filename") or ""), str(args.get("length") or "")
    if not name or not length.isdecimal() or not 0 < int(length) <= LARGEST:
        raise Refused("invalid_arguments", "filename and a length up to 10 MB are needed")
    alt = str(args.get("alt_txt") or "")
    if len(alt) > LONGEST_ALT:
        raise Refused("alt_txt_too_large")
    file = File(core.state.new_id("F"), name, name, b"", BOT_USER, alt)
    with core.state.change():
        core.state.files[file.id] = file
    return {"upload_url": f"{core.url}/upload/v1/{file.id}", "file_id": file.id}


def complete(core: Core, args: Json) -> Json:
    wanted = structured(args, "files", "invalid_arguments")
    if not isinstance(wanted, list) or not wanted:
        raise Refused("invalid_arguments", "files is missing")
    found = []
    with core.state.change():
        for each in wanted:
            file = core.state.files.get(str(each.get("id")))
            if file is None or not file.content:
                raise Refused("file_not_found")
            done = replace(file, title=str(each.get("title") or file.name))
            core.state.files[file.id] = done
            found.append(done)
    if args.get("channel_id"):
        channel = channel_of(core, {"channel": args["channel_id"]}, posting=True)
        thread = thread_of(core, channel.id, args)
        comment = str(args.get("initial_comment") or "")
        core.post(
            Message(
                core.state.ts(),
                channel.id,
                BOT_USER,
                comment,
                [],
                thread,
                bot_id=BOT_ID,
                files=found,
            )
        )
    return {"files": [file_json(core, f) for f in found]}
