"""What a look at every service says: to scripts, on a terminal, and in Slack."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from bot.config import Accounts
from bot.facts import Subject
from bot.render import blocks, thread, unknowns, words
from bot.render.blocks import Block, Message
from bot.render.words import Marked, Surface
from bot.scanning import Judged, Scan, Unread

JSON = dict[str, Any]

SHOWN = 3  # services of a cause in the message itself; its thread has the others
CAUSES = 12
UNREAD = 8


def published(found: Scan, language: str) -> JSON:
    """Return what ``scan --json`` prints."""
    return {
        "causes": [
            {"cause": cause, "services": [_published(j, language) for j in ones]}
            for cause, ones in found.causes.items()
        ],
        "unexplained": [_published(j, language) for j in found.unexplained],
        "unread": [asdict(u) for u in found.unread],
        "checked": found.checked,
        "calls": found.calls,
        "elapsed_ms": found.elapsed_ms,
    }


def title(found: Scan, language: str, surface: Surface = "slack") -> str:
    """Return the finding in one line."""
    if found.dark:
        return words.message("scan_dark", language, surface)
    failing, causes = len(found.judged), len(found.causes)
    block = "scan_title" if failing else "scan_fine"
    numbers = {"failing": failing, "checked": found.checked, "causes": causes}
    return words.message(block, language, surface, **numbers)


def show(out: Console, found: Scan, accounts: Accounts, language: str) -> None:
    """Print the finding for a person."""
    _line(
        out, title(found, language, "terminal"), "fault" if found.judged or found.dark else "fine"
    )
    for heading, ones in _groups(found, language, "terminal"):
        out.print()
        _line(out, heading, "bold")
        for one in ones:
            _line(out, _where(one.failing.subject, accounts, language, "terminal"), indent=2)
            _line(out, headline(one, language, "terminal"), "faint", indent=4)
    if found.judged or found.unread:
        out.print()
    for unread in found.unread:
        _line(out, _unread(unread, accounts, language, "terminal"), "fault")
    _line(out, _small(found, language, "terminal"), "faint")


def message(found: Scan, accounts: Accounts, language: str) -> Message:
    """Return the message in the channel: each cause with its first services."""
    said = title(found, language)
    body: list[Block] = [blocks.headline(said)]
    groups = _groups(found, language, "slack")
    for heading, ones in groups[:CAUSES]:
        lines = _lines(ones[:SHOWN], accounts, language)
        if more := len(ones) - SHOWN if len(ones) > SHOWN else 0:
            lines.append(words.message("unchecked_more", language, count=more))
        body.append(blocks.section("\n".join([f"*{heading}*", *lines])))
    if len(groups) > CAUSES:
        body.append(
            blocks.section(words.message("unchecked_more", language, count=len(groups) - CAUSES))
        )
    body += blocks.context(_unread_lines(found, accounts, language))
    body += blocks.context([_small(found, language, "slack")])
    return blocks.message(said, body)


def details(found: Scan, accounts: Accounts, language: str) -> list[Message]:
    """Return the messages of the thread: every service that fails, by cause."""
    pages: list[list[str]] = [[]]
    room = blocks.SECTION
    for heading, ones in _groups(found, language, "slack"):
        for line in (f"*{heading}*", *_lines(ones, accounts, language)):
            room -= len(line) + 1
            if room < 0:
                pages.append([])
                room = blocks.SECTION - len(line) - 1
            pages[-1].append(line)
    said = words.message("scan_details", language)
    return [blocks.message(said, [blocks.section("\n".join(p))]) for p in pages if p]


def headline(one: Judged, language: str, surface: Surface) -> str:
    """Return what was found about one service in one line."""
    if one.report is not None:
        return thread.headline(one.report, language, surface)
    return thread.problem_text(one.problem or "", language, one.context, surface)


def _groups(found: Scan, language: str, surface: Surface) -> list[tuple[str, Sequence[Judged]]]:
    groups: list[tuple[str, Sequence[Judged]]] = [
        (words.message("scan_cause", language, surface, cause=cause, count=len(ones)), ones)
        for cause, ones in found.causes.items()
    ]
    if open_ones := found.unexplained:
        heading = words.message("scan_unexplained", language, surface, count=len(open_ones))
        groups.append((heading, open_ones))
    return groups


def _lines(ones: Iterable[Judged], accounts: Accounts, language: str) -> list[str]:
    return [
        f"• {_where(j.failing.subject, accounts, language, 'slack')}: {headline(j, language, 'slack')}"
        for j in ones
    ]


def _where(subject: Subject, accounts: Accounts, language: str, surface: Surface) -> str:
    account = accounts.find(subject.account)
    what = subject.service or (subject.task or "").rpartition("/")[2]
    return words.message(
        "scan_where", language, surface, what=f"{subject.cluster}/{what}", region=subject.region,
        account=account.alias if account else subject.account,
    )  # fmt: skip


def _unread_lines(found: Scan, accounts: Accounts, language: str) -> list[str]:
    lines = [_unread(u, accounts, language, "slack") for u in found.unread[:UNREAD]]
    more = len(found.unread) - UNREAD
    return lines + ([words.message("unchecked_more", language, count=more)] if more > 0 else [])


def _unread(unread: Unread, accounts: Accounts, language: str, surface: Surface) -> str:
    account = accounts.find(unread.account)
    alias = account.alias if account else unread.account
    parts = (alias, unread.region, unread.cluster)
    why = Marked(unknowns.because(unread.because, language, surface))
    line = words.message(
        "scan_unread", language, surface, place=" ".join(p for p in parts if p), because=why
    )
    if unread.grant:
        line += words.message("unchecked_grant", language, surface, grant=unread.grant)
    return line


def _small(found: Scan, language: str, surface: Surface) -> str:
    return words.message(
        "scan_checked", language, surface, checked=found.checked, calls=found.calls,
        seconds=f"{found.elapsed_ms / 1000:.1f}",
    )  # fmt: skip


def _published(one: Judged, language: str) -> JSON:
    subject = one.failing.subject
    return {
        "account": subject.account,
        "region": subject.region,
        "cluster": subject.cluster,
        "service": subject.service,
        "task": subject.task,
        "headline": headline(one, language, "terminal"),
    }


def _line(out: Console, text: str, style: str = "", *, indent: int = 0) -> None:
    said = out.highlighter(Text(html.unescape(text), style=style))
    out.print(Padding(said, (0, 0, 0, indent), expand=False))
