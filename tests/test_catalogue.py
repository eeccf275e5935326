"""Every cause is complete: listed, worded in every language, tested, pure, and answerable."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from bot.aws import COLLECTORS
from bot.aws.accounts import Visit
from bot.catalogue import CAUSES
from bot.diagnosis import wanted
from bot.evidence import needs, produces
from bot.facts import Choice, KnownRegistries, Now, Subject
from bot.patterns import NEAR
from bot.render import words
from bot.symptom import Symptom

ROOT = Path(__file__).parent.parent
IDS = {cause.id for cause in CAUSES}
GIVEN = {Subject, Now, KnownRegistries, Symptom, Visit}
COLLECTED = {produces(collector) for collector in COLLECTORS}
FILES = sorted((ROOT / "bot/causes").glob("*/[!_]*.py"))
INNER = (
    "catalogue", "circumstances", "diagnosis", "entitlement", "evidence", "model",
    "obstacles", "official_images", "pullers", "pulling", "references", "remedies", "sharing", "steps",
    "symptom", "tags", "trust",
    "archive", "catalogue", "diagnosis", "evidence", "grammar", "partitions", "media_types", "model", "official_images",
    "platforms", "pulling",
    "caching", "catalogue", "diagnosis", "evidence", "model", "needing", "official_images", "pulling", "recordings",
    "references", "remedies", "steps", "symptom", "tags",
    "catalogue", "diagnosis", "evidence", "model", "official_images", "pulling",
    "references", "remedies", "steps", "symptom", "tags", "vpc_steps",
)  # fmt: skip
CORE = [
    *(
        path
        for name in ("causes", "egress", "facts", "network", "policy", "secret")
        for path in (ROOT / "bot" / name).rglob("*.py")
    ),
    *(ROOT / f"bot/{name}.py" for name in INNER),
]
IMPURE = {
    "boto3", "botocore", "dramatiq", "jinja2", "os", "random", "redis", "requests", "slack_bolt",
    "slack_sdk", "socket", "subprocess", "time", "urllib",
}  # fmt: skip
SINGLE = pytest.mark.parametrize("cause", CAUSES, ids=lambda c: c.id)


def test_no_id_is_used_twice():
    """
    An id names one cause.
    """
    assert len(CAUSES) == len(IDS)


def test_every_file_is_listed():
    """
    No cause file is forgotten in the catalogue.
    """
    assert IDS == {path.stem.replace("_", "-") for path in FILES}


@SINGLE
def test_a_cause_stands_where_its_name_says(cause):
    """
    The group is the folder, the id the file, and the id names a fault in plain words.
    """
    folder = cause.id.replace("-", "_")

    assert (ROOT / "bot/causes" / cause.group / f"{folder}.py").exists()
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", cause.id)


@SINGLE
def test_a_cause_is_tested(cause):
    """
    Each cause has a test module of its own, in the folder of its group.
    """
    name = f"test_{cause.id.replace('-', '_')}.py"

    assert (ROOT / "tests/causes" / cause.group / name).exists()


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_cause_is_worded(language):
    """
    Each cause has a template in each language, and no template is orphaned.
    """
    templates = (ROOT / "templates/causes").glob(f"*.{language}.j2")

    assert IDS == {path.name.removesuffix(f".{language}.j2") for path in templates}


@SINGLE
@pytest.mark.parametrize("language", words.LANGUAGES)
def test_the_blocks_are_those_that_are_shown(cause, language):
    """
    Headline, why and next always; risk only where there is a fix, and then always.
    """
    text = (ROOT / f"templates/causes/{cause.id}.{language}.j2").read_text("utf-8")
    expected = {"headline", "why", "next"} | ({"risk"} if cause.plan else set())

    assert expected == set(re.findall(r"{%-? block (\w+)", text))


@SINGLE
def test_the_stage_is_one_of_a_pull(cause):
    """
    A cause starts and ends at a stage, in this order.
    """
    assert re.fullmatch("S[0-8]", cause.stage)
    assert re.fullmatch("S[0-8]", cause.until or cause.stage)
    assert cause.stage <= (cause.until or cause.stage)


@SINGLE
def test_families_are_known(cause):
    """
    A cause listens to families that the reader of texts can give.
    """
    other = {row.family for row in NEAR}
    unknown = [f for f in cause.families if not words.family(f, "en") and f not in other]

    assert [] == unknown


def test_every_fact_of_a_decision_can_be_established():
    """
    No cause asks for a fact that nobody collects, nor for anybody's choice.
    """
    assert set() == wanted(CAUSES) - GIVEN - COLLECTED


@SINGLE
def test_every_fact_of_a_fix_can_be_established(cause):
    """
    Plans, choices and advice ask for known facts; only a plan knows what was picked.
    """
    asked = {f for f in (cause.choices, cause.advise) if f}
    facts = {fact for function in asked for fact in needs(function)}

    assert set() == facts - GIVEN - COLLECTED
    if cause.plan:
        assert set() == set(needs(cause.plan)) - GIVEN - COLLECTED - {Choice}
    assert not cause.choices or Choice in needs(cause.plan)


@pytest.mark.parametrize("path", CORE, ids=lambda p: p.stem)
def test_the_core_is_pure(path):
    """
    Causes and their vocabulary import nothing that can touch the world.
    """
    assert set() == set(_imports(path)) & IMPURE


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_a_cause_does_not_know_another(path):
    """
    What two causes share stands outside of both.
    """
    modules = [
        n.module or ""
        for n in ast.walk(ast.parse(path.read_text()))
        if isinstance(n, ast.ImportFrom)
    ]

    assert not [m for m in modules if m.startswith("bot.causes")]


def _imports(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (a.name.split(".")[0] for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").split(".")[0]
