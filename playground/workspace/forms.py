"""A person sends or closes a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from playground.workspace import payloads
from playground.workspace.api.views import checked, replaced, stacked
from playground.workspace.clicking import TROUBLE, Clicking
from playground.workspace.elements import chosen, elements, missing
from playground.workspace.model import Ack, Json, Refused, View


class Forms(Clicking):
    """What a person does with a modal."""

    def submit(
        self, user: str, view: View, values: Mapping[str, Mapping[str, Any]] | None = None
    ) -> Ack:
        """Send a modal; *values* by block and action are typed first. AssertionError if Slack would not send it."""
        now = self._now(view)
        assert isinstance(now, View)
        for block_id, inside in (values or {}).items():
            for action_id, value in inside.items():
                now = self._fill(user, now, block_id, action_id, value)
        assert "submit" in now.body, f"the modal {now.title!r} has nothing to submit"
        incomplete = missing(now.blocks, now.typed)
        now = self.core.state.put_view(replace(now, errors=incomplete, trouble=""))
        assert not incomplete, f"Slack does not send this form: {incomplete}"
        payload = payloads.interaction("view_submission", user) | payloads.in_view(
            self.core, user, now
        )
        payload.pop("container")
        ack = self.core.delivery.interaction(
            f"view_submission {now.callback_id}", payload | {"response_urls": []}
        )
        self._answer(now, ack)
        return ack

    def close(self, user: str, view: View) -> Ack | None:
        """Close the modal in front."""
        now = self._now(view)
        assert isinstance(now, View)
        everything = bool(now.body.get("clear_on_close"))
        self._drop(now, everything=everything)
        if not now.body.get("notify_on_close"):
            return None
        payload = payloads.interaction("view_closed", user) | {
            "view": payloads.view_json(now),
            "is_cleared": everything,
        }
        return self.core.delivery.interaction(f"view_closed {now.callback_id}", payload)

    def _answer(self, view: View, ack: Ack) -> None:
        """Do what the bot wants after a submission: nothing more, errors, update, push or clear."""
        if not ack.ok:
            self.core.state.trouble(view, TROUBLE)
            return
        try:
            self._obey(view, ack.json)
        except Refused as refused:
            self.core.refuse(
                f"answer to {view.callback_id}", refused.error, refused.messages, ack.json
            )
            self.core.state.trouble(view, TROUBLE)

    def _obey(self, view: View, answer: Json) -> None:
        match answer.get("response_action"):
            case None:
                self._drop(view)
            case "clear":
                self._drop(view, everything=True)
            case "errors":
                known = {b["block_id"] for b in view.blocks if b["type"] == "input"}
                errors = answer.get("errors") or {}
                if not errors or not set(errors) <= known:
                    raise Refused(
                        "invalid_errors", f"errors must be for inputs among {sorted(known)}"
                    )
                self.core.state.put_view(replace(view, errors=errors))
            case "update":
                replaced(self.core, view, checked(self.core.state, answer.get("view"), "modal"))
            case "push":
                stacked(self.core, view, checked(self.core.state, answer.get("view"), "modal"))
            case other:
                raise Refused("invalid_response_action", str(other))

    def _fill(self, user: str, view: View, block_id: str, action_id: str, value: Any) -> View:
        found = [
            e
            for b, e in elements(view.blocks)
            if (b["block_id"], e.get("action_id")) == (block_id, action_id)
        ]
        assert found, f"no input {block_id}/{action_id} in {[b['block_id'] for b in view.blocks]}"
        offered = self._offered(user, view, found[0], value)
        return self._typed(view, block_id, action_id, chosen(found[0], value, offered))

    def _drop(self, view: View, *, everything: bool = False) -> None:
        with self.core.state.change():
            stack = self.core.state.stacks.get(view.user, [])
            self.core.state.stacks[view.user] = (
                [] if everything else [v for v in stack if v.id != view.id]
            )
