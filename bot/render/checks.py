"""What the doctor found, for scripts and on a terminal."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.doctor.check import Check
from bot.render import unknowns, words

STYLES = {
    True: ("doctor_ok", "fine"),
    False: ("doctor_wrong", "fault"),
    None: ("doctor_open", "id.code"),
}


def published(found: Sequence[Check], language: str) -> dict[str, Any]:
    """Return what ``doctor --json`` prints."""
    rows = [
        {"id": c.id, "ok": c.ok, "about": about(c, language), "advice": advice(c, language)}
        for c in found
    ]
    return {"ok": all(c.ok is not False for c in found), "checks": rows}


def show(out: Console, found: Sequence[Check], language: str) -> None:
    """Print one line for each check, and what to do under those that are not well."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for check in found:
        block, style = STYLES[check.ok]
        label = words.message(block, language, "terminal")
        table.add_row(Text(label, style=style), _text(out, about(check, language)))
        if todo := advice(check, language):
            table.add_row("", _text(out, f"→ {todo}"))
    out.print(table)
    wrong = sum(c.ok is False for c in found)
    block = "doctor_ill" if wrong else "doctor_well"
    said = words.message(block, language, "terminal", count=wrong)
    out.print(Text(said, style="fault" if wrong else "fine"))


def about(check: Check, language: str) -> str:
    """Return what was found."""
    return words.say(
        "messages", f"doctor_{check.words}", language, _context(check, language), "terminal"
    )


def advice(check: Check, language: str) -> str:
    """Return what to do; empty where there is nothing to be done."""
    block = f"doctor_{check.words}_advice"
    return words.say("messages", block, language, _context(check, language), "terminal")


def _context(check: Check, language: str) -> dict[str, Any]:
    return unknowns.worded(check.context, language, "terminal")


def _text(out: Console, said: str) -> Text:
    return out.highlighter(Text(html.unescape(said)))
