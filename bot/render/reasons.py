"""The modals that ask a person for a reason."""

from __future__ import annotations

from typing import Any

from bot.render import blocks, words
from bot.render.views import TITLE, View

LONGEST = 500  # characters that Slack lets a person type
UNDO = "undo"  # what a broken glass is for, where it is for no plan that was shown
LEAST = 10  # of a reason that has to be given


def decline(language: str, metadata: str) -> View:
    """Return the modal that asks an approver why not; nobody has to say."""
    asked = _asked(words.message("decline_reason", language), least=0)
    return {
        "type": "modal",
        "callback_id": "decline_form",
        "private_metadata": metadata,
        "title": blocks.plain(words.message("decline_title", language), TITLE),
        "submit": blocks.plain(words.message("decline_submit", language), TITLE),
        "close": blocks.plain(words.message("form_close", language), TITLE),
        "blocks": [asked],
    }


def break_glass(language: str, metadata: str, what: str) -> View:
    """Return the modal in which an approver says why nobody else can be waited for.

    *what* is the hash of the plan that is approved, or UNDO.
    """
    title, submit = "glass_title", "glass_submit"
    if what == UNDO:
        title, submit = "glass_undo_title", "glass_undo_submit"
    warning = blocks.section(words.message("glass_warning", language))
    asked = _asked(words.message("glass_reason", language), least=LEAST)
    return {
        "type": "modal",
        "callback_id": "glass_form",
        "private_metadata": metadata,
        "title": blocks.plain(words.message(title, language), TITLE),
        "submit": blocks.plain(words.message(submit, language), TITLE),
        "close": blocks.plain(words.message("form_close", language), TITLE),
        "blocks": [warning, asked],
    }


def _asked(label: str, *, least: int) -> blocks.Block:
    element: dict[str, Any] = {
        "type": "plain_text_input",
        "action_id": "reason",
        "multiline": True,
        "max_length": LONGEST,
    }
    return {
        "type": "input",
        "block_id": "reason",
        "label": blocks.plain(label),
        "element": element | ({"min_length": least} if least else {}),
        "optional": not least,
    }
