"""The index of the pages: from what an error says to its causes, then by what is at fault."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from bot.catalogue import CAUSES
from bot.model import Cause
from docs.frame import ENGLISH, answers, ends, family, names, others, sentence, sentence_of

STAGES = tuple(f"S{n}" for n in range(9))


def index(language: str) -> str:
    """Return the index of all pages."""
    say = partial(sentence, language)
    sections = [f"# {say('index_title')}", others("README", language)]
    sections += [say("index_lead", count=len(CAUSES)), say("index_use")]
    sections += [f"## {say('index_texts')}", say("index_texts_lead"), _by_text(language)]
    for group in dict.fromkeys(c.group for c in CAUSES):
        causes = [c for c in CAUSES if c.group == group]
        sections += [f"## {say(f'group_{group}')}", _listed(causes, language)]
    sections += [f"## {say('index_stages')}", say("index_stages_lead")]
    sections += ["\n".join(f"- **{s}** {say(f'stage_{s}')}" for s in STAGES)]
    return "\n\n".join([*sections, "---", say("generated")]) + "\n"


def _by_text(language: str) -> str:
    rows = [[sentence(language, "column_text"), sentence(language, "column_causes")]]
    for name in dict.fromkeys(f for c in CAUSES for f in c.families):
        causes = (c for c in CAUSES if name in c.families)
        likely = sorted(causes, key=lambda c: (c.families.index(name), c.seldom))
        links = ", ".join(_link(c, language) for c in likely)
        rows.append([family(name, language), links])
    return _table(rows)


def _listed(causes: Iterable[Cause], language: str) -> str:
    say = partial(sentence, language)
    rows = [[say(f"column_{c}") for c in ("cause", "what", "stage", "fix")]]
    for cause in causes:
        said = sentence_of(cause) if language == ENGLISH else answers(cause, language)[0].headline
        by = say("by_bot" if cause.plan else "by_hand")
        rows.append([_link(cause, language), said, "–".join(ends(cause)), by])
    return _table(rows)


def _link(cause: Cause, language: str) -> str:
    return f"[{cause.id}]({names(cause.id)[language]})"


def _table(rows: list[list[str]]) -> str:
    head, *body = rows
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *body))
