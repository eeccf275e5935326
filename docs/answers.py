"""The forms of one answer, told together: what all have in common once, then what tells them apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, takewhile

from docs.telling import Part, Told

SENTENCES = re.compile(r"(?<=[.?!])\s+(?=[A-Z`])|(?<=[。？！])(?!$)")
WIDE = re.compile(r"(?<=[。、：）])\s+")

Sentence = Callable[[str], str]


def lines(cases: Sequence[Told], say: Sentence) -> Iterator[str]:
    """Yield the paragraphs of the answers *cases*, which share a headline."""
    whys = [tuple(chain.from_iterable(map(_sentences, c.why))) for c in cases]
    head = _common(whys)
    rest = [why[len(head) :] for why in whys]
    tail = tuple(reversed(_common([why[::-1] for why in rest])))
    apart = [why[: len(why) - len(tail)] for why in rest]
    todo = [tuple(_paragraphs(c.next, say)) for c in cases]
    yield from _paragraphs(head, say)
    ways = [tuple(_paragraphs(way, say)) for way in apart]
    if len(set(todo)) > 1:
        for after in dict.fromkeys(todo):
            same = [w for w, t in zip(ways, todo, strict=True) if t == after]
            yield _bullet([*_any(same, say), *_todo(after, say)])
        yield from _paragraphs(tail, say)
        return
    yield from map(_bullet, filter(None, ways))
    yield from _paragraphs(tail, say)
    yield from _todo(todo[0], say)


def _any(ways: Sequence[Sequence[str]], say: Sentence) -> list[str]:
    """Return the paragraphs of the only way, or all ways as a list."""
    if len(ways) == 1:
        return list(ways[0])
    return [f"*{say('one_of')}*", *map(_bullet, filter(None, ways))]


def quoted(paragraphs: Iterable[str]) -> str:
    """Return *paragraphs* as one quotation."""
    text = "\n\n".join(paragraphs)
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def paragraphs(parts: Iterable[Part], say: Sentence) -> list[str]:
    """Return *parts* as paragraphs, each with its sentences together."""
    return list(_paragraphs(tuple(chain.from_iterable(map(_sentences, parts))), say))


def _todo(after: Sequence[str], say: Sentence) -> Iterator[str]:
    first, *more = after
    yield f"**{say('next')}:** {first}"
    yield from more


def _sentences(part: Part) -> list[Part]:
    return [part] if part.choice else [Part((t.strip(),)) for t in SENTENCES.split(part.texts[0])]


def _common(rows: Sequence[Sequence[Part]]) -> tuple[Part, ...]:
    """Return what all *rows* begin with."""
    together = zip(*rows, strict=False)
    return tuple(same[0] for same in takewhile(lambda row: len(set(row)) == 1, together))


def _paragraphs(parts: Sequence[Part], say: Sentence) -> Iterator[str]:
    text: list[str] = []
    for part in parts:
        if not part.choice:
            text += part.texts
            continue
        if text:
            yield joined(text)
            text = []
        lead = say("perhaps" if part.optional else "one_of")
        if len(part.texts) == 1:
            yield joined([f"*{lead}*", *part.texts])
        else:
            yield "\n".join([f"*{lead}*", "", *(f"- {joined([t])}" for t in part.texts)])
    if text:
        yield joined(text)


def joined(sentences: Iterable[str]) -> str:
    """Return *sentences* behind each other, as the writing of their language has it."""
    return WIDE.sub("", " ".join(sentences))


def _bullet(paragraphs: Iterable[str]) -> str:
    return "- " + "\n\n".join(paragraphs).replace("\n", "\n  ")
