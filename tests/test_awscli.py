"""A command line does exactly what the call does, whatever its values are."""

from __future__ import annotations

import shlex

import pytest
from botocore import xform_name
from botocore.session import Session
from hypothesis import given
from hypothesis import strategies as st

from bot.awscli import command, script, unfilled
from bot.model import Call, Plan, Step, answer
from tests.support.reports import FIXABLE, fix_of, report_of

pytestmark = pytest.mark.no_cover  # much work: tracing would double it

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        (False, "a < b > c"),
        (False, ["<=1.2", {"a": "->"}]),
        (True, "<user>"),
        (True, [{"text": '{"password":"<password or token>"}'}]),
    ],
)
def test_a_call_with_a_placeholder_is_known(expected, value):
    """
    However deep it stands, what only a person knows keeps a command from being ready to run.
    """
    assert expected == unfilled(Call("ecr", "x", {"name": value}))


def test_a_value_is_not_read_as_an_option():
    """
    A name that starts with a dash stays a value.
    """
    assert "aws ecr x --name=-rf" == command(Call("ecr", "x", {"name": "-rf"}))


@given(TEXT)
def test_the_shell_gives_back_the_value(value):
    """
    No value breaks out of its quotes.
    """
    words = shlex.split(command(Call("ecr", "x", {"repositoryName": value})))
    joined = words[3:] if len(words) == 5 else words[3].split("=", 1)

    assert ["--repository-name", value] == joined


@given(st.dictionaries(TEXT, TEXT, min_size=1))
def test_a_document_is_one_word(value):
    """
    A structure is one JSON word, however it is written.
    """
    assert 5 == len(shlex.split(command(Call("ecr", "x", {"document": value}))))


@given(st.lists(TEXT, max_size=4))
def test_a_list_is_words_or_one_document(value):
    """
    A list is never an option without a value, and its items never become options.
    """
    words = shlex.split(command(Call("ecr", "x", {"names": value})))

    assert len(words) > 4
    assert not any(w.startswith("-") for w in words[4:])


def test_switches_have_no_value():
    """
    True and false are two options.
    """
    assert "aws ecs x --force-new-deployment" == command(
        Call("ecs", "x", {"forceNewDeployment": True})
    )
    assert "aws ecs x --no-force-new-deployment" == command(
        Call("ecs", "x", {"forceNewDeployment": False})
    )


def test_iam_has_no_region():
    """
    The Region stands where the service has one.
    """
    assert "aws iam x" == command(Call("iam", "x", {}), "eu-west-1")
    assert "aws ecr x --region eu-west-1" == command(Call("ecr", "x", {}), "eu-west-1")


def test_a_later_step_uses_the_answer():
    """
    What AWS answers first is a variable of the script.
    """
    register = Call("ecs", "register_task_definition", {"family": "shop"})
    update = Call(
        "ecs", "update_service", {"taskDefinition": answer(0, "taskDefinition.taskDefinitionArn")}
    )
    steps = [Step("k", "1", "eu-west-1", "r", None, None, do, None) for do in (register, update)]
    first, second = script(Plan(tuple(steps), "low")).splitlines()

    assert first.startswith("STEP_1=$(aws ecs register-task-definition")
    assert first.endswith("--query taskDefinition.taskDefinitionArn --output text)")
    assert second.endswith('--task-definition "$STEP_1"')


def calls():
    steps = [s for n in FIXABLE for s in fix_of(n).plan.steps]
    return [c for s in steps for c in (s.do, s.undo) if c]


@pytest.mark.parametrize("call", calls(), ids=lambda c: f"{c.service}.{c.operation}")
def test_the_options_are_those_of_the_command(call):
    """
    Every call of a plan exists at AWS, and its options are spelled as the command spells them.
    """
    model = Session().get_service_model(call.service)
    names = {xform_name(n): n for n in model.operation_names}
    shape = model.operation_model(names[call.operation]).input_shape
    words = shlex.split(command(call, "eu-west-1"))
    expected = {f"--{xform_name(n, '-')}" for n in call.params if n in shape.members}

    assert set(call.params) <= set(shape.members)
    assert expected <= {w.split("=")[0].replace("--no-", "--", 1) for w in words}


@pytest.mark.parametrize("name", FIXABLE)
def test_a_script_has_a_line_for_each_step(name):
    """
    The whole plan can be run by hand.
    """
    plan = fix_of(name).plan

    assert len(plan.steps) == script(plan).count("aws ")
    assert report_of(name).confirmed[0].offer.steps == len(plan.steps)
