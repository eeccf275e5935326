"""The modals that ask whoever decides for a reason, or for the login of a registry."""

from __future__ import annotations

from typing import Any

from bot.render import blocks, words
from bot.render.views import TITLE, View

LONGEST = 500  # characters that Slack lets a person type
USER, PASSWORD = "user", "password"  # the fields of a login
LONGEST_USER, LONGEST_PASSWORD = 255, 3000  # the latter is Slack's own limit
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


def login(language: str, metadata: str, secret: str) -> View:
    """Return the modal in which an approver types the login that the secret *secret* will hold."""
    return {
        "type": "modal",
        "callback_id": "login_form",
        "private_metadata": metadata,
        "title": blocks.plain(words.message("login_title", language), TITLE),
        "submit": blocks.plain(words.message("login_submit", language), TITLE),
        "close": blocks.plain(words.message("form_close", language), TITLE),
        "blocks": _login(language, secret),
    }


def break_glass(language: str, metadata: str, what: str, secret: str | None = None) -> View:
    """Return the modal in which an approver says why nobody else can be waited for.

    *what* is the hash of the plan that is approved, or UNDO; *secret* is the one that the plan
    makes of a login, which is then asked for as well.
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
        "blocks": [warning, asked, *(_login(language, secret) if secret else [])],
    }


def _login(language: str, secret: str) -> list[blocks.Block]:
    """Return what asks for a login; Slack has no field that hides what is typed."""
    where = blocks.section(words.message("login_where", language, secret=secret))
    fields = (
        (USER, "login_user", LONGEST_USER),
        (PASSWORD, "login_password", LONGEST_PASSWORD),
    )
    return [
        where,
        *(
            {
                "type": "input",
                "block_id": name,
                "label": blocks.plain(words.message(label, language)),
                "element": {
                    "type": "plain_text_input", "action_id": name,
                    "min_length": 1, "max_length": longest,
                },
            }
            for name, label, longest in fields
        ),
    ]  # fmt: skip


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
