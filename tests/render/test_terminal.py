"""The terminal shows the same words, in 80 columns, and nothing that steers it."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest

from bot.catalogue import CAUSES
from bot.model import Call, Plan, Step
from bot.patterns import NEAR
from bot.render import smallprint, terminal, thread, words
from bot.symptom import EMPTY, parse
from tests.cases.broken import BROKEN_CASES
from tests.support.doors import PLANS, revision_steps
from tests.support.hostile import WORST
from tests.support.reports import (
    FIXABLE,
    NOW,
    dark_report,
    fix_of,
    report_of,
    skipping,
    soiled_report,
)

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
@pytest.mark.parametrize(
    ("name", "there"), [("image-tag-missing", True), ("registry-credentials-unset", False)]
)
def test_a_fix_is_named_as_the_command_that_shows_it(name, there, language):
    """
    Where there is one; it can be run as it stands.
    """
    said = shown(terminal.diagnose, report_of(name), language, NOW)
    place = "--account 222233334444 --region eu-west-1 --cluster main --service shop"

    assert there == (f"  python -m bot plan --cause {name} {place}" in said.splitlines())
    assert there == ("python -m bot plan" in said)


def test_the_command_for_a_task_names_the_task():
    """
    A service stands before its task, and a name is quoted for the shell.
    """
    alone = replace(report_of("image-tag-missing").subject, service=None, task="a b")

    assert terminal.shown_by("x", alone).endswith("--cluster main --task 'a b'")


SLACKISH = re.compile(
    r"[/@]ecs-pull|\b(?:press|button|thread|channel|shortcut)|<https:|```|\*\w|ボタン|スレッド|チャンネル|押し|(?<!プラット)フォーム"
)
PROBLEMS = {
    "account_unknown": {"account": "qa", "known": "prod"},
    "no_accounts": {},
    "region_unknown": {"account": "prod", "region": "x", "regions": ["eu-west-1"]},
    "role_not_assumed": {"account": "prod", "role": "ecs-read"},
    "cluster_missing": {"cluster": "main", "account": "prod", "region": "eu-west-1"},
    "service_missing": {"service": "s", "cluster": "c", "account": "prod", "region": "eu-west-1"},
    "account_missing": {
        "what": "main/s",
        "places": ["prod eu-west-1"],
        "unread": ["qa"],
        "default": None,
    },
    "service_nowhere": {"what": "main/s", "places": [], "unread": [], "default": None},
    "task_forgotten": {"task": "0123"},
    "nothing_named": {},
    "same_nowhere": {},
    "aws_away": {"because": "no answer from sts"},
    "throttled": {"because": "throttled ecs:ListTasks"},
    "store_away": {},
    "too_many": {"most": 50},
}


@LANGUAGES
def test_a_text_is_explained_in_words_of_the_terminal(language):
    """
    No button to press and no thread to write in: commands that can be run here.
    """
    near = [replace(EMPTY, kind="near-miss", family=row.family) for row in NEAR]
    cut = parse("CannotPullContainerError")
    assert cut.truncated
    for symptom in (EMPTY, cut, *near):
        said = shown(terminal.explain, symptom, CAUSES[:2], language)
        assert SLACKISH.findall(said) == []
        assert said.strip()
    assert "python -m bot diagnose" in " ".join(
        shown(terminal.explain, EMPTY, (), language).split()
    )


@LANGUAGES
@pytest.mark.parametrize("name", PROBLEMS)
def test_a_problem_is_told_in_words_of_the_terminal(name, language):
    """
    What was wrong, and the option that puts it right.
    """
    said = thread.problem_text(name, language, PROBLEMS[name], "terminal")

    assert said
    assert SLACKISH.findall(said) == []


@LANGUAGES
@pytest.mark.parametrize("name", [*BROKEN_CASES, "nat"])
def test_a_diagnosis_speaks_of_no_button(name, language):
    """
    The causes' own words fit both.
    """
    assert SLACKISH.findall(shown(terminal.diagnose, report_of(name), language, NOW)) == []


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


@pytest.mark.parametrize(("name", "told"), [("image-tag-missing", False), ("nat", True)])
def test_what_needed_no_look_is_not_said_beside_what_is_proven(name, told):
    """
    What could not be read is, and where nothing is proven all of it; the thread's small print is the same.
    """
    report = skipping(name)
    small = smallprint.lines(report, "en", NOW, 1)
    for said in ("\n".join(small), shown(terminal.diagnose, report, "en", NOW)):
        assert "x:Read" in said
        assert told == ("leaves no need" in said)


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
