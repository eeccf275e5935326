"""What stands in small print under a finding: what was not checked, and when and how the rest was."""

from __future__ import annotations

from datetime import datetime

from bot.diagnosis import NOT_ASKED
from bot.facts import Subject
from bot.model import Unknown
from bot.render import blocks, unknowns, words
from bot.report import Report

UNCHECKED = 3


def lines(
    found: Report, language: str, now: datetime, repeats: int, how: str = "named"
) -> list[str]:
    """Return what stands under a finding: what was not checked, and how the rest was."""
    missing = unread(found)
    said = [taken_for(found.subject, how, language)] if how != "named" else []
    said += [unknowns.unchecked(u, language) for u in missing[:UNCHECKED]]
    if len(missing) > UNCHECKED:
        said.append(words.message("unchecked_more", language, count=len(missing) - UNCHECKED))
    if found.confirmed and found.ruled_out:
        said.append(words.message("ruled_out", language, count=len(found.ruled_out)))
    healthy = found.running and found.desired and found.running >= found.desired
    if found.confirmed and healthy:
        said.append(
            words.message(
                "recovered_meanwhile", language, running=found.running, desired=found.desired
            )
        )
    if found.remembered:
        said.append(words.message("remembered", language))
    if repeats > 1:
        said.append(words.message("repeats", language, count=repeats))
    return [*said, freshness(found, language, now)]


def unread(found: Report) -> list[Unknown]:
    """Return what was not checked and is worth a line: beside a proven cause, what was tried for."""
    return [u for u in found.missing if not (found.confirmed and u.because == NOT_ASKED)]


def taken_for(subject: Subject, how: str, language: str, surface: words.Surface = "slack") -> str:
    """Return why this service was taken, which nobody has named."""
    shown = "/".join(filter(None, (subject.cluster, subject.service or subject.task)))
    return words.message(
        f"found_{how}", language, surface, subject=shown, account=subject.account,
        region=subject.region,
    )  # fmt: skip


def freshness(found: Report, language: str, now: datetime, surface: words.Surface = "slack") -> str:
    """Return when and how this was looked up."""
    if found.cached:
        return words.message(
            "cached", language, surface, ago=ago((now - found.checked_at).total_seconds(), language)
        )
    shown: object = blocks.date(found.checked_at)
    if surface == "terminal":
        shown = found.checked_at.strftime("%H:%M:%S UTC")
    seconds = f"{found.elapsed_ms / 1000:.1f}"
    return words.message("fresh", language, surface, date=shown, seconds=seconds, calls=found.calls)


def ago(seconds: float, language: str) -> str:
    """Return a span of time in its largest fitting unit."""
    for unit, size in (("hours", 3600), ("minutes", 60)):
        if seconds >= size:
            return words.message(unit, language, count=int(seconds // size))
    return words.message("seconds", language, count=max(0, int(seconds)))
