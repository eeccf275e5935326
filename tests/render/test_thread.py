"""The thread says the cause first, and nothing in it acts but our buttons."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.catalogue import CAUSES
from bot.diagnosis import suspects
from bot.patterns import NEAR
from bot.render import smallprint, thread, words
from bot.symptom import EMPTY, parse
from playground.workspace.blockkit import message_problems
from tests.cases.broken import BROKEN_CASES
from tests.cases.building import RATE
from tests.support.hostile import WORST, message_harm
from tests.support.reports import ACCOUNT, NOW, dark_report, report_of, soiled_report

pytestmark = pytest.mark.no_cover  # much work: tracing would double it

LANGUAGES = pytest.mark.parametrize("language", words.LANGUAGES)
TAG = (
    "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve "
    "ref 222233334444.dkr.ecr.eu-west-1.amazonaws.com/shop:v9: not found"
)


def shown(report, language="en", account=ACCOUNT, **more):
    return thread.report(report, language, key="C01GEN:1.2", account=account, now=NOW, **more)


def buttons(message):
    return [
        e["action_id"] for b in message["blocks"] if b["type"] == "actions" for e in b["elements"]
    ]


def said(message):
    return "\n".join(
        e["text"] for b in message["blocks"] for e in [b.get("text"), *b.get("elements", ())] if e
        and isinstance(e["text"], str)
    )  # fmt: skip


@LANGUAGES
@pytest.mark.parametrize("name", BROKEN_CASES)
def test_a_finding_is_what_slack_takes(name, language):
    """
    Every recorded finding passes Slack's schema, and its text says the finding alone.
    """
    message = shown(report_of(name), language)

    assert [] == message_harm(message)
    assert f"*{message['text']}*" == message["blocks"][0]["text"]["text"]


@LANGUAGES
@pytest.mark.parametrize("dirt", WORST)
@pytest.mark.parametrize("name", BROKEN_CASES)
def test_hostile_names_do_nothing(name, dirt, language):
    """
    A name that tries to mention, link or break out is only text, and the first line stays one.
    """
    message = shown(soiled_report(name, dirt), language)

    assert [] == message_harm(message)
    assert "\n" not in message["text"]
    assert 0 < len(message["text"]) <= 3000


@LANGUAGES
@pytest.mark.parametrize("text", [TAG, RATE, "CannotPullContainerError", "x"])
def test_the_first_answer_is_what_slack_takes(text, language):
    """
    What the text alone says comes at once, in one line.
    """
    symptom = parse(text)
    message = thread.first(symptom, suspects(symptom, CAUSES), language, "…")

    assert [] == message_harm(message)
    assert message["text"]


@LANGUAGES
@pytest.mark.parametrize("matches", [0, 3])
def test_without_a_service_one_is_asked_for(matches, language):
    """
    Where no service is known the person is asked, and nothing is guessed.
    """
    symptom = replace(parse("CannotPullContainerError"), cut=True)
    message = thread.text_only(symptom, (), language, key="C01GEN:1.2", matches=matches)

    assert [] == message_harm(message)
    assert ["pick_subject"] == buttons(message)


@LANGUAGES
def test_other_failures_get_two_sentences(language):
    """
    What is not ours is said to be so, with a link that Slack shows as one; where causes of ours
    come before the pull, with the way to ask for them.
    """
    ours = {family for cause in CAUSES for family in cause.families}
    assert any(row.family in ours for row in NEAR)
    assert any(row.family not in ours for row in NEAR)
    for row in NEAR:
        message = thread.near_miss(replace(EMPTY, kind="near-miss", family=row.family), language)

        assert [] == message_harm(message)
        assert 2 == len(message["blocks"])
        onward = "/ecs-pull cluster/service" if row.family in ours else "docs.aws.amazon.com"
        assert onward in str(message["blocks"][1])
    assert [] == message_harm(thread.not_understood(language))


def test_no_fix_is_offered_where_nobody_may_apply_it():
    """
    Without an account, or without a role for fixes, there is no button for one.
    """
    report = report_of("image-tag-missing")

    assert "show_fix" not in buttons(shown(report, account=None))
    assert "show_fix" not in buttons(shown(report, account=replace(ACCOUNT, fix_role=None)))
    assert "show_fix" not in buttons(shown(report, account=replace(ACCOUNT, fixes=())))


def test_no_fix_is_offered_for_what_blocks_next():
    """
    The button repairs what blocks now.
    """
    report = report_of("image-tag-missing")
    later = tuple(
        replace(e, finding=replace(e.finding, when="next")) if e.finding.when else e
        for e in report.entries
    )

    assert "show_fix" not in buttons(shown(replace(report, entries=later)))


@LANGUAGES
@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("registry-credentials-unset", False),
        ("registry-credentials-unset/kept", False),
        ("registry-credentials-unset/new", True),
        ("registry-secret-malformed", False),
        ("registry-secret-malformed/new", True),
    ],
)
def test_a_fix_that_asks_for_a_login_says_so_above_its_button(name, typed, language):
    """
    Only where the fix makes the secret, and only to those who can have it.
    """
    promise = words.message("offer_login", language)

    assert typed == (promise in said(shown(report_of(name), language)))
    assert promise not in said(shown(report_of(name), language, account=None))


def test_a_fix_is_one_click_away():
    """
    The first button shows the fix of what blocks now; a button carries ids alone.
    """
    message = shown(report_of("image-tag-missing"))
    first = next(b for b in message["blocks"] if b["type"] == "actions")["elements"][0]

    assert ("show_fix", "C01GEN:1.2:image-tag-missing") == (first["action_id"], first["value"])


def test_a_person_gets_commands_ready_to_run():
    """
    Where only a person can act, the command stands in the thread.
    """
    told = said(shown(report_of("network-acl-blocks")))

    assert "aws ec2 create-network-acl-entry" in told


@pytest.mark.parametrize(
    ("expected", "language"),
    [("Fill in what stands in `&lt;…&gt;`", "en"), ("実際の値に置き換えて", "ja")],
)
def test_a_command_with_a_gap_is_not_called_ready(expected, language):
    """
    What holds a placeholder does not run as it is; the reader is told to fill it in.
    """
    told = said(shown(report_of("registry-credentials-unset"), language))

    assert expected in told
    assert words.message("commands", language) not in told


@LANGUAGES
def test_what_could_not_be_checked_is_said_with_its_remedy(language):
    """
    Not knowing is never silence: what, why, and the permission that helps.
    """
    message = shown(dark_report(), language)

    named = {"en": "the VPC endpoints", "ja": "VPC エンドポイント"}
    assert named[language] in said(message)
    assert "`VpcEndpoints`" not in said(message)
    assert "`ec2:DescribeVpcEndpoints`" in said(message)
    assert [] == message_problems(message["blocks"])


@LANGUAGES
def test_a_healthy_service_is_called_healthy(language):
    """
    A service that runs is not given a cause.
    """
    message = shown(report_of("nat", running=2), language)

    assert "shop" in message["text"]
    assert [] == message_harm(message)


def test_a_service_that_could_not_be_read_is_not_called_healthy():
    """
    Running tasks prove nothing about what was not looked at.
    """
    assert "nothing blocks" not in shown(dark_report(running=2))["text"]


def test_a_cached_answer_says_so():
    """
    What was not looked up anew is told by its age.
    """
    old = report_of("image-tag-missing", cached=True, checked_at=NOW - timedelta(minutes=3))

    assert "3 min ago, from cache" in said(shown(old))


@pytest.mark.parametrize(
    ("expected", "seconds"),
    [("0 s", -3), ("59 s", 59), ("1 min", 60), ("59 min", 3599), ("1 h", 3600)],
)
def test_time_passes_in_its_largest_unit(expected, seconds):
    """
    An age is told in one unit, and is never negative.
    """
    assert expected == smallprint.ago(seconds, "en")
