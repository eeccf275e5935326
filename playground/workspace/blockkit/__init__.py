"""What Slack would refuse about blocks and views, with the reason and the place.

The schemas derive from the MIT-licensed types of Slack's Node SDK (LICENSE-slack-types); they hold
properties, lengths and counts. What no schema says stands here as code.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError

from playground.workspace.elements import Json, elements

HERE = Path(__file__).parent
WHOLE = 13_200  # characters of a message; undocumented, yet enforced
MARKDOWN = 12_000
MOST = {"overflow": 5, "radio_buttons": 10, "checkboxes": 10}
OPTIONED = {"static_select", "multi_static_select"}


def message_problems(blocks: Any) -> list[str]:
    """Return what is wrong with the blocks of a message."""
    return _in_slacks_words(_message(blocks))


def view_problems(view: Any) -> list[str]:
    """Return what is wrong with a modal or an App Home."""
    return _in_slacks_words(_view(view))


def options_problems(options: Any) -> list[str]:
    """Return what is wrong with the options of an external select."""
    if not isinstance(options, list) or len(options) > 100:
        return ["options must be a list of at most 100"]
    return _in_slacks_words(
        (("options", i, *where), why)
        for i, option in enumerate(options)
        for where, why in _by_schema("message", "PlainTextOption", option)
    )


def size(value: Any) -> int:
    """Return how many characters of text *value* holds."""
    if isinstance(value, dict):
        own = sum(
            len(v) for k, v in value.items() if k in ("text", "alt_text") and isinstance(v, str)
        )
        return own + sum(size(v) for v in value.values() if not isinstance(v, str))
    return sum(map(size, value)) if isinstance(value, list) else 0


Problem = tuple[tuple[str | int, ...], str]


def _in_slacks_words(found: Iterable[Problem]) -> list[str]:
    said = [f"[ERROR] {why} [json-pointer:/{'/'.join(map(str, where))}]" for where, why in found]
    return list(dict.fromkeys(said))


def _message(blocks: Any) -> Iterator[Problem]:
    wrong = list(_by_schema("message", "MessagePayload", {"blocks": blocks}))
    yield from wrong
    if wrong:
        return  # the rules below rely on the shape
    yield from _common(blocks)
    if sum(1 for b in blocks if b.get("type") == "table") > 1:
        yield ("blocks",), "only one table is allowed in a message"
    if sum(size(b) for b in blocks if b.get("type") == "markdown") > MARKDOWN:
        yield ("blocks",), f"markdown blocks hold more than {MARKDOWN} characters together"


def _view(view: Any) -> Iterator[Problem]:
    kind = view.get("type") if isinstance(view, dict) else None
    if kind not in ("modal", "home"):
        yield ("view", "type"), "must be modal or home"
        return
    definition = "ModalView" if kind == "modal" else "HomeView"
    wrong = list(_by_schema("view", definition, view))
    for where, why in wrong:
        yield ("view", *where), why
    if wrong:
        return
    blocks = view["blocks"]
    for where, why in _common(blocks):
        yield ("view", *where), why
    if kind == "modal" and "submit" not in view and any(b.get("type") == "input" for b in blocks):
        yield ("view", "submit"), "a modal with an input block needs submit"
    for i, block in enumerate(blocks):
        if block.get("type") in ("table", "markdown", "data_table"):
            yield ("view", "blocks", i), f"{block['type']} is for messages only"


def _common(blocks: list[Json]) -> Iterator[Problem]:
    for name in _twice(b.get("block_id") for b in blocks):
        yield ("blocks",), f"block_id {name!r} is used twice"
    for i, block in enumerate(blocks):
        if block.get("type") == "section" and not block.get("text") and not block.get("fields"):
            yield ("blocks", i), "a section needs text or fields"
        inside = [e for _, e in elements([block])]
        for name in _twice(e.get("action_id") for e in inside):
            yield ("blocks", i), f"action_id {name!r} is used twice in one block"
        for element in inside:
            for why in _element(element):
                yield ("blocks", i), why


def _element(element: Json) -> Iterator[str]:
    kind = element.get("type")
    options, groups = element.get("options"), element.get("option_groups")
    if kind in OPTIONED and bool(options) == bool(groups):
        yield f"{kind} needs either options or option_groups, and not none of them"
    if kind in ("overflow", "radio_buttons", "checkboxes") and not options:
        yield f"{kind} needs options"
    if len(options or ()) > MOST.get(str(kind), 100):
        yield f"{kind} has more than {MOST.get(str(kind), 100)} options"
    if confirm := element.get("confirm"):
        for key in {"title", "text", "confirm", "deny"} - set(confirm):
            yield f"the confirmation dialog needs {key}"
    offered = list(options or ()) + [o for g in groups or () for o in g.get("options") or ()]
    values = [o.get("value") for o in offered if isinstance(o, dict)]
    for name in _twice(values):
        yield f"option value {name!r} is used twice"
    initial = element.get("initial_options") or [element.get("initial_option")]
    if offered and any(o is not None and o not in offered for o in initial):
        yield "the initial option is not one of the options"


def _twice(names: Iterable[Any]) -> list[str]:
    return [n for n, count in Counter(n for n in names if isinstance(n, str)).items() if count > 1]


@cache
def _definitions(schema: str) -> Json:
    found: Json = json.loads((HERE / f"{schema}.schema.json").read_text())["definitions"]
    return found


@cache
def _validator(schema: str, definition: str) -> Draft7Validator:
    return Draft7Validator(
        {"$ref": f"#/definitions/{definition}", "definitions": _definitions(schema)}
    )


def _by_schema(schema: str, definition: str, value: Any) -> Iterator[Problem]:
    for error in _validator(schema, definition).iter_errors(value):
        where = tuple(error.absolute_path)
        if error.validator == "anyOf":
            for deeper, why in _alternatives(schema, error):
                yield (*where, *deeper), why
        else:
            yield where, _why(error)


def _alternatives(schema: str, error: ValidationError) -> list[Problem]:
    """Return the problems in the alternative that was meant: the one whose type is the value's."""
    kind = error.instance.get("type") if isinstance(error.instance, dict) else None
    names = list(_named(schema, error.validator_value))
    meant = [n for n in names if _type(schema, n) == kind] if kind else []
    untyped = [n for n in names if _type(schema, n) is None]
    tried = [list(_by_schema(schema, n, error.instance)) for n in meant or untyped]
    if not tried:
        return [((), f"unsupported type: {kind}")]
    return min(tried, key=len)


def _named(schema: str, branches: Any) -> Iterator[str]:
    """Yield the definitions behind *branches*, unions opened."""
    for branch in branches:
        name = str(branch.get("$ref", "")).rpartition("/")[2]
        if not name:
            continue
        inner = _definitions(schema)[name].get("anyOf")
        if inner and all("$ref" in b for b in inner):
            yield from _named(schema, inner)
        else:
            yield name


def _type(schema: str, name: str) -> Any:
    return _definitions(schema)[name].get("properties", {}).get("type", {}).get("const")


def _why(error: ValidationError) -> str:
    match error.validator:
        case "maxLength":
            return f"must be less than {int(str(error.validator_value)) + 1} characters"
        case "minLength":
            return "must be more than 0 characters"
        case "maxItems":
            return f"no more than {error.validator_value} items allowed"
        case "minItems":
            return f"at least {error.validator_value} items required"
        case "const" | "enum":
            return f"must be one of {error.validator_value!r}, not {error.instance!r}"[:160]
    return str(error.message)[:160]
