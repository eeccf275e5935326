"""The terminal shows the same words, in 80 columns, and nothing that steers it."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from bot.catalogue import CAUSES
from bot.model import Call, Plan, Step
from bot.render import terminal, words
from bot.symptom import parse
from tests.cases.broken import BROKEN_CASES
from tests.support.doors import PLANS, revision_steps
from tests.support.hostile import WORST
from tests.support.reports import FIXABLE, NOW, dark_report, fix_of, report_of, soiled_report

LANGUAGES = pytest.mark.parametrize("language", words.LANGUAGES)


def shown(how, *args):
    out = io.StringIO()
    how(terminal.console(out), *args)
    return out.getvalue()


@LANGUAGES
@pytest.mark.parametrize("name", [*BROKEN_CASES, "nat"])
def test_a_diagnosis_is_readable(name, language):
    """
    Words without markup for Slack, and no escape codes where there is no terminal.
    """
    said = shown(terminal.diagnose, report_of(name), language, NOW)

    assert "\x1b" not in said
    assert "&lt;" not in said
    assert said.strip()


@LANGUAGES
@pytest.mark.parametrize("dirt", ["[/red]", "[bold]x", *WORST])
def test_hostile_names_do_not_steer(dirt, language):
    """
    No colour, no cursor, no markup comes from a name.
    """
    said = shown(terminal.diagnose, soiled_report("image-tag-missing", dirt), language, NOW)

    assert "\x1b" not in said
    assert "\u202e" not in said


def test_what_could_not_be_checked_is_said():
    """
    Here as in the thread.
    """
    assert "ec2:DescribeVpcEndpoints" in shown(terminal.diagnose, dark_report(), "en", NOW)


def test_brackets_in_a_text_are_shown():
    """
    A text is never markup.
    """
    symptom = parse("CannotPullContainerError: ref example.com/shop[red]:1[/nothing]: not found")

    assert "CannotPullContainerError" in shown(terminal.explain, symptom, CAUSES[:2], "en")


@LANGUAGES
@pytest.mark.parametrize("form", ["diff", "aws-cli", "terraform"])
@pytest.mark.parametrize("name", FIXABLE)
def test_a_plan_is_shown_in_each_form(name, form, language):
    """
    As a difference, as commands, as code.
    """
    assert shown(terminal.plan, fix_of(name).plan, form, language).strip()


@pytest.mark.parametrize("form", ["diff", "aws-cli"])
def test_a_plan_keeps_its_brackets(form):
    """
    A command is printed to the letter: what it lost would run, too.
    """
    call = Call("ecs", "x", {"name": "a[red]b[/blue]"})
    plan = Plan(
        (Step("k", "1", "eu-west-1", "r", None, {"name": "a[red]b[/blue]"}, call, None),), "low"
    )

    assert "a[red]b[/blue]" in shown(terminal.plan, plan, form, "en")


def test_commands_for_several_accounts_say_where_each_is_run():
    """
    A person has one account open at a time.
    """
    plan = PLANS["repository"]
    there = replace(plan.steps[0], account="333344445555")

    said = shown(terminal.plan, Plan((*plan.steps, there), "low"), "aws-cli", "en").splitlines()

    places = [line for line in said if line.startswith("# account")]
    assert f"# account {plan.steps[0].account}, {plan.steps[0].region}" == places[0]
    assert f"# account 333344445555, {there.region}" == places[-1]


@pytest.mark.parametrize("form", ["diff", "aws-cli", "terraform", "cloudformation"])
def test_no_secret_of_an_environment_is_printed(form):
    """
    A terminal is copied into chats and tickets.
    """
    register, deploy = revision_steps()
    secret = {"name": "DB_PASSWORD", "value": "hunter2hunter2"}
    container = {"name": "app", "image": "a:2", "environment": [secret]}
    do = Call("ecs", register.do.operation, {"family": "shop", "containerDefinitions": [container]})
    before = {"containers": {"app": {"image": "a:1", "environment": [secret]}}}
    after = {"containers": {"app": {"image": "a:2", "environment": [secret]}}}
    plan = Plan((replace(register, before=before, after=after, do=do), deploy), "low")

    assert "hunter2" not in shown(terminal.plan, plan, form, "en")


@LANGUAGES
def test_the_catalogue_fits(language):
    """
    One line for each cause.
    """
    said = shown(terminal.causes, CAUSES, language)

    assert len(CAUSES) + 1 == len(said.splitlines())
    assert all(c.id in said for c in CAUSES)
