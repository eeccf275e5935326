"""What the thread says: first what the text tells, then what the account proves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.awscli import command, unfilled
from bot.catalogue import CAUSES
from bot.config import Account
from bot.model import Call, Cause, Confirmed
from bot.render import blocks, smallprint, unknowns, words
from bot.render.blocks import Block, Message
from bot.render.words import Marked
from bot.report import Entry, Report
from bot.symptom import Symptom

COMMANDS = 4
PICKABLE = {"account_missing", "service_nowhere", "service_missing", "cluster_missing"}


def asked(user: str, subject: str | None, language: str) -> Message:
    """Return the message that a command's thread hangs on."""
    block = "asked" if subject else "asked_text"
    text = words.message(block, language, user=blocks.user(user), subject=subject)
    return blocks.message(text, [blocks.section(text)])


def first(symptom: Symptom, suspects: Sequence[Cause], language: str, doing: str) -> Message:
    """Return the verdict of the text alone, posted at once; *doing* says what comes next."""
    headline = text_verdict(symptom, language)
    if not headline:  # a service was named, and no text given
        return blocks.message(doing, blocks.context([f":hourglass_flowing_sand: {doing}"]))
    return blocks.message(
        headline,
        [
            blocks.headline(headline),
            *_suspected(suspects, language),
            *blocks.context([f":hourglass_flowing_sand: {doing}"]),
        ],
    )


def text_only(
    symptom: Symptom, suspects: Sequence[Cause], language: str, *, key: str, matches: int = 0,
    ask: str = "",
) -> Message:  # fmt: skip
    """Return what the text tells where nobody said, and nothing showed, which service it is.

    *ask* is the question, where it is another one than which of those that match.
    """
    headline = text_verdict(symptom, language)
    ask = ask or (
        words.message("several_subjects", language, count=matches)
        if matches
        else words.message("no_subject", language)
    )
    body = [blocks.headline(headline), *_suspected(suspects, language)]
    if symptom.truncated:
        body.append(blocks.section(words.message("truncated", language)))
    body.append(blocks.section(ask))
    body += blocks.context([words.message("cut", language) if symptom.cut else ""])
    return blocks.message(headline, [*body, *_pick(language, key)])


def near_miss(symptom: Symptom, language: str) -> Message:
    """Return two sentences on a failure that is no pull, or that comes before one."""
    text = words.message(
        "near_miss", language, family=Marked(words.family(symptom.family, language))
    )
    more = near_miss_next(symptom, language)
    return blocks.message(text, [blocks.headline(text), *([blocks.section(more)] if more else [])])


def near_miss_next(symptom: Symptom, language: str, surface: words.Surface = "slack") -> str:
    """Return what to do about a failure that is no pull: some of them have causes of ours."""
    if any(symptom.family in cause.families for cause in CAUSES):
        return words.message("near_miss_ours", language, surface)
    return words.nearby(symptom.family, language, surface)


def not_understood(language: str) -> Message:
    text = words.message("not_understood", language)
    more = words.message("not_understood_next", language)
    return blocks.message(text, [blocks.headline(text), *([blocks.section(more)] if more else [])])


def problem(name: str, language: str, context: Mapping[str, Any], *, key: str = "") -> Message:
    """Return one clear sentence about what could not be done, and the next step.

    *key* is that of an answer in a thread, where another service can be picked.
    """
    text = problem_text(name, language, context)
    pick = _pick(language, key) if key and name in PICKABLE else []
    return blocks.message(text, [blocks.section(f":warning: {text}"), *pick])


def problem_text(
    name: str, language: str, context: Mapping[str, Any], surface: words.Surface = "slack"
) -> str:
    """Return the sentence about what could not be done, its reason in words."""
    said = unknowns.worded(context, language, surface)
    return words.say("messages", f"problem_{name}", language, said, surface)


def text_verdict(symptom: Symptom, language: str, surface: words.Surface = "slack") -> str:
    """Return what the text says as one line, open where the text is."""
    family = Marked(words.family(symptom.family, language, surface))
    others = [words.family(a, language, surface) for a in symptom.alternatives[:2]]
    if not others:
        return words.message("text_says", language, surface, family=family)
    joined = Marked(" / ".join(others))
    return words.message("text_open", language, surface, family=family, others=joined)


