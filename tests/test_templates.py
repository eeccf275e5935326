"""Every sentence exists in every language, and gets what it names."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from jinja2 import meta, nodes

from bot.catalogue import CAUSES
from bot.families import _BY_POLICY, _BY_SERVICE, BY_REGISTRY, TRUNCATED
from bot.patterns import NEAR, PULL
from bot.render import words
from tests.support.hostile import HOSTILE, harm

ROOT = Path(__file__).parent.parent
ENVIRONMENT = words.ENVIRONMENTS["slack"]
LANGUAGES = pytest.mark.parametrize("language", words.LANGUAGES)
CODE = [p for folder in ("bot", "handlers") for p in (ROOT / folder).rglob("*.py")]


def blocks(name, language):
    """The blocks of a template with the values that each needs."""
    tree = ENVIRONMENT.parse((words.TEMPLATES / f"{name}.{language}.j2").read_text("utf-8"))
    return {b.name: values(b) for b in tree.find_all(nodes.Block)}


def values(block):
    """The values that *block* needs."""
    alone = nodes.Template(block.body, lineno=1).set_environment(ENVIRONMENT)
    return meta.find_undeclared_variables(alone)


def calls():
    """Every call of `words.message` and the like with a name that stands in the code."""
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (
                isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)
            ):
                continue
            called = ast.unparse(node.func)
            if called == "words.message":
                yield (
                    str(path.relative_to(ROOT)),
                    node.args[0].value,
                    {k.arg for k in node.keywords},
                )


def families():
    """Every family that the parser may name."""
    named = {f for row in (*PULL, *NEAR) for f in row.family.split("|")} - {
        k for k, _ in BY_REGISTRY
    }
    named |= {f for v in BY_REGISTRY.values() for f in v.split("|")}
    return sorted(named | set(_BY_POLICY.values()) | set(_BY_SERVICE.values()) | {TRUNCATED})


MESSAGES = blocks("messages", "en")


@pytest.mark.parametrize(
    "name",
    [
        "messages",
        "families",
        "nearby",
        "unknowns",
        "facts",
        "picture",
        "page",
        "placeholders",
        *(f"causes/{c.id}" for c in CAUSES),
    ],
)
def test_languages_have_the_same_blocks_and_values(name):
    """
    A sentence is in both languages, and says as much in both.
    """
    first, *others = (blocks(name, language) for language in words.LANGUAGES)

    assert all(set(first) == set(other) for other in others)
    if name in ("messages", "unknowns"):
        assert all(first[b] - {"steps"} == other[b] - {"steps"} for other in others for b in first)


@LANGUAGES
@pytest.mark.parametrize("family", families())
def test_every_family_has_words(family, language):
    """
    Whatever the parser names can be said, in one clause.
    """
    said = words.family(family, language)

    assert said
    assert said[-1] not in ".。"


@LANGUAGES
@pytest.mark.parametrize("family", [row.family for row in NEAR])
def test_every_other_failure_has_its_page(family, language):
    """
    What is no pull failure is met with what helps, and AWS's page on it.
    """
    said, _, page = words.nearby(family, language).rpartition(" ")

    assert said[-1] in ".。"
    assert re.fullmatch(r"<https://docs\.aws\.amazon\.com/AmazonECS/[\w/-]+\.html>", page)


@pytest.mark.parametrize(("path", "block", "given"), sorted(calls(), key=str))
def test_a_sentence_gets_what_it_names(path, block, given):
    """
    Every sentence that the code says exists, and each of its values is given.
    """
    assert block in MESSAGES, path
    assert None in given or MESSAGES[block] <= given, path


def test_no_sentence_is_forgotten():
    """
    What nobody says is taken out.
    """
    code = "\n".join(p.read_text("utf-8") for p in CODE)
    said = set(re.findall(r"""["'](\w+)["']""", code))
    states = ("verified", "mending", "unverified", "unknown")
    said |= {f"{form}_{state}" for form in ("fix", "title") for state in states}
    made = ("problem_", "risk_", "status_", "no_fix_", "store_", "audit_", "doctor_", "found_")
    spoken = {b.removesuffix("_terminal") for b in MESSAGES}
    unsaid = {b for b in spoken if b not in said and not b.startswith(made)}

    assert set() == unsaid


def test_words_of_the_terminal_stand_for_others():
    """
    They are of a sentence that there is, and need no more values than it.
    """
    own = {b: b.removesuffix("_terminal") for b in MESSAGES if b.endswith("_terminal")}

    assert own
    assert all(MESSAGES[b] <= MESSAGES.get(base, set()) for b, base in own.items())


@LANGUAGES
@pytest.mark.parametrize("value", HOSTILE)
def test_no_sentence_lets_a_value_act(value, language):
    """
    Each sentence is inert with a hostile value in every place.
    """
    lists = {"ids", "regions", "settings", "places", "unread"}
    for block, names in MESSAGES.items():
        context = {n: [value] if n in lists else value for n in names}
        said = words.say("messages", block, language, context)

        assert said, block
        assert [] == harm(re.sub(r"```[^`]*```", "", said)), block


@LANGUAGES
def test_a_fixable_cause_tells_its_risk(language):
    """
    No change is offered without saying what it risks.
    """
    told = {c.id: set(blocks(f"causes/{c.id}", language)) for c in CAUSES}

    assert all({"headline", "why", "next"} <= found for found in told.values())
    assert {c.id for c in CAUSES if c.plan} == {
        name for name, found in told.items() if "risk" in found
    }
