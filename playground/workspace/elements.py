"""Interactive elements: where they stand, what they hold, what a person can choose."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
Values = dict[str, dict[str, Json]]

# type of element -> (key of its state, key of its initial state, nothing chosen)
STATE: dict[str, tuple[str, str, Any]] = {
    **dict.fromkeys(
        ("plain_text_input", "email_text_input", "url_text_input", "number_input"),
        ("value", "initial_value", None),
    ),
    **dict.fromkeys(
        ("static_select", "external_select", "radio_buttons"),
        ("selected_option", "initial_option", None),
    ),
    **dict.fromkeys(
        ("multi_static_select", "multi_external_select", "checkboxes"),
        ("selected_options", "initial_options", []),
    ),
    "users_select": ("selected_user", "initial_user", None),
    "multi_users_select": ("selected_users", "initial_users", []),
    "conversations_select": ("selected_conversation", "initial_conversation", None),
    "channels_select": ("selected_channel", "initial_channel", None),
    "datepicker": ("selected_date", "initial_date", None),
    "timepicker": ("selected_time", "initial_time", None),
    "datetimepicker": ("selected_date_time", "initial_date_time", None),
    "rich_text_input": ("rich_text_value", "initial_value", None),
}


def elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Yield every interactive element with its block."""
    for block in blocks:
        inside = (
            block.get("elements") if block.get("type") in ("actions", "context_actions") else None
        )
        for element in (*(inside or ()), *(block.get("actions") or ())):
            if isinstance(element, dict):
                yield block, element
        for key in ("accessory", "element"):
            if isinstance(block.get(key), dict) and block[key].get("type") != "image":
                yield block, block[key]
        nested = block.get("blocks")
        if isinstance(nested, list):
            yield from elements([b for b in nested if isinstance(b, dict)])


def options(element: Json) -> list[Json]:
    """Return what a person can choose from."""
    grouped = [o for g in element.get("option_groups") or () for o in g["options"]]
    return [*(element.get("options") or ()), *grouped]


def initial(element: Json) -> Json:
    """Return the state that the bot gave it."""
    key, given, nothing = STATE[element["type"]]
    return {key: element.get(given, nothing)}


def chosen(element: Json, value: Any, offered: list[Json] | None = None) -> Json:
    """Return the state after a person chose or typed *value*; AssertionError if nobody can."""
    key = STATE[element["type"]][0]
    if key not in ("selected_option", "selected_options"):
        return {key: value}
    known = {o["value"]: o for o in (offered if offered is not None else options(element))}
    wanted = value if isinstance(value, list | tuple) else [] if value is None else [value]
    missing = [v for v in wanted if v not in known]
    if missing:
        raise AssertionError(f"{element.get('action_id')} offers {sorted(known)}, not {missing}")
    picked = [known[v] for v in wanted]
    return {key: picked if key == "selected_options" else next(iter(picked), None)}


def values(blocks: list[Json], typed: Values) -> Values:
    """Return ``view.state.values``: what every input holds now."""
    found: Values = {}
    for block, element in elements(blocks):
        if element["type"] in STATE:
            here = typed.get(block["block_id"], {}).get(element["action_id"])
            state = here if here is not None else initial(element)
            found.setdefault(block["block_id"], {})[element["action_id"]] = {
                "type": element["type"],
                **state,
            }
    return found


def kept(blocks: list[Json], typed: Values, before: list[Json]) -> Values:
    """Return what survives an update: same block, same action, same kind, still on offer."""
    kinds = {
        (b["block_id"], e["action_id"]): e["type"] for b, e in elements(before) if "action_id" in e
    }
    found: Values = {}
    for block, element in elements(blocks):
        key = (block["block_id"], element.get("action_id", ""))
        state = typed.get(key[0], {}).get(key[1])
        if state is None or kinds.get(key) != element["type"]:
            continue
        offered = options(element)
        if offered and state.get("selected_option") not in (None, *offered):
            continue
        found.setdefault(key[0], {})[key[1]] = state
    return found


def missing(blocks: list[Json], typed: Values) -> dict[str, str]:
    """Return what Slack itself says below inputs before it asks the bot."""
    found: dict[str, str] = {}
    now = values(blocks, typed)
    for block in blocks:
        if block["type"] != "input" or block["element"]["type"] not in STATE:
            continue
        element = block["element"]
        state = now[block["block_id"]][element["action_id"]][STATE[element["type"]][0]]
        if not state and not block.get("optional"):
            found[block["block_id"]] = "Please complete this required field."
        elif isinstance(state, str):
            short, long = element.get("min_length", 0), element.get("max_length", 3000)
            if not short <= len(state) <= long:
                found[block["block_id"]] = f"Use {short} to {long} characters."
    return found


def named(blocks: list[Json], prefix: str) -> list[Json]:
    """Return *blocks* with an id for every block and action that has none, as Slack fills them in."""
    found: list[Json] = json.loads(json.dumps(blocks))
    for i, block in enumerate(found):
        block.setdefault("block_id", f"{prefix}{i}")
    for i, (_, element) in enumerate(elements(found)):
        if element["type"] in STATE or element["type"] in ("button", "overflow"):
            element.setdefault("action_id", f"{prefix}a{i}")
    return found
