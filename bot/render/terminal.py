"""The same words for a terminal: 80 columns, colour only where there is a terminal."""

from __future__ import annotations

import html
import re
import shlex
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import IO

from rich.console import Console
from rich.highlighter import RegexHighlighter
from rich.padding import Padding
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text
from rich.theme import Theme

from bot.awscli import command, script
from bot.cloudformation import template
from bot.facts import Subject
from bot.model import Cause, Plan
from bot.render import preview, smallprint, thread, unknowns, words
from bot.render.breaking import broken
from bot.report import Entry, Report
from bot.symptom import Symptom
from bot.takehome import note, without_secrets
from bot.terraform import snippet

WIDTH = 80
LINK = re.compile(r"<(https://[^<>\s]+)>")  # as Slack has it


class Identifiers(RegexHighlighter):
    """Colours what stands in backticks."""

    base_style = "id."
    highlights = [r"`(?P<code>[^`]+)`"]  # noqa: RUF012 - rich's own protocol


def console(file: IO[str] | None = None) -> Console:
    """Return a console of at most 80 columns; no colour where the output is piped."""
    theme = Theme({"id.code": "cyan", "fault": "bold red", "fine": "bold green", "faint": "dim"})
    found = Console(file=file, theme=theme, highlighter=Identifiers(), soft_wrap=False, emoji=False)
    if not found.is_terminal or found.width > WIDTH:
        found.width = WIDTH
    return found


def explain(out: Console, symptom: Symptom, suspects: Sequence[Cause], language: str) -> None:
    """Print what the text alone says."""
    if not symptom.recognised:
        near = symptom.kind == "near-miss"
        if near:
            family = words.family(symptom.family, language, "terminal")
            _line(out, words.message("near_miss", language, "terminal", family=family), "fault")
            _line(out, thread.near_miss_next(symptom, language, "terminal"))
        else:
            _line(out, words.message("not_understood", language, "terminal"), "fault")
            _line(out, words.message("not_understood_next", language, "terminal"))
        return
    _line(out, thread.text_verdict(symptom, language, "terminal"), "fault")
    if symptom.truncated:
        _line(out, words.message("truncated", language, "terminal"))
    if symptom.cut:
        _line(out, words.message("cut", language, "terminal"), "faint")
    out.print(Padding(_named(symptom), (1, 0, 0, 2)))
    if suspects:
        label = words.message("cli_suspects", language, "terminal")
        _line(out, f"{label}: {', '.join(c.id for c in suspects)}")


def diagnose(out: Console, report: Report, language: str, now: datetime) -> None:
    """Print a finding as the thread shows it."""
    style = "fault" if report.confirmed else "fine"
    _line(out, thread.headline(report, language, "terminal"), style)
    for entry in report.confirmed[:1]:
        _entry(out, entry, report, language)
    for entry in report.confirmed[1:]:
        block = "also_now" if entry.finding.when == "now" else "also_next"
        headline = thread.cause_words(entry, "headline", language, "terminal")
        _line(out, words.message(block, language, "terminal", headline=headline))
    for unknown in smallprint.unread(report):
        _line(out, unknowns.unchecked(unknown, language, "terminal"), "faint")
    if report.ruled_out:
        _line(
            out,
            words.message("ruled_out", language, "terminal", count=len(report.ruled_out)),
            "faint",
        )
    _line(out, smallprint.freshness(report, language, now, "terminal"), "faint")


def plan(out: Console, found: Plan, form: str, language: str) -> None:
    """Print a plan; *form* is diff, aws-cli, terraform or cloudformation."""
    safe = without_secrets(found)
    if form != "diff":
        how = {"aws-cli": commands, "terraform": snippet, "cloudformation": template}[form]
        text = note(found) + how(safe)
        out.print(text, highlight=False, markup=False, soft_wrap=True)
        return
    text = str(words.visible(preview.diff(found, language)))
    if out.is_terminal:
        out.print(
            Syntax(text, "diff", theme="ansi_dark", background_color="default", word_wrap=True)
        )
    else:
        out.print(text, highlight=False, markup=False, soft_wrap=True)
    level = words.message(f"risk_{found.risk}", language, "terminal")
    _line(
        out,
        words.message("cli_steps", language, "terminal", steps=len(found.steps), level=level),
        "faint",
    )


def commands(found: Plan) -> str:
    """Return *found* as a shell script that says of each command in which account it is to be run."""
    return script(found, places=True)


def causes(out: Console, all_causes: Iterable[Cause], language: str) -> None:
    """Print the catalogue."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("cli_cause", "cli_group", "cli_stage", "cli_fix"):
        table.add_column(words.message(column, language, "terminal"), no_wrap=True)
    for cause in all_causes:
        stage = (
            f"{cause.stage}-{cause.until}"
            if cause.until and cause.until != cause.stage
            else cause.stage
        )
        fix = words.message("cli_yes" if cause.plan else "cli_advice", language, "terminal")
        table.add_row(cause.id, cause.group, stage, fix)
    out.print(table)


def _entry(out: Console, entry: Entry, report: Report, language: str) -> None:
    for block in ("why", "next"):
        _line(out, thread.cause_words(entry, block, language, "terminal"))
    _line(out, thread.offered(entry, language, "terminal"))
    if entry.offer:
        _line(out, words.message("cli_show_plan", language, "terminal"), "faint")
        _command(out, shown_by(entry.id, report.subject))
    if entry.advice and not entry.offer:
        _line(out, thread.ready(entry.advice, language, "terminal"), "faint")
        for call in entry.advice:
            _command(out, command(call, report.subject.region))


def shown_by(cause: str, subject: Subject) -> str:
    """Return the command that shows what the fix of *cause* would change at *subject*."""
    what = "service" if subject.service else "task" if subject.task else "task_definition"
    named = {n: getattr(subject, n) for n in ("account", "region", "cluster", what)}
    options = [o for n, v in named.items() if v for o in (f"--{n.replace('_', '-')}", v)]
    return shlex.join(["python", "-m", "bot", "plan", "--cause", cause, *options])


def _command(out: Console, text: str) -> None:
    out.print(words.visible("  " + text), highlight=False, markup=False, soft_wrap=True)


def _line(out: Console, text: str, style: str | None = None) -> None:
    text = LINK.sub(r"\1", text)
    if text:
        lines = broken(html.unescape(text), out.width)
        out.print(out.highlighter(Text(lines, style=style or "")))


def _named(symptom: Symptom) -> Table:
    """Return a table of what the text names."""
    table = _table()
    for name in type(symptom.entities).__dataclass_fields__:
        if value := getattr(symptom.entities, name):
            table.add_row(name, Text(str(words.visible(value))))
    if symptom.stage:
        table.add_row("stage", symptom.stage)
    return table


def _table() -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="faint", no_wrap=True)
    table.add_column(overflow="fold")
    return table
