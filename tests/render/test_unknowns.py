"""What could not be checked is told in words: no reason and no name of a type slips through."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from bot.aws import COLLECTORS
from bot.evidence import produces
from bot.model import Unknown
from bot.render import unknowns, words
from tests.support.hostile import HOSTILE, harm

ROOT = Path(__file__).parent.parent.parent
LANGUAGES = pytest.mark.parametrize("language", words.LANGUAGES)
BECAUSE = {"CannotTell": 0, "Unknown": 1}  # where the reason stands among the arguments
VALUE = "arn:x"


def made():
    """Each place that makes an `Unknown` or a `CannotTell`: its file, the file's tree, the call."""
    for path in sorted((ROOT / "bot").rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in BECAUSE:
                if not node.args and [None] == [k.arg for k in node.keywords]:
                    continue  # read back from JSON
                yield str(path.relative_to(ROOT)), tree, node


def texts(node, tree):
    """Every text that *node* may stand for, with a value in each gap."""
    match node:
        case ast.Constant(value=str()):
            return [node.value]
        case ast.JoinedStr():
            return ["".join(getattr(part, "value", "") if isinstance(part, ast.Constant) else VALUE
                            for part in node.values)]  # fmt: skip
        case ast.IfExp():
            return [*texts(node.body, tree), *texts(node.orelse, tree)]
        case ast.Attribute(attr="because"):
            return []  # passed on
        case ast.Name():
            given = [n.value for n in ast.walk(tree) if isinstance(n, ast.Assign)
                     and node.id in map(ast.unparse, n.targets)]  # fmt: skip
        case ast.Call():
            called = next(n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)
                          and n.name == ast.unparse(node.func))  # fmt: skip
            given = [n.value for n in ast.walk(called) if isinstance(n, ast.Return)]
        case _:
            given = []
    assert given, f"cannot follow {ast.unparse(node)}"
    return [text for one in given for text in texts(one, tree)]


def argument(node, place, name):
    """An argument of a call, by its place or its name."""
    named = next((k.value for k in node.keywords if k.arg == name), None)
    return named or node.args[place]


def reasons():
    """Every reason that the code gives, and where."""
    for path, tree, node in made():
        asked = argument(node, BECAUSE[ast.unparse(node.func)], "because")
        for text in texts(asked, tree):
            yield path, text


def facts():
    """The name of every fact that may stay unknown."""
    named = {produces(c).__name__ for c in COLLECTORS}
    for _, _, node in made():
        if ast.unparse(node.func) == "Unknown":
            fact = argument(node, 0, "fact")
            named |= {fact.value} if isinstance(fact, ast.Constant) else set()
    return sorted(named)


def blocks(name, language):
    """The names of the blocks of a template."""
    text = (words.TEMPLATES / f"{name}.{language}.j2").read_text("utf-8")
    return re.findall(r"{% block (\w+) %}", text)


REASONS = sorted(set(reasons()))


def test_a_reason_of_no_known_form_is_shown_as_it_is():
    """
    An old record may hold a reason that no code gives any more.
    """
    assert "something else" == unknowns.because("something else", "en")
    assert "denied " == unknowns.because("denied ", "en", "terminal") + " "


@pytest.mark.parametrize(("path", "reason"), REASONS)
def test_every_reason_in_the_code_has_words(path, reason):
    """
    Whatever a collector or a cause gives as its reason is of a known form, with its values.
    """
    block, values = unknowns.form(reason)

    assert block != "other", f"{path}: {reason}"
    assert {VALUE} >= set(values.values())


def test_no_form_is_forgotten():
    """
    What no code gives as a reason is taken out.
    """
    assert set(unknowns.FORMS) == {unknowns.form(reason)[0] for _, reason in REASONS}


@LANGUAGES
def test_every_form_has_words_in_every_language(language):
    """
    One block for each form, in the order of the table, and one for all else.
    """
    assert [*unknowns.FORMS, "other"] == blocks("unknowns", language)


@LANGUAGES
@pytest.mark.parametrize("value", HOSTILE)
def test_no_reason_lets_a_value_act(value, language):
    """
    Each reason is inert with a hostile value in every gap, and still of its own form.
    """
    for block, form in unknowns.FORMS.items():
        reason = form.format(what=value, code=value)

        assert block == unknowns.form(reason)[0]
        assert [] == harm(unknowns.because(reason, language))


def test_japanese_readers_get_no_english():
    """
    Without its values a reason has no Latin words but names.
    """
    names = r"AWS|ECS|ECR|FIPS|IAM|EC2|VPC|IPv6|IP|Docker|Hub|arn:x"
    for _, reason in REASONS:
        said = re.sub(names, "", unknowns.because(reason, "ja"))

        assert not re.search(r"[A-Za-z]", said), said


@LANGUAGES
@pytest.mark.parametrize("fact", facts())
def test_every_fact_has_a_name_in_words(fact, language):
    """
    People do not know our types.
    """
    said = unknowns.fact(fact, language)

    assert fact in blocks("facts", language)
    assert said
    assert "`" not in said


@LANGUAGES
def test_no_name_is_forgotten(language):
    """
    What cannot stay unknown has no name.
    """
    assert {*facts(), "other"} == set(blocks("facts", language))


@pytest.mark.parametrize("name", [*sorted(facts()), "NoSuchFact"])
def test_a_name_in_latin_letters_stands_apart_in_japanese(name):
    """
    As everywhere else, no particle sticks to it.
    """
    said = unknowns.unchecked(Unknown(name, "denied x", "y"), "ja")

    assert not re.search(r"[A-Za-z0-9`][ぁ-んァ-ヶ一-龥]", said)


@LANGUAGES
@pytest.mark.parametrize("value", HOSTILE)
def test_a_fact_without_a_name_is_inert(value, language):
    """
    What comes out of a record is only text.
    """
    said = unknowns.unchecked(Unknown(value, value, value), language)

    assert [] == harm(said)


def test_unknowns_without_a_grant_end_with_the_reason():
    """
    Where no permission would help, none is asked for.
    """
    assert (
        "Could not check the repository's tags: not allowed to call `x`"
        == unknowns.unchecked(Unknown("Tags", "denied x"), "en")
    )  # fmt: skip


@pytest.mark.parametrize(
    ("expected", "reason"),
    [
        ("not allowed to call `ecr:DescribeImages`", "denied ecr:DescribeImages"),
        (
            "`ecr:ListImages` is denied to me by an explicit Deny (service control policy), which no grant lifts",
            "denied ecr:ListImages by an explicit Deny in a service control policy",
        ),
        ("AWS throttled `ecs:DescribeServices`", "throttled ecs:DescribeServices"),
        ("`ec2` did not answer", "no answer from ec2"),
        ("the role `arn:x` could not be assumed", "role arn:x could not be assumed"),
        ("the VPC `vpc-1` does not exist", "VPC vpc-1 does not exist"),
        ("`ecr:GetImage` failed with `Odd`", "error Odd from ecr:GetImage"),
    ],
)
def test_a_reason_is_worded(expected, reason):
    """
    The reasons of the collectors become clauses.
    """
    assert expected == unknowns.because(reason, "en")
