"""views.*: open, push, update and publish, behind triggers and hashes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from playground.workspace.blockkit import view_problems
from playground.workspace.content import structured
from playground.workspace.core import Core
from playground.workspace.elements import kept, named
from playground.workspace.model import Json, Refused, View
from playground.workspace.payloads import view_json
from playground.workspace.people import BOT_USER
from playground.workspace.state import State

STACKED, LARGEST = 3, 250_000


def checked(state: State, view: Any, kind: str) -> Json:
    """Return the view of a call with all ids filled in; raises Refused."""
    if not isinstance(view, dict):
        raise Refused("invalid_arguments", "[ERROR] missing required field: view")
    if problems := view_problems(view):
        raise Refused("invalid_arguments", *problems)
    if view["type"] != kind:
        raise Refused("invalid_arguments", f"[ERROR] a {kind} is wanted [json-pointer:/view/type]")
    if len(json.dumps(view)) > LARGEST:
        raise Refused("view_too_large")
    return {**view, "blocks": named(view["blocks"], state.new_id("b"))}


def open_view(core: Core, args: Json) -> Json:
    body = checked(core.state, structured(args, "view", "invalid_arguments"), "modal")
    _unique(core, body)
    trigger = core.tickets.exchange(str(args.get("trigger_id") or ""))
    with core.state.change():
        name = core.state.new_id("V")
        view = View(name, trigger.user, body, core.state.hash(), root=name)
        core.state.stacks[trigger.user] = [view]
    return {"view": view_json(view)}


def push(core: Core, args: Json) -> Json:
    body = checked(core.state, structured(args, "view", "invalid_arguments"), "modal")
    _unique(core, body)
    trigger = core.tickets.exchange(str(args.get("trigger_id") or ""))
    below = core.state.view(trigger.view) if trigger.view else None
    if below is None:
        raise Refused("not_found", "the trigger comes from no open modal")
    return {"view": view_json(stacked(core, below, body))}


def stacked(core: Core, below: View, body: Json) -> View:
    """Put a new modal on top of *below*; raises Refused."""
    with core.state.change():
        stack = core.state.stacks.get(below.user, [])
        if len(stack) >= STACKED:
            raise Refused("push_limit_reached")
        name = core.state.new_id("V")
        view = View(name, below.user, body, core.state.hash(), below.root, previous=below.id)
        core.state.stacks[below.user] = [*stack, view]
    return view


def update(core: Core, args: Json) -> Json:
    given, external = args.get("view_id"), args.get("external_id")
    with core.state.changed:
        every = [v for stack in core.state.stacks.values() for v in stack]
        found = next(
            (
                v
                for v in every
                if v.id == given or (external and v.body.get("external_id") == external)
            ),
            None,
        )
    if found is None:
        raise Refused("not_found")
    body = checked(core.state, structured(args, "view", "invalid_arguments"), "modal")
    if args.get("hash") and args["hash"] != found.hash:
        raise Refused("hash_conflict")
    return {"view": view_json(replaced(core, found, body))}


def replaced(core: Core, view: View, body: Json) -> View:
    """Show *body* in the place of *view*; what was typed stays where ids are the same."""
    typed = kept(body["blocks"], view.typed, view.blocks)
    after = replace(view, body=body, hash=core.state.hash(), typed=typed, errors={}, trouble="")
    return core.state.put_view(after)


def publish(core: Core, args: Json) -> Json:
    user = str(args.get("user_id") or "")
    everyone = {m for c in core.state.channels.values() for m in c.members} - {BOT_USER}
    if user not in everyone:
        raise Refused("invalid_arguments", "[ERROR] user_not_found [json-pointer:/user_id]")
    body = checked(core.state, structured(args, "view", "invalid_arguments"), "home")
    old = core.state.homes.get(user)
    if args.get("hash") and (old is None or old.hash != args["hash"]):
        raise Refused("hash_conflict")
    with core.state.change():
        name = old.id if old else core.state.new_id("V")
        view = View(name, user, body, core.state.hash(), root=name)
        core.state.homes[user] = view
    return {"view": view_json(view)}


def _unique(core: Core, body: Json) -> None:
    external = body.get("external_id")
    with core.state.changed:
        used = {v.body.get("external_id") for stack in core.state.stacks.values() for v in stack}
    if external and external in used:
        raise Refused("duplicate_external_id")
