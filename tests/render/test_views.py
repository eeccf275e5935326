"""Modals and Home keep Slack's rules, however many accounts and however strange the names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.config import Account
from bot.render import reasons, views, words
from tests.cases.broken import BROKEN_CASES
from tests.support.hostile import HOSTILE, WORST, view_harm
from tests.support.reports import ACCOUNT, BY_ID, NOW, dark_report, fix_of, report_of, soiled_report

LANGUAGES = pytest.mark.parametrize("language", words.LANGUAGES)


def accounts(count):
    return [Account(f"{n:012d}", f"account-{n}", ("eu-west-1", "us-east-1")) for n in range(count)]


def initial(view):
    return {
        b["block_id"].partition(":")[0]: b["element"].get("initial_option", {}).get("value")
        for b in view["blocks"]
    }


@LANGUAGES
@pytest.mark.parametrize("count", [0, 1, 2, 150])
def test_a_form_is_what_slack_takes(count, language):
    """
    From no account to more than a menu holds, the form opens.
    """
    found = accounts(count)
    view = views.form(
        found, language, metadata="{}", account=found[-1] if found else None, text="x" * 9000
    )

    assert [] == view_harm(view)


def test_a_form_keeps_what_was_chosen():
    """
    The account, Region and cluster that were picked stay picked.
    """
    found = accounts(150)
    view = views.form(
        found, "en", metadata="", account=found[140], region="us-east-1", cluster="main"
    )

    assert (found[140].id, "us-east-1", "main") == tuple(
        initial(view)[n] for n in ("account", "region", "cluster")
    )


def test_a_region_of_another_account_is_forgotten():
    """
    What no longer fits is not kept.
    """
    found = accounts(2)
    view = views.form(found, "en", metadata="", account=found[0], region="sa-east-1")

    assert "eu-west-1" == initial(view)["region"]


@LANGUAGES
def test_no_account_of_several_is_chosen_for_anybody(language):
    """
    The first of a list is nobody's choice; what depends on the account is asked for after it.
    """
    view = views.form(accounts(2), language, metadata="", region="us-east-1", cluster="main")

    assert {"account": None, "text": None} == initial(view)
    assert [] == view_harm(view)
    assert all("initial_option" not in b["element"] for b in view["blocks"])


def test_the_one_account_is_chosen():
    """
    Where there is no choice nobody has to choose.
    """
    view = views.form(accounts(1), "en", metadata="")

    assert "000000000000" == initial(view)["account"]
    assert {"account", "region", "cluster", "service", "text"} == initial(view).keys()


def test_a_cluster_too_long_for_a_menu_is_not_cut():
    """
    A cut name would be another cluster.
    """
    view = views.form(accounts(1), "en", metadata="", cluster="c" * 200)

    assert initial(view)["cluster"] is None
    assert [] == view_harm(view)


@LANGUAGES
@pytest.mark.parametrize("name", [*BROKEN_CASES, "nat"])
def test_details_are_what_slack_takes(name, language):
    """
    All that was seen and ruled out fits into a modal.
    """
    assert [] == view_harm(views.details(report_of(name), language))


@LANGUAGES
@pytest.mark.parametrize("dirt", WORST)
@pytest.mark.parametrize(
    "name", ["image-tag-missing", "s3-route-missing", "public-ip-missing/mixed"]
)
def test_hostile_details_do_nothing(name, dirt, language):
    """
    Proofs, texts and names are shown as text.
    """
    assert [] == view_harm(views.details(soiled_report(name, dirt), language))


@LANGUAGES
def test_details_show_what_ecs_said_to_its_end(language):
    """
    Several long reasons are told in several blocks, and no word of them is cut.
    """
    reasons = tuple(f"CannotPull{n}: " + "word " * 280 + f"end{n}" for n in range(3))
    report = report_of("image-tag-missing")
    report = replace(report, symptom=replace(report.symptom, errors=reasons))

    view = views.details(report, language)

    assert [] == view_harm(view)
    assert all(f"end{n}" in str(view) for n in range(3))


def test_details_say_what_could_not_be_checked():
    """
    The reasons that did not fit into the thread stand here.
    """
    said = str(views.details(dark_report(), "en"))

    assert "Could not be checked" in said
    assert "ec2:DescribeVpcEndpoints" in said


@LANGUAGES
@pytest.mark.parametrize("dirt", ["shop", *WORST])
def test_home_is_what_slack_takes(dirt, language):
    """
    Home holds many fixes and diagnoses, and their names do nothing.
    """
    fix = replace(
        fix_of("image-tag-missing"), proof={**fix_of("image-tag-missing").proof, "tag": dirt}
    )
    recent = [{"headline": dirt, "where": dirt, "at": NOW.timestamp()}] * 30
    view = views.home(
        recent, [(fix, BY_ID[fix.cause])] * 20, language, version="1", accounts=2, store_ready=False
    )

    assert [] == view_harm(view)


@LANGUAGES
def test_an_empty_home_says_what_to_do(language):
    """
    Nothing yet is a sentence, not a hole.
    """
    view = views.home([], [], language, version="1", accounts=0, store_ready=True)

    assert [] == view_harm(view)
    assert words.message("home_empty", language) in str(view)


def test_a_diagnosis_without_a_time_has_none():
    """
    An old entry may lack its time.
    """
    assert "• gone  `main/shop`" == views.history_line({"headline": "gone", "where": "main/shop"})


def test_an_approver_is_told_who_asked():
    """
    Home names the person and the channel of each open fix.
    """
    fix = fix_of("image-tag-missing")
    view = views.home(
        [], [(fix, BY_ID[fix.cause])], "en", version="1", accounts=1, store_ready=True
    )

    assert f"<@{fix.asked_by}>" in str(view)
    assert ACCOUNT.id == fix.subject.account


@LANGUAGES
@pytest.mark.parametrize("what", [reasons.UNDO, "0123456789abcdef"])
def test_forms_of_a_decision_are_ones_that_slack_takes(language, what):
    """
    With a login or without; the name of a secret is shown as it is.
    """
    secret = f"ecs-pull/{HOSTILE[0]}/login"
    views_shown = (
        reasons.login(language, "{}", secret),
        reasons.break_glass(language, "{}", what, secret),
        reasons.break_glass(language, "{}", what),
        reasons.decline(language, "{}"),
    )

    for view in views_shown:
        assert [] == view_harm(view)
    fields = [b["block_id"] for b in views_shown[0]["blocks"] if b["type"] == "input"]
    assert [reasons.USER, reasons.PASSWORD] == fields
    asked = [b["block_id"] for b in views_shown[1]["blocks"] if b["type"] == "input"]
    assert ["reason", *fields] == asked
