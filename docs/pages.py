"""The page of a cause, in Markdown: the layout; the words are templates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from bot.actions import ATTACHING, CHANGES, DELETES_SECRET, READS, TRUSTING
from bot.aws import COLLECTORS
from bot.evidence import needs, produces
from bot.model import Cause
from bot.render import words
from docs.answers import lines, paragraphs, quoted
from docs.frame import (
    ENGLISH,
    address,
    answers,
    codes,
    ends,
    family,
    names,
    others,
    sentence,
    sentence_of,
)
from docs.reach import Function, actions, commands
from docs.telling import Told, escaped

COLLECTED = {produces(c): c for c in COLLECTORS}
WRITES = (*CHANGES, *ATTACHING, TRUSTING, DELETES_SECRET)
WHERE = "--account prod --cluster main --service shop"


def page(cause: Cause, language: str) -> str:
    """Return the page of *cause*."""
    say = partial(sentence, language)
    cases = answers(cause, language)
    back = f"[{say('all')}]({names('README')[language]})"
    sections = [
        f"# {_title(cases, language)}",
        f"`{cause.id}` · {others(cause.id, language)} · {back}",
        *([sentence_of(cause)] if language == ENGLISH else []),
        _facts(cause, language),
        *_answers(cases, language),
        *_texts(cause, language),
        *_proof(cause, language),
        *_repair(cause, cases, language),
        f"## {say('check')}",
        f"```\n{_tried(cause)}\n```",
        "---",
        say("generated"),
    ]
    return "\n\n".join(sections) + "\n"


def _title(cases: Sequence[Told], language: str) -> str:
    more = len({c.headline for c in cases}) - 1
    return sentence(language, "title", headline=cases[0].headline, more=more)


def _facts(cause: Cause, language: str) -> str:
    say = partial(sentence, language)
    link = address(cause)
    told = [
        f"**{say('at_stage')}:** {_stages(cause, language)}",
        f"**{say('at_repair')}:** {say('by_bot' if cause.plan else 'by_hand')}",
        f"**{say('at_docs')}:** [{link.removeprefix('https://')}]({link})",
    ]
    return "\n".join(f"- {line}" for line in told)


def _stages(cause: Cause, language: str) -> str:
    say = partial(sentence, language)
    first, *later = [say("stage", what=say(f"stage_{s}"), id=s) for s in ends(cause)]
    return say("stage_span", first=first, last=later[0]) if later else first


def _answers(cases: Sequence[Told], language: str) -> Iterator[str]:
    say = partial(sentence, language)
    yield f"## {say('says')}"
    yield say("says_lead") if len(cases) == 1 else say("says_cases", count=len(cases))
    headlines = list(dict.fromkeys(c.headline for c in cases))
    for headline in headlines:
        alike = [c for c in cases if c.headline == headline]
        yield from [f"### {headline}"] if len(headlines) > 1 else []
        yield quoted(lines(alike, say))


def _texts(cause: Cause, language: str) -> Iterator[str]:
    yield f"## {sentence(language, 'texts')}"
    yield sentence(language, "texts_lead")
    yield "\n".join(f"- {family(f, language)}" for f in cause.families)


def _proof(cause: Cause, language: str) -> Iterator[str]:
    say = partial(sentence, language)
    named = (words.say("facts", f.__name__, language, {}, "terminal") for f in needs(cause.decide))
    yield f"## {say('proof')}"
    yield say("proof_lead")
    yield "\n".join(f"- {escaped(n)}" for n in dict.fromkeys(filter(None, named)))
    yield f"{say('proof_reads')}: {codes(actions(_collectors(cause), READS))}"
    yield say("proof_unknown")


def _collectors(cause: Cause) -> tuple[Function, ...]:
    """Return what establishes the facts of *cause*, and the facts behind these."""
    found: dict[type, Function] = {}
    waiting = list(needs(cause.decide))
    while waiting:
        fact = waiting.pop(0)
        if fact in COLLECTED and fact not in found:
            found[fact] = COLLECTED[fact]
            waiting += needs(COLLECTED[fact])
    return tuple(found.values())


def _repair(cause: Cause, cases: Sequence[Told], language: str) -> Iterator[str]:
    say = partial(sentence, language)
    yield f"## {say('repair')}"
    if cause.plan:
        yield say("repair_bot", button=words.message("button_show_fix", language, "terminal"))
        yield f"{say('repair_calls')}: {codes(actions([cause.plan], WRITES))}"
        yield f"{say('repair_risk')}:"
        yield quoted(paragraphs(cases[0].risk, say))
    else:
        yield say("repair_person")
    if cause.advise and (found := commands(cause.advise)):
        yield f"{say('repair_commands')}: {codes(found)}"


def _tried(cause: Cause) -> str:
    asked = ["diagnose", *([f"plan --cause {cause.id}"] if cause.plan else [])]
    return "\n".join(f"python -m bot {a} {WHERE}" for a in asked)
