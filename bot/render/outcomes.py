"""What became of a fix, outcome first: what a phone shows of it is its first line."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from bot.catalogue import CAUSES
from bot.fix import Fix
from bot.render import blocks, preview, words
from bot.render.words import Marked

BY_ID = {c.id: c for c in CAUSES}


def history(fix: Fix) -> list[str]:
    """Return who asked for *fix* and who decided it: both stay visible to the end."""
    who, when = blocks.user(fix.asked_by), blocks.date(fix.asked_at)
    asked = words.message("fix_asked", fix.language, user=who, date=when)
    return [f":raising_hand: {asked}", preview.decided(fix, fix.language)]


def alarm(fix: Fix, approvers: Iterable[str], language: str) -> blocks.Message:
    """Return what everybody who may approve is told when somebody approved alone."""
    undo = fix.status == "undoing"
    text = words.message(
        "audit_alarm_undo" if undo else "audit_alarm", language, cause=fix.cause, where=where(fix),
        user=blocks.user((fix.undone_by if undo else fix.decided_by) or ""),
        account=fix.subject.account, reference=fix.id,
    )  # fmt: skip
    reason = fix.outcome.get("undo_alone") if undo else fix.reason
    called = words.message(
        "audit_alarm_next", language, reason=reason, approvers=blocks.users(approvers)
    )
    return blocks.message(text, [blocks.headline(text), blocks.section(called)])


def taken_back(fix: Fix, made: Collection[int]) -> str:
    """Return, step by step and newest first, what is as before and what could not be taken back."""
    lines = []
    for number, step in reversed(list(enumerate(fix.plan.steps))):
        name = step.resource.split(":", 5)[-1]
        if step.asks and number in made:
            text = words.message("undone_login", fix.language, resource=step.do.params["Name"])
            lines.append(f"\n• {text}")
        elif step.undo and not step.asks:
            settings = preview.settings(step.before, fix.language)[:4]
            text = words.message("undone_step", fix.language, resource=name, settings=settings)
            lines.append(f"\n• {text}")
        elif number in made:
            text = words.message("undone_not", fix.language, resource=name)
            lines.append(f"\n• :warning: {text}")
    return "".join(lines)


def titled(message: blocks.Message, fix: Fix, title: str) -> blocks.Message:
    """Return *message* with the outcome as its first line, which is all that a phone shows."""
    headline = words.cause(BY_ID[fix.cause], "headline", fix.language, fix.proof)
    said = words.message(title, fix.language, what=what(fix), headline=Marked(headline))
    return {**message, "text": said, "blocks": [blocks.headline(said), *message["blocks"][1:]]}


def what(fix: Fix) -> str:
    """Return what was to be repaired, by its shortest name."""
    subject = fix.subject
    return subject.service or (subject.task_definition or subject.task or "").rpartition("/")[2]


def where(fix: Fix) -> str:
    return "/".join(filter(None, (fix.subject.cluster, what(fix))))
