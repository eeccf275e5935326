"""An approver sees the exact change, its risk and its undo, before and after."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.model import Call, Plan, Step
from bot.render import preview, words
from playground.workspace.blockkit import message_problems
from tests.support.hostile import WORST, harm, message_harm, soiled
from tests.support.reports import ACCOUNT, BOB, BY_ID, FIXABLE, NOW, fix_of

pytestmark = pytest.mark.no_cover  # much work: tracing would double it

LANGUAGES = pytest.mark.parametrize("language", words.LANGUAGES)
NAMES = pytest.mark.parametrize("name", FIXABLE)
DIRT = pytest.mark.parametrize("dirt", WORST)


def elements(message):
    return [e for b in message["blocks"] if b["type"] == "actions" for e in b["elements"]]


def policy(statements):
    """A plan with a document of as many statements."""
    document = {
        "Statement": [{"Sid": f"S{n}", "Action": "ecr:BatchGetImage"} for n in range(statements)]
    }
    call = Call("ecr", "set_repository_policy", {"repositoryName": "shop"})
    arn = "arn:aws:ecr:eu-west-1:222233334444:repository/shop"
    return Plan(
        (Step("repository-policy", "222233334444", "eu-west-1", arn, None, document, call, call),),
        "low",
    )


@LANGUAGES
@NAMES
def test_a_proposal_is_what_slack_takes(name, language):
    """
    Every fix that can be offered is shown within Slack's rules.
    """
    fix = fix_of(name)
    message = preview.proposed(
        fix, BY_ID[fix.cause], replace(ACCOUNT, second_person=True), language
    )

    assert [] == message_harm(message)


@NAMES
def test_a_button_approves_the_plan_that_was_shown(name):
    """
    The approval carries the plan's hash, and the change happens only on a second yes: a login's form is one.
    """
    fix = fix_of(name)
    message = preview.proposed(fix, BY_ID[fix.cause], ACCOUNT, "en")
    approve = next(e for e in elements(message) if e["action_id"] == "approve_fix")

    assert f"{fix.id}:{fix.hash[:16]}" == approve["value"]
    assert ("confirm" in approve) is (fix.plan.asking is None)


@LANGUAGES
@DIRT
@NAMES
def test_hostile_proofs_and_plans_do_nothing(name, dirt, language):
    """
    What stands in a document or a name is shown, and nothing more.
    """
    fix = fix_of(name)
    steps = tuple(
        replace(
            s,
            resource=f"arn:x:y:z:0:{dirt}",
            before=soiled(s.before, dirt),
            after=soiled(s.after, dirt),
        )
        for s in fix.plan.steps
    )
    proof = {
        k: v if k in ("kind", "how", "owner") else soiled(v, dirt) for k, v in fix.proof.items()
    }
    fix = replace(fix, plan=Plan(steps, "high"), proof=proof, choices=(dirt, "a"), choice="a")
    message = preview.proposed(fix, BY_ID[fix.cause], ACCOUNT, language)

    assert [] == message_harm(message)


@LANGUAGES
@NAMES
@pytest.mark.parametrize("lines", [(), ("one", "", "two")])
def test_progress_is_what_slack_takes(name, lines, language):
    """
    The decided change keeps its diff, even before anything can be told of it.
    """
    fix = fix_of(name, status="approved", decided_by=BOB, decided_at=NOW)
    cause = BY_ID[fix.cause]

    assert [] == message_harm(preview.progress(fix, cause, language, lines))
    assert [] == message_harm(preview.settled(fix, cause, language, lines, undo=True))


def test_no_undo_where_there_is_nothing_to_take_back():
    """
    The button stands only where it works.
    """
    fix = fix_of("repository-policy-denies", status="applied")

    assert [] == elements(preview.settled(fix, BY_ID[fix.cause], "en", ["done"], undo=False))


def test_a_diff_shows_only_what_changes_with_its_resource():
    """
    Added lines are marked, and the call that makes the change is named.
    """
    said = preview.diff(policy(1), "en")

    assert "# repository/shop (ecr:set-repository-policy)" == said.splitlines()[0]
    assert '+      "Sid": "S0",' in said.splitlines()
    assert "---" not in said
    assert "@@" not in said


def test_an_answer_to_come_is_called_new():
    """
    A revision that does not exist yet has no number.
    """
    step = policy(0).steps[0]
    plan = Plan((replace(step, after={"taskDefinition": {"$answer": [0, "x"]}}),), "low")

    assert "+taskDefinition: <new>" in preview.diff(plan, "en")


@LANGUAGES
def test_a_long_diff_is_shown_over_several_blocks(language):
    """
    Nobody approves what they could not see: a diff is not cut at the first block's end.
    """
    fix = fix_of("repository-policy-denies", plan=policy(45))
    message = preview.proposed(fix, BY_ID[fix.cause], ACCOUNT, language)
    shown = "".join(b["text"]["text"] for b in message["blocks"] if b["type"] == "section")

    assert [] == message_problems(message["blocks"])
    assert "S44" in shown


@LANGUAGES
def test_a_longer_diff_says_what_is_left_out(language):
    """
    Where a message cannot hold it all, it says so, and still has its risk and its buttons.
    """
    fix = fix_of("repository-policy-denies", plan=policy(900))
    message = preview.proposed(fix, BY_ID[fix.cause], ACCOUNT, language)
    shown = "".join(b["text"]["text"] for b in message["blocks"] if b["type"] == "section")

    assert [] == message_harm(message)
    assert "python -m bot plan --cause repository-policy-denies" in shown
    assert words.message("risk_low", language) in shown
    wanted = ["approve_fix", "decline_fix", "dismiss_fix", "take_home"]
    assert wanted == [e["action_id"] for e in elements(message)]


def test_one_way_needs_no_choice():
    """
    A menu of one is none.
    """
    fix = fix_of("repository-policy-denies", choices=("only",))

    assert "choose_fix" not in [
        e["action_id"] for e in elements(preview.proposed(fix, BY_ID[fix.cause], ACCOUNT, "en"))
    ]


def test_a_choice_is_never_cut():
    """
    A tag too long for a menu is left out of it: cut, it would be another tag.
    """
    fix = fix_of("image-tag-missing", choices=("a", "t" * 76, "b"), choice="b")
    message = preview.proposed(fix, BY_ID[fix.cause], ACCOUNT, "en")
    menu = next(e for e in elements(message) if e["action_id"] == "choose_fix")

    assert ["a", "b"] == [o["value"] for o in menu["options"]]
    assert "b" == menu["initial_option"]["value"]


@LANGUAGES
@pytest.mark.parametrize("status", ["approved", "dismissed", "declined"])
@pytest.mark.parametrize("glass", [False, True])
def test_who_decided_is_said(status, glass, language):
    """
    A decision has a person and a time, and where one was given, its reason.
    """
    changes = {"decided_by": BOB, "decided_at": NOW, "reason": WORST[0], "break_glass": glass}
    said = preview.decided(fix_of("image-tag-missing", status=status, **changes), language)

    assert f"<@{BOB}>" in said
    assert ("evil" in said) == (status == "declined" or (glass and status == "approved"))
    assert [] == harm(said)


def test_nobody_decided_yet():
    """
    An open fix names nobody.
    """
    assert "" == preview.decided(fix_of("image-tag-missing"), "en")


@LANGUAGES
@DIRT
def test_a_live_value_does_nothing(dirt, language):
    """
    What somebody else wrote meanwhile is shown as text.
    """
    assert [] == message_harm({"text": "x", "blocks": preview.live({dirt: dirt}, language)})


def test_a_deployment_is_not_taken_back():
    """
    The sentence on undo promises no more than the plan holds.
    """
    plan = policy(1)
    last = replace(plan.steps[0], undo=None)
    open_end, never = Plan((*plan.steps, last), "low"), Plan((last,), "low")

    assert ["fix_undo", "fix_undo_partly", "fix_undo_never"] == [
        preview.undoable(p) for p in (plan, open_end, never)
    ]


@NAMES
def test_undo_is_promised_only_where_a_step_has_one(name):
    """
    Of every fix that can be offered.
    """
    fix = fix_of(name)
    said = str(preview.proposed(fix, BY_ID[fix.cause], ACCOUNT, "en"))

    assert any(s.undo for s in fix.plan.steps) == ("can be taken back here" in said)
