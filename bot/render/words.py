"""Sentences from ``templates/``, in the reader's language, safe for where they are shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, Undefined

from bot.model import Cause

TEMPLATES = Path(__file__).parent.parent.parent / "templates"
LANGUAGES = ("en", "ja")
Surface = Literal["slack", "terminal"]

# Control characters, halves of a pair, and what turns the direction of a line around or hides in it.
UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069"
    r"\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
GRAVE = "ˋ"  # looks like a backtick and means nothing, neither to Slack nor to a shell
VALUE = 600  # characters of one value; the longest ARN and image reference are shorter


class Marked(str):
    """Text of our own that carries Slack markup and must not be escaped again."""

    __slots__ = ()


def inert(value: object) -> object:
    """Return *value* as Slack shows it and nothing more: no mention, no link, no broken code span.

    It stays on one line, because a code span does not go on in the next.
    """
    if isinstance(value, Marked):
        return str(value)
    if value is None or isinstance(value, (int, float, Undefined)):
        return value
    return escaped(clip(" ".join(str(value).split()), VALUE))


def escaped(text: str) -> str:
    """Return *text*, line by line as it is, with nothing in it that Slack would act upon."""
    text = str(visible(text)).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("`", GRAVE)


def visible(value: object) -> object:
    """Return *value* without characters that nobody sees."""
    return UNSEEN.sub("�", value) if isinstance(value, str) else value


def _environment(finalize: Callable[[object], object]) -> Environment:
    environment = Environment(  # noqa: S701 - Slack's markup is not HTML; finalize escapes it
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["code"] = lambda v: Marked(f"`{finalize(v)}`")
    environment.filters["codes"] = lambda vs: Marked(", ".join(f"`{finalize(v)}`" for v in vs))
    return environment


ENVIRONMENTS: Mapping[Surface, Environment] = {
    "slack": _environment(inert),
    "terminal": _environment(visible),
}


@cache
def _template(name: str, language: str, surface: Surface) -> Template:
    return ENVIRONMENTS[surface].get_template(f"{name}.{language}.j2")


def say(
    name: str,
    block: str,
    language: str,
    context: Mapping[str, Any] | None = None,
    surface: Surface = "slack",
) -> str:
    """Return block *block* of template *name*, empty where the template leaves it out.

    What is said of buttons, threads and commands of Slack has words of its own for a terminal.
    """
    template = _template(name, language, surface)
    if (own := f"{block}_{surface}") in template.blocks:
        block = own
    if block not in template.blocks:
        return ""
    ready = template.new_context(dict(context or {}))
    return "".join(template.blocks[block](ready)).strip()


def message(block: str, language: str, surface: Surface = "slack", **context: Any) -> str:
    """Return one of the sentences around the findings."""
    return say("messages", block, language, context, surface)


def cause(
    which: Cause, block: str, language: str, proof: Mapping[str, Any], surface: Surface = "slack"
) -> str:
    """Return one block of a cause's own words: headline, why, next or risk."""
    return say(f"causes/{which.id}", block, language, proof, surface)


def family(name: str | None, language: str, surface: Surface = "slack") -> str:
    """Return what a text of this family says, as one clause; empty for an unknown family."""
    block = re.sub(r"[^a-z]", "_", name or "nothing")
    return say("families", block, language, {}, surface)


def nearby(name: str | None, language: str, surface: Surface = "slack") -> str:
    """Return what helps with a failure that is no pull's, with AWS's page on it."""
    return say("nearby", re.sub(r"[^a-z]", "_", name or ""), language, {}, surface)


def language_of(locale: str | None, fallback: str | None = None) -> str:
    """Return the language to speak for a locale such as ``ja-JP``."""
    for said in (locale, fallback):
        if said and said[:2] in LANGUAGES:
            return said[:2]
    return LANGUAGES[0]


def clip(text: str, length: int) -> str:
    """Return *text*, shortened to *length* characters at a word where it is longer.

    What the cut would leave open is left out (an entity, a mention) or closed (a code span).
    """
    if len(text) <= length:
        return text
    cut = text[: length - 2]
    cut = cut[: max(cut.rfind(" "), length * 3 // 4)]
    cut = re.sub(r"&[a-z]{0,4}$|<[^<>]*$", "", cut).rstrip()
    return cut + "…" + ("`" if cut.count("`") % 2 else "")
