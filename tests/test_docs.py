"""A page for each cause in each language, which says what the code does and is easy to read."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from bot.actions import CHANGES, READS
from bot.aws import COLLECTORS
from bot.catalogue import CAUSES
from bot.evidence import produces
from bot.render import words
from docs.__main__ import HERE, drifted, files
from docs.errors import typical
from docs.frame import address, names, sentence_of
from docs.reach import actions, commands
from docs.telling import Part, forms

pytestmark = pytest.mark.no_cover  # much work: tracing would double it

WRITTEN = files()
PAGES = pytest.mark.parametrize("path", WRITTEN, ids=lambda p: p.name)
EVERY = pytest.mark.parametrize("cause", CAUSES, ids=lambda c: c.id)
LANGUAGES = pytest.mark.parametrize("language", words.LANGUAGES)


def told(why, headline="It fails", after="Mend it."):
    """The forms of a template with this block *why*."""
    blocks = {"headline": headline, "why": why, "next": after}
    source = "".join(f"{{% block {n} %}}{t}{{% endblock %}}" for n, t in blocks.items())
    return forms(source, "toy.en.j2", lambda value: value)


def test_what_is_there_is_what_the_code_says():
    """
    Nobody edits a page by hand, and nobody forgets to write it anew.
    """
    assert [] == drifted()


def test_drift_is_seen():
    """
    The check ends with 0 on what is there, and a page of no cause is drift.
    """
    asked = [sys.executable, "-m", "docs", "--check"]
    stray = HERE / "no-such-cause.md"

    assert 0 == subprocess.run(asked, check=False).returncode
    stray.write_text("left over", "utf-8")
    try:
        assert [stray] == drifted()
    finally:
        stray.unlink()


@EVERY
@LANGUAGES
def test_every_cause_has_its_page(cause, language):
    """
    It names the cause, links the page on the fault, and leads to the other language and back.
    """
    text = WRITTEN[HERE / names(cause.id)[language]]

    assert f"`{cause.id}`" in text
    assert f"]({address(cause)})" in text
    assert {f"]({f})" for f in (*names(cause.id).values(), names("README")[language])} - {
        f"]({names(cause.id)[language]})"
    } <= set(re.findall(r"\]\([^)]+\)", text))


@EVERY
@LANGUAGES
def test_the_index_lists_every_cause(cause, language):
    """
    By what is at fault, and by each text that points at it.
    """
    text = WRITTEN[HERE / names("README")[language]]

    assert 1 + len(cause.families) == text.count(f"[{cause.id}]({names(cause.id)[language]})")


@PAGES
def test_a_page_shows_no_trace_of_how_it_is_made(path):
    """
    No template, no value of Python, no lost placeholder, nothing that GitHub takes for HTML.
    """
    text = WRITTEN[path]
    plain = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)

    assert not re.search(r"{{|{%|%}|}}|\bNone\b|<none>|\[\]|Undefined|[\ue000\ue001]", text)
    assert "<" not in plain
    assert "`" not in plain
    assert not re.search(r"^#* *$\n^#* *$|: *$\n\n#", text, flags=re.MULTILINE)


@EVERY
def test_a_page_says_as_much_in_every_language(cause):
    """
    Both name the same identifiers: actions, commands, parameters.
    """
    code = r"`((?:aws |\w+:)[\w -]+)`"
    first, *others = (WRITTEN[HERE / f] for f in names(cause.id).values())

    assert all(set(re.findall(code, first)) == set(re.findall(code, o)) for o in others)


@EVERY
def test_the_repair_of_a_page_is_that_of_the_cause(cause):
    """
    A page names the calls of the fix where there is one, and says that a person acts where not.
    """
    text = WRITTEN[HERE / f"{cause.id}.md"]

    assert bool(cause.plan) == ("Risk and undo:\n\n>" in text)
    assert bool(cause.plan) == ("the way back included: `" in text)
    assert sentence_of(cause) in text


def test_each_form_is_told_with_what_belongs_to_it():
    """
    A value that two blocks ask about makes forms; each says only what goes together.
    """
    why = '{% if kind == "a" %}A.{% elif kind == "b" %}B.{% else %}C.{% endif %}'
    after = '{% if kind == "b" %}Do b.{% else %}Do it.{% endif %}'

    assert [("A.", "Do it."), ("B.", "Do b."), ("C.", "Do it.")] == [
        (t.why[0].texts[0], t.next[0].texts[0]) for t in told(why, after=after)
    ]


def test_what_one_block_alone_asks_is_told_side_by_side():
    """
    Sentences that exclude each other are listed, and what may be missing is marked so.
    """
    (form,) = told(
        "Seen. {% if how %}Read.{% else %}Recorded.{% endif %} {% if x %}More.{% endif %}"
    )

    assert (
        Part(("Seen.",)),
        Part(("Read.", "Recorded."), choice=True),
        Part(("More.",), choice=True, optional=True),
    ) == form.why


def test_a_sentence_stays_whole():
    """
    What is open within a sentence is shown once, with a placeholder as code in and out of code.
    """
    (form,) = told(
        "`{{ role }}` {% if n == 1 %}has{% else %}have{% endif %} {{ n }}<b>{% if x %}, too{% endif %}."
    )

    assert (Part((r"`<role>` has `<n>`\<b\>, too.",)),) == form.why


def test_a_kind_of_thing_is_named_both_ways():
    """
    Where a word depends on what pulls, both stand there; where it depends on a number, one.
    """
    why = """The {{ "host" if owner == "host" else "task" }} {{ "has" if n == 1 else "have" }} none."""
    (form,) = told(why)

    assert (Part(("The host / task has none.",)),) == form.why


def test_what_cannot_be_shown_is_named():
    """
    A template that goes beyond the generator says where, and what to add.
    """
    with pytest.raises(ValueError, match=r"toy.en.j2, line 1: .* cannot show Call"):
        told("{{ boom() }}")


def test_the_reads_of_a_fact_are_found_in_its_collector():
    """
    Also where the operation is handed on to a helper.
    """
    by_fact = {produces(c).__name__: c for c in COLLECTORS}

    assert ["ec2:DescribeRouteTables"] == actions([by_fact["RouteTables"]], READS)
    assert ["ecr:GetRepositoryPolicy"] == actions([by_fact["RepositoryPolicy"]], READS)


def test_the_calls_of_a_fix_are_found_with_those_that_take_it_back():
    """
    A policy that was not there is put, and deleted again.
    """
    (cause,) = [c for c in CAUSES if c.id == "repository-policy-denies"]

    assert {"ecr:SetRepositoryPolicy", "ecr:DeleteRepositoryPolicy"} <= set(
        actions([cause.plan], CHANGES)
    )
    assert "aws ecr set-repository-policy" in commands(cause.advise)


def test_errors_are_shown_in_words_that_people_see():
    """
    What has no fixed wording is left out.
    """
    assert "no space left on device" in typical("disk-full")
    assert "manifest unknown" in typical("image-or-tag-not-found")
    assert not [
        t for f in ("proxy-failure", "rate-limit") for t in typical(f) if re.search(r"[*\\(]", t)
    ]
