"""What a message may hold: read from a call's arguments, refused as Slack refuses."""

from __future__ import annotations

import json
from typing import Any

from playground.workspace.blockkit import WHOLE, message_problems, size
from playground.workspace.elements import named
from playground.workspace.model import Json, Refused
from playground.workspace.state import State

LONGEST, LONGEST_UPDATE, LONGEST_MARKDOWN = 40_000, 4_000, 12_000
ATTACHMENTS = 100


def structured(args: Json, key: str, error: str) -> Any:
    """Return an argument that is JSON, also where it came as a string."""
    value = args.get(key)
    if not isinstance(value, str) or value == "":
        return value or None
    try:
        return json.loads(value)
    except ValueError:
        raise Refused(error, f"{key} is not valid JSON") from None


def truth(args: Json, key: str, *, default: bool = False) -> bool:
    """Return a flag, also where it came as a string."""
    value = args.get(key, default)
    return value.lower() in ("1", "true") if isinstance(value, str) else bool(value)


def content(state: State, args: Json, *, longest: int = LONGEST, needed: bool = True) -> Json:
    """Return text, blocks and attachments; raises Refused."""
    text = args.get("text") or ""
    if not isinstance(text, str):
        raise Refused("invalid_arguments", "text must be a string")
    blocks = structured(args, "blocks", "invalid_blocks_format")
    markdown = args.get("markdown_text")
    if markdown:
        if text or blocks:
            raise Refused("markdown_text_conflict")
        if len(markdown) > LONGEST_MARKDOWN:
            raise Refused("msg_too_long")
        blocks = [{"type": "markdown", "text": markdown}]
    attachments = structured(args, "attachments", "invalid_attachments") or []
    if needed and not text.strip() and not blocks and not attachments:
        raise Refused("no_text")
    if len(text) > longest:
        raise Refused("msg_too_long")
    if not isinstance(attachments, list) or len(attachments) > ATTACHMENTS:
        raise Refused("too_many_attachments")
    for attachment in attachments:
        if not isinstance(attachment, dict):
            raise Refused("invalid_attachments")
        check_blocks(attachment.get("blocks"))
    check_blocks(blocks)
    return {
        "text": text,
        "blocks": named(blocks or [], state.new_id("b")),
        "attachments": attachments,
    }


def check_blocks(blocks: Any) -> None:
    """Raise Refused where Slack would not show *blocks*."""
    if not blocks:
        return
    if not isinstance(blocks, list):
        raise Refused("invalid_blocks_format")
    if problems := message_problems(blocks):
        raise Refused("invalid_blocks", *problems)
    if (total := size(blocks)) > WHOLE:
        raise Refused("msg_blocks_too_long", f"the blocks hold {total} characters, {WHOLE} fit")


def metadata(args: Json) -> Json | None:
    """Return the message's metadata; raises Refused."""
    found = structured(args, "metadata", "invalid_metadata_format")
    if not found:
        return None
    if not isinstance(found, dict) or not isinstance(found.get("event_type"), str):
        raise Refused("invalid_metadata_schema", "event_type is missing")
    if not isinstance(found.get("event_payload"), dict):
        raise Refused("invalid_metadata_schema", "event_payload must be an object")
    return {"event_type": found["event_type"], "event_payload": found["event_payload"]}
