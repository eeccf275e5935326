"""What an approver sees: the exact change, its risk, its undo; and what became of it."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator
from typing import Any

from bot.config import Account
from bot.fix import Fix
from bot.logins import NEW as NEW_LOGIN
from bot.model import TYPED, Cause, Plan, Step
from bot.render import blocks, reasons, words
from bot.render.blocks import Block, Message
from bot.render.words import Marked, Surface
from bot.takehome import cleaned, without_secrets

NEW = "<new>"
DIFF = 2  # code blocks of a diff, so that its risk and its buttons still fit


def diff(plan: Plan, language: str) -> str:
    """Return what *plan* changes as a unified diff that a person can approve."""
    steps = without_secrets(plan).steps
    return "\n".join(line for step in steps for line in _diff(step, language))


def proposed(fix: Fix, cause: Cause, account: Account, language: str) -> Message:
    """Return the change, before anything has happened, with the buttons to decide on it."""
    title = _proposal(fix, language)
    approvers = words.message(
        "fix_approvers",
        language,
        approvers=blocks.users(account.approvers),
        date=blocks.date(fix.expires_at),
    )
    if account.second_person:
        approvers += " " + words.message(
            "fix_second_person", language, user=blocks.user(fix.asked_by)
        )
        if account.break_glass:
            approvers += " " + words.message("fix_break_glass", language)
    return blocks.message(
        title,
        [
            *_change(fix, cause, language),
            *blocks.context([approvers]),
            *_decide(fix, account, language),
        ],
    )


def progress(fix: Fix, cause: Cause, language: str, lines: Iterable[str]) -> Message:
    """Return the decided change: who approved it, and line by line what has come of it."""
    said = [line for line in lines if line]
    return blocks.message(
        said[-1] if said else _proposal(fix, language),
        [*_change(fix, cause, language), *([blocks.section("\n".join(said))] if said else [])],
    )


def settled(fix: Fix, cause: Cause, language: str, lines: Iterable[str], *, undo: bool) -> Message:
    """Return the applied change with what came of it, and the way back while it is safe."""
    found = progress(fix, cause, language, lines)
    if undo:
        confirm = blocks.confirmation(
            words.message("confirm_undo_title", language),
            words.message("confirm_undo_text", language),
            words.message("confirm_undo_yes", language),
            words.message("button_cancel", language),
            style="danger",
        )
        label = words.message("button_undo", language)
        button = blocks.button(label, "undo_fix", fix.id, style="danger", confirm=confirm)
        found["blocks"] += blocks.actions([button])
    return found


def decided(fix: Fix, language: str) -> str:
    """Return who approved or dismissed *fix*, and when."""
    if fix.decided_by is None or fix.decided_at is None:
        return ""
    who, when = blocks.user(fix.decided_by), blocks.date(fix.decided_at)
    if fix.status == "dismissed":
        return ":no_entry_sign: " + words.message("fix_dismissed", language, user=who, date=when)
    if fix.status == "declined":
        text = words.message("fix_declined", language, user=who, date=when, reason=fix.reason)
        return f":no_entry_sign: {text}"
    if fix.break_glass:
        text = words.message("fix_broke_glass", language, user=who, date=when, reason=fix.reason)
        return f":rotating_light: {text}"
    return ":white_check_mark: " + words.message("fix_approved", language, user=who, date=when)


def breakable(value: str, language: str) -> list[Block]:
    """Return the button for whoever may approve alone with a reason; *value* names what was shown."""
    undo = value.endswith(f":{reasons.UNDO}")
    label = words.message("button_break_glass_undo" if undo else "button_break_glass", language)
    return blocks.actions([blocks.button(label, "break_glass", value, style="danger")])


def live(value: Any, language: str) -> list[Block]:
    """Return what stands there instead of what was expected."""
    return [
        blocks.section(words.message("live_title", language)),
        blocks.code(json.dumps(cleaned(value), indent=2, sort_keys=True, ensure_ascii=False)),
    ]


def risk(fix: Fix, cause: Cause, language: str, surface: Surface = "slack") -> str:
    """Return the risk of *fix* in words, with its level."""
    text = words.cause(cause, "risk", language, fix.proof, surface)
    level = words.message(f"risk_{fix.plan.risk}", language, surface)
    return words.message("fix_risk", language, surface, level=level, risk=Marked(text))


def undoable(plan: Plan) -> str:
    """Return the name of the sentence that says how far *plan* can be taken back."""
    if plan.asking:
        return "fix_undo_login"
    if not any(s.undo for s in plan.steps):
        return "fix_undo_never"
    return "fix_undo" if all(s.undo for s in plan.steps) else "fix_undo_partly"


def _proposal(fix: Fix, language: str) -> str:
    return words.message(
        "fix_proposed", language, steps=len(fix.plan.steps), account=fix.subject.account
    )


def _change(fix: Fix, cause: Cause, language: str) -> list[Block]:
    said = [risk(fix, cause, language), words.message(undoable(fix.plan), language)]
    if fix.plan.asking and fix.status == "shown":
        said.append(words.message("fix_login", language))
    return [
        blocks.headline(_proposal(fix, language))
        if fix.status == "shown"
        else blocks.headline(words.cause(cause, "headline", language, fix.proof)),
        *_shown(fix, language),
        blocks.section("\n".join(said)),
    ]


def _shown(fix: Fix, language: str) -> list[Block]:
    """Return the whole diff, or as much as a message holds and a sentence on the rest."""
    body, left = blocks.codes(diff(fix.plan, language), DIFF)
    if left:
        more = words.message("fix_diff_more", language, count=left, cause=fix.cause)
        body.append(blocks.section(more))
    return body


def _decide(fix: Fix, account: Account, language: str) -> list[Block]:
    choices = [blocks.option(_choice(c, language), c) for c in fix.choices if blocks.fits(c)]
    wanted = fix.choice or next(iter(fix.choices), None)
    chosen = next((o for o in choices if o["value"] == wanted), None)
    pick = (
        blocks.select("choose_fix", words.message("fix_choose", language), choices, chosen)
        if len(choices) > 1
        else None
    )
    value = f"{fix.id}:{fix.hash[:16]}"
    return blocks.actions(
        [
            pick,
            _approve(fix, account, language, value),
            blocks.button(words.message("button_decline", language), "decline_fix", fix.id),
            blocks.button(words.message("button_dismiss", language), "dismiss_fix", fix.id),
            blocks.overflow(
                "take_home", [blocks.option(words.message("button_take_home", language), fix.id)]
            ),
        ],
        block_id=f"fix:{fix.id}",
    )


def _approve(fix: Fix, account: Account, language: str, value: str) -> Block | None:
    """Return the button to approve with; what asks for a login asks again by itself."""
    if fix.plan.asking:
        label = words.message("button_enter", language)
        return blocks.button(label, "approve_fix", value, style="primary")
    confirm = blocks.confirmation(
        words.message("confirm_title", language),
        words.message("confirm_text", language, account=account.alias),
        words.message("button_approve", language),
        words.message("button_cancel", language),
    )
    approve = words.message("button_approve", language)
    return blocks.button(approve, "approve_fix", value, style="primary", confirm=confirm)


def _choice(name: str, language: str) -> str:
    known = {"managed-policy": "fix_managed_policy", "inline-policy": "fix_inline_policy",
             NEW_LOGIN: "fix_new_login"}  # fmt: skip
    return words.message(known[name], language) if name in known else name


def _diff(step: Step, language: str) -> list[str]:
    before, after = _lines(step.before, language), _lines(step.after, language)
    title = f"# {step.resource.split(':', 5)[-1]} ({step.do.service}:{step.do.operation.replace('_', '-')})"
    changed = list(difflib.unified_diff(before, after, lineterm="", n=3))[2:]  # less the file names
    return [title, *(line for line in changed if not line.startswith("@@")), ""]


def settings(value: Any, language: str) -> list[str]:
    """Return *value* as one line for each setting; a policy, or nothing at all, has none."""
    shown = _named(value, language)
    if not isinstance(shown, dict) or "Statement" in shown:
        return []
    return [f"{name}: {setting}" for name, setting in _settings(shown)]


def _lines(value: Any, language: str) -> list[str]:
    """Return a policy as the JSON that people know, and all else as one line for each setting."""
    if value is None:
        return []
    shown = _named(value, language)
    if not isinstance(shown, dict) or "Statement" in shown:
        return json.dumps(shown, indent=2, ensure_ascii=False).splitlines()
    return [f"{name}: {setting}" for name, setting in _settings(shown)]


def _settings(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield each setting inside *value* with its path, ``containers.app.image``."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _settings(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list) and all(isinstance(v, str) for v in value):
        yield path, ", ".join(value)
    else:
        yield path, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _named(value: Any, language: str) -> Any:
    """Return *value* with what no plan holds named: answers of earlier steps are new, a login is typed."""
    if isinstance(value, dict):
        if value == TYPED:
            return f"<{words.message('typed_login', language, 'terminal')}>"
        if "$answer" in value:
            return NEW
        return {k: _named(v, language) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_named(v, language) for v in value]
    return value
