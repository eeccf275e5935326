"""What the pages and their index have in common: the words of the frame, and what a cause is called."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable
from functools import cache, partial
from typing import Any

from bot.model import Cause
from bot.render import words
from docs.errors import typical
from docs.telling import Told, escaped, told

ENGLISH = words.LANGUAGES[0]


def names(stem: str) -> dict[str, str]:
    """Return the file of page *stem* in each language; GitHub opens README.md by itself."""
    return {
        language: f"{stem}.md" if language == ENGLISH else f"{stem}.{language}.md"
        for language in words.LANGUAGES
    }


def sentence(language: str, block: str, **context: Any) -> str:
    """Return a sentence of the frame, which has to be there."""
    if said := words.say("page", block, language, context, "terminal"):
        return said
    raise ValueError(f"templates/page.{language}.j2 has no block {block}: add it")


@cache
def answers(cause: Cause, language: str) -> tuple[Told, ...]:
    """Return every form of what the bot says about *cause*."""
    word = sentence(language, "either")
    either = f" {word} " if language == ENGLISH else word
    return told(cause, language, partial(placeholder, language), either)


def placeholder(language: str, value: str) -> str:
    """Return what stands for *value*: its own name, where no better word is in the template."""
    said = words.say("placeholders", value, language, {}, "terminal")
    return said or value.replace("_", " ")


def sentence_of(cause: Cause) -> str:
    """Return the sentence that names the fault, from the docstring of the cause's module."""
    return escaped(_documented(cause)[0])


def address(cause: Cause) -> str:
    """Return the page on the fault that the cause's module names."""
    return _documented(cause)[1]


def _documented(cause: Cause) -> tuple[str, str]:
    name = f"bot.causes.{cause.group}.{cause.id.replace('-', '_')}"
    match (inspect.getdoc(sys.modules[name]) or "").split("\n\n"):
        case [said, page] if page.startswith("https://"):
            return " ".join(said.split()), page.strip()
    raise ValueError(f"{name}: its docstring should be one sentence, and a page on the fault")


def others(stem: str, language: str) -> str:
    """Return the links to page *stem* in the other languages."""
    files = names(stem).items()
    return " · ".join(
        f"[{sentence(other, 'language')}]({f})" for other, f in files if other != language
    )


def ends(cause: Cause) -> list[str]:
    """Return the first and the last stage of *cause*, or the only one."""
    return list(dict.fromkeys((cause.stage, cause.until or cause.stage)))


def family(name: str, language: str) -> str:
    """Return what texts of family *name* say, and the words that they say it with."""
    said = escaped(words.family(name, language, "terminal"))
    found = typical(name)
    return said[:1].upper() + said[1:] + (f": {codes(found)}" if found else "")


def codes(values: Iterable[str]) -> str:
    """Return *values* as code, one behind the other."""
    return ", ".join(f"`{v}`" for v in values)
