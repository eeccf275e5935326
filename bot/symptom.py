"""Understand a pasted error: is it a failed image pull, which one, and what does it name?

The text alone decides here. It is unwrapped, matched once against the table of wordings,
and judged: first whether it is an incident, then which wording names the fault.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

from bot import families, kinds
from bot.entities import Entities, entities
from bot.families import TRUNCATED, Denial
from bot.kinds import Kind
from bot.model import Registry
from bot.patterns import NEAR, Found, found
from bot.redact import redact
from bot.tokens import codes
from bot.wrapping import LIMIT, Pasted, flatten, unwrap

__all__ = ["EMPTY", "LIMIT", "Denial", "Entities", "Symptom", "parse"]

_EXCERPT = 1500  # characters of one message, of which none is cut within a word
_MESSAGES = 8  # of one paste are told apart; what follows belongs to the last one


@dataclass(frozen=True, slots=True)
class Symptom:
    """What a text says about a task that did not start.

    *family* is the likeliest reading, *alternatives* are the others that the text supports.
    *errors* are short redacted excerpts, the decisive one first. *truncated*: the message
    ends before its cause; *cut*: the text was longer than LIMIT, and its end was not read.
    """

    kind: Kind
    family: str | None
    alternatives: tuple[str, ...]
    stage: str | None
    entities: Entities
    target: str | None
    errors: tuple[str, ...]
    denial: Denial | None
    address: str | None
    platform: str | None
    truncated: bool
    cut: bool

    @property
    def recognised(self) -> bool:
        """Whether the bot may answer on its own."""
        return self.kind == "pull"

    @property
    def registry(self) -> Registry | None:
        """The kind of registry whose image the text names, None where it names none."""
        return families.registry(self.entities, self.target)


EMPTY = Symptom(
    kind="negative", family=None, alternatives=(), stage=None, entities=Entities(), target=None,
    errors=(), denial=None, address=None, platform=None, truncated=False, cut=False,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Message:
    """One of the errors of a paste, with what it supports."""

    text: str
    seen: Found
    families: tuple[str, ...]
    stage: str | None


def parse(text: str) -> Symptom:
    """Return what *text* says; it never raises, and takes time linear in the length read."""
    pasted, left_out = _incident(unwrap(text))
    if not pasted.flat and not left_out:
        return EMPTY
    seen = found(pasted.flat)
    named = codes(pasted.flat)
    kind, family = kinds.kind(pasted.lines, pasted.flat, seen, [code for _, code in named])
    if kind == "negative":
        return replace(EMPTY, family=left_out or family, cut=pasted.cut)
    known = entities(pasted, named[0][1] if named else None)
    messages = _messages(pasted.flat, seen, named, known)
    if kind == "near-miss":
        return _near_miss(pasted, family, known, messages)
    return _pull(pasted, known, messages)


def _incident(pasted: Pasted) -> tuple[Pasted, str | None]:
    """Return *pasted* without programs and tables, and the negative that these stand for."""
    lines, left_out = kinds.without_code(pasted.lines)
    if not left_out:
        return pasted, None
    return replace(pasted, lines=lines, flat=flatten(lines)), f"negative:{left_out}"


def _messages(
    flat: str, seen: Found, named: list[tuple[int, str]], known: Entities
) -> list[_Message]:
    """Return the errors of *flat*, one for each code that stands for a step of the pull."""
    starts = [at for at, code in named if "Pull" in code or code.startswith("Resource")]
    if len(starts) < 2:
        return [_Message(flat, seen, *families.families(flat, seen, known))]
    messages = []
    starts = [0, *starts[1:_MESSAGES], len(flat)]
    for begin, end in itertools.pairwise(starts):
        part = flat[begin:end].strip()
        hits = found(part)
        messages.append(_Message(part, hits, *families.families(part, hits, known)))
    return sorted(messages, key=lambda m: m.families == (TRUNCATED,))


def _near_miss(
    pasted: Pasted, family: str | None, known: Entities, messages: list[_Message]
) -> Symptom:
    return replace(
        EMPTY, kind="near-miss", family=family, entities=known, cut=pasted.cut,
        stage=next((row.stage for row in NEAR if row.family == family), None),
        errors=_excerpts(messages), denial=families.denial(pasted.flat),
        address=families.address(pasted.flat),
    )  # fmt: skip


def _pull(pasted: Pasted, known: Entities, messages: list[_Message]) -> Symptom:
    first = messages[0]
    said = families.denial(first.text)
    where = families.target(first.text, known, said)
    likeliest = first.families[0]
    others = dict.fromkeys(
        f for m in messages for f in m.families if f not in (likeliest, TRUNCATED)
    )
    known_cause = likeliest != TRUNCATED
    return Symptom(
        kind="pull", family=likeliest, alternatives=tuple(others)[:2], entities=known,
        stage=families.stage(first.text, first.stage, where, known=known_cause),
        target=where, errors=_excerpts(messages), denial=said,
        address=families.address(first.text), platform=families.platform(first.text),
        truncated=not known_cause, cut=pasted.cut,
    )  # fmt: skip


def _excerpts(messages: list[_Message]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(redact(_beginning(m.text)) for m in messages if m.text))


def _beginning(text: str) -> str:
    """Return the first words of *text*, whole ones: half a key is one that redact misses."""
    if len(text) <= _EXCERPT:
        return text
    return text[:_EXCERPT].rpartition(" ")[0] + " …"