def report(
    found: Report,
    language: str,
    *,
    key: str,
    account: Account | None,
    now: datetime,
    repeats: int = 0,
    how: str = "named",
    became: str = "",
) -> Message:
    """Return the finding: the cause first, how we know, what to do, what was not checked.

    Where a fix was applied since, *became* says what has become of it, and stands above. *how*
    says what the service was taken for, where nobody named it.
    """
    title = headline(found, language)
    fixable = None if became else best_offer(found, account)
    body = _confirmed(found, language, fixable) if found.confirmed else _nothing(found, language)
    if became:
        was = words.message("became_was", language, headline=Marked(title))
        title, body = became, [blocks.section(was)]
    small = blocks.context(smallprint.lines(found, language, now, repeats, how))
    buttons = _buttons(language, key, fixable)
    return blocks.message(title, [blocks.headline(title), *body, *small, *buttons])


def headline(found: Report, language: str, surface: words.Surface = "slack") -> str:
    """Return the finding in one line."""
    if found.confirmed:
        entry = found.confirmed[0]
        return cause_words(entry, "headline", language, surface)
    if found.running and found.desired and found.running >= found.desired and not found.undecided:
        service = found.subject.service or ""
        return words.message(
            "healthy",
            language,
            surface,
            service=service,
            running=found.running,
            desired=found.desired,
        )
    return words.message(
        "nothing_found", language, surface, checked=len(found.ruled_out), open=len(found.undecided)
    )


def best_offer(found: Report, account: Account | None) -> Entry | None:
    """Return the first thing that blocks now and that the bot may repair in this account."""
    return next(
        (
            e
            for e in found.confirmed
            if e.offer and e.finding.when == "now" and account and account.may_fix(e.id)
        ),
        None,
    )


def ready(advice: Sequence[Call], language: str, surface: words.Surface = "slack") -> str:
    """Return what stands above the commands of *advice*: whether they run as they are."""
    block = "commands_open" if any(map(unfilled, advice)) else "commands"
    return words.message(block, language, surface)


def offered(entry: Entry, language: str, surface: words.Surface = "slack") -> str:
    """Return what the fix of *entry* does otherwise than a person would: it asks for a login."""
    asks = entry.offer is not None and entry.offer.login
    return words.message("offer_login", language, surface) if asks else ""


def cause_words(entry: Entry, block: str, language: str, surface: words.Surface = "slack") -> str:
    verdict = entry.finding.verdict
    proof = verdict.proof if isinstance(verdict, Confirmed) else {}
    return words.cause(entry.finding.cause, block, language, proof, surface)


def _confirmed(found: Report, language: str, fixable: Entry | None) -> list[Block]:
    first_entry, *others = found.confirmed
    body = [
        blocks.section(text)
        for block in ("why", "next")
        if (text := cause_words(first_entry, block, language))
    ]
    if first_entry is fixable and (text := offered(first_entry, language)):
        body.append(blocks.section(text))
    if first_entry.advice and first_entry is not fixable:
        advice = first_entry.advice[:COMMANDS]
        lines = [command(c, found.subject.region) for c in advice]
        body += [blocks.section(ready(advice, language)), blocks.code("\n".join(lines))]
    also = [
        words.message(
            "also_now" if e.finding.when == "now" else "also_next",
            language,
            headline=Marked(cause_words(e, "headline", language)),
        )
        for e in others[:3]
    ]
    return body + ([blocks.section("\n".join(f"• {line}" for line in also))] if also else [])


def _nothing(found: Report, language: str) -> list[Block]:
    if found.running and found.desired and found.running >= found.desired and not found.undecided:
        return []
    body = []
    if found.symptom.family:
        family = Marked(words.family(found.symptom.family, language))
        body.append(blocks.section(words.message("nothing_found_why", language, family=family)))
    text = words.message("nothing_found_next", language, open=len(found.undecided))
    return [*body, blocks.section(text)]


def _buttons(language: str, key: str, fixable: Entry | None) -> list[Block]:
    """Return what can be done about a finding: the fix where there is one, look again, look closer."""
    again = blocks.button(words.message("button_check_again", language), "check_again", key)
    closer = blocks.button(words.message("button_details", language), "details", key)
    if fixable is None:
        return blocks.actions([again, closer])
    show = words.message("button_show_fix", language)
    fix = blocks.button(show, "show_fix", f"{key}:{fixable.id}", style="primary")
    return blocks.actions([fix, again, closer])


def _pick(language: str, key: str) -> list[Block]:
    label = words.message("button_pick", language)
    return blocks.actions([blocks.button(label, "pick_subject", key, style="primary")])


def _suspected(suspects: Sequence[Cause], language: str) -> list[Block]:
    if not suspects:
        return []
    ids = [c.id for c in suspects[:4]]
    return [blocks.section(words.message("suspects", language, ids=ids))]
