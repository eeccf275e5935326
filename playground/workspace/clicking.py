"""A person clicks: buttons and lists."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from playground.workspace import payloads
from playground.workspace.blockkit import options_problems
from playground.workspace.core import Core
from playground.workspace.elements import chosen, elements
from playground.workspace.model import Ack, Json, Message, View

TROUBLE = "We had some trouble connecting. Try again?"
SENDS = {
    "actions",
    "section",
    "context_actions",
    "card",
}  # blocks whose elements always tell the bot


class Clicking:
    """What a person does with the mouse."""

    core: Core

    def click(
        self, user: str, where: Message | View, action_id: str, value: str | None = None, *,
        option: str | None = None, stale: bool = False,
    ) -> Ack:  # fmt: skip
        """Press a button, or choose *option* of an overflow menu; *value* tells equal actions apart.

        With *stale* the person's screen still shows *where* as it is given.
        """
        now = where if stale else self._now(where)
        block, element = self._element(now, action_id, value)
        self._may(user, now)
        action: Json = {
            "type": element["type"], "action_id": action_id, "block_id": block["block_id"],
            "action_ts": self.core.state.ts(),
        }  # fmt: skip
        if element["type"] == "button":
            action |= {k: element[k] for k in ("text", "value", "style") if k in element}
        elif element["type"] == "overflow":
            named = {o["value"]: o for o in element["options"]}
            assert option in named, f"{action_id} offers {sorted(named)}, not {option}"
            action["selected_option"] = named[option]
        else:
            ack = self.pick(user, where, action_id, option if option is not None else value)
            assert ack is not None, (
                f"{action_id} tells the bot nothing until the form is sent; pick it"
            )
            return ack
        return self._act(user, now, action)

    def pick(self, user: str, where: Message | View, action_id: str, value: Any) -> Ack | None:
        """Choose an option, or type into an input; tells the bot where Slack would."""
        now = self._now(where)
        block, element = self._element(now, action_id, None)
        self._may(user, now)
        if element["type"] == "overflow":
            return self.click(user, where, action_id, option=value)
        offered = self._offered(user, now, element, value)
        state = chosen(element, value, offered)
        if isinstance(now, View):
            now = self._typed(now, block["block_id"], action_id, state)
        if block["type"] not in SENDS and not block.get("dispatch_action"):
            return None
        action = {"type": element["type"], "action_id": action_id, "block_id": block["block_id"],
                  "action_ts": self.core.state.ts(), **state}  # fmt: skip
        return self._act(user, now, action)

    def suggest(
        self, user: str, where: Message | View, action_id: str, typed: str = ""
    ) -> list[Json]:
        """Type into an external select; returns the options that the bot offers."""
        now = self._now(where)
        block, element = self._element(now, action_id, None)
        if len(typed) < element.get("min_query_length", 3):
            return []
        at = (
            payloads.in_view(self.core, user, now)
            if isinstance(now, View)
            else payloads.in_message(self.core, user, now)
        )
        for unwanted in ("trigger_id", "response_url", "state"):
            at.pop(unwanted, None)
        payload = payloads.interaction("block_suggestion", user) | at
        payload |= {"action_id": action_id, "block_id": block["block_id"], "value": typed}
        ack = self.core.delivery.interaction(f"block_suggestion {action_id}", payload)
        if not ack.ok:
            return []
        groups = ack.json.get("option_groups") or [{"options": ack.json.get("options", [])}]
        found = [o for g in groups for o in g["options"]]
        if problems := options_problems(found):
            self.core.refuse(
                f"options of {action_id}", "invalid_options", tuple(problems), ack.json
            )
            return []
        self.core.offered[user, _version(now), action_id] = found
        return found

    def _act(self, user: str, where: Message | View, action: Json) -> Ack:
        core = self.core
        at = (
            payloads.in_view(core, user, where)
            if isinstance(where, View)
            else payloads.in_message(core, user, where)
        )
        payload = payloads.interaction("block_actions", user) | at | {"actions": [action]}
        ack = core.delivery.interaction(f"block_actions {action['action_id']}", payload)
        if not ack.ok and isinstance(where, View):
            core.state.trouble(where, TROUBLE)
        return ack

    def _typed(self, view: View, block_id: str, action_id: str, state: Json) -> View:
        inside = view.typed.get(block_id, {}) | {action_id: state}
        return self.core.state.put_view(replace(view, typed=view.typed | {block_id: inside}))

    def _offered(
        self, user: str, where: Message | View, element: Json, value: Any
    ) -> list[Json] | None:
        """Return what the bot offers in an external select, as a person sees it; None elsewhere."""
        if "external" not in element["type"]:
            return None
        wanted = value if isinstance(value, list) else [value] if value is not None else []
        known = [
            o for o in (element.get("initial_option"), *(element.get("initial_options") or ())) if o
        ]
        known += self.core.offered.get((user, _version(where), element["action_id"]), [])
        if {o["value"] for o in known} >= set(wanted):
            return known
        for typed in ["", *map(str, wanted)]:
            known += self.suggest(user, where, element["action_id"], typed)
            if {o["value"] for o in known} >= set(wanted):
                break
        return known

    def _now(self, where: Message | View) -> Message | View:
        state = self.core.state
        if isinstance(where, View):
            view = state.view(where.id)
            assert view is not None, f"the view {where.title!r} is no longer open"
            return view
        if where.ephemeral_to:
            mine = state.whispers.get(where.ephemeral_to, [])
            seen = next((m for m in mine if m.ts == where.ts), None)
            assert seen is not None, "the message is gone"
            return seen
        return state.find(where.channel, where.ts)

    def _element(
        self, where: Message | View, action_id: str, value: str | None
    ) -> tuple[Json, Json]:
        every = list(elements(where.blocks))
        found = [(b, e) for b, e in every if e.get("action_id") == action_id]
        if value is not None and any(e["type"] == "button" for _, e in found):
            found = [(b, e) for b, e in found if e.get("value") == value]
        offered = [(e.get("action_id"), e.get("value")) for _, e in every]
        assert found, f"there is no {action_id} {value or ''} here, only {offered}"
        assert len(found) == 1, f"there are {len(found)} of {action_id}; say which value: {offered}"
        return found[0]

    def _may(self, user: str, where: Message | View) -> None:
        if isinstance(where, View):
            assert where.user == user, f"{user} does not see the view of {where.user}"
        elif where.ephemeral_to:
            assert where.ephemeral_to == user, (
                f"{user} does not see what only {where.ephemeral_to} sees"
            )
        else:
            assert user in self.core.state.channels[where.channel].members, f"{user} is not there"


def _version(where: Message | View) -> str:
    """Return what tells one state of a message or view from the next."""
    return where.hash if isinstance(where, View) else where.edited or where.ts
