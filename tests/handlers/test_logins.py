"""A registry's login: typed by who approves, brought to Secrets Manager, and kept nowhere else."""

from __future__ import annotations

import json
import logging
from dataclasses import replace

import pytest

from bot.jobs import QueueAway
from bot.logins import NEW, Login
from bot.question import Impossible
from handlers.logins import Logins, accept
from playground.workspace import payloads
from tests.support.bot import ALICE, BORA, MALLORY, SHOP, SHOP_JA, has

CAUSE, SECRET = "registry-credentials-unset", "ecs-pull/ghcr.io/login"
USER, PASSWORD = "robot", "PLANTEDlogin-7f3c"
LOGIN = {"user": {"user": USER}, "password": {"password": PASSWORD}}
WHY = "checkout is down and nobody answers"


@pytest.fixture
def secrets(bot):
    """Secrets Manager beside the service, as its administrators see it; what a fix made is removed."""
    found = bot.estate.client("secretsmanager", "222233334444", "us-east-1")
    yield found
    for secret in found.list_secrets(IncludePlannedDeletion=True, MaxResults=100)["SecretList"]:
        if secret["Name"].startswith("ecs-pull/"):
            found.delete_secret(SecretId=secret["ARN"], ForceDeleteWithoutRecovery=True)
    bot.rebuild()


def proposal(bot, user=ALICE, channel=SHOP):
    """The variant of the fix that makes a secret, asked for by *user*."""
    w = bot.workspace
    said = w.say(user, channel, bot.error(CAUSE))
    w.click(user, bot.answer(said, button="show_fix"), "show_fix")
    shown = bot.answer(said, button="approve_fix")
    w.pick(user, shown, "choose_fix", NEW)
    return said, bot.answer(said, SECRET, "approve_fix")


def form(bot, user=BORA):
    return bot.workspace.wait(lambda: bot.workspace.modal(user))


def made(bot):
    return [c.action for c in bot.estate.calls if c.action == "secretsmanager:CreateSecret"]


# --- what must not happen ------------------------------------------------------------------


@pytest.mark.parametrize("user", [ALICE, MALLORY])
def test_who_may_not_approve_gets_no_form(bot, secrets, user):
    """
    The refusal says who may, in private.
    """
    _, shown = proposal(bot)
    bot.workspace.click(user, shown, "approve_fix")

    bot.whispered(user, "You may not approve")
    assert bot.workspace.modal(user) is None
    assert [] == made(bot)


def test_a_form_that_is_closed_changes_nothing(bot, secrets):
    """
    To open it approves nothing.
    """
    said, shown = proposal(bot)
    bot.workspace.click(BORA, shown, "approve_fix")
    bot.workspace.close(BORA, form(bot))
    bot.quiet()

    assert has(bot.workspace.thread(SHOP, said.ts)[-1], "approve_fix")
    assert "approved" not in bot.events()
    assert [] == made(bot)


@pytest.mark.parametrize(
    ("channel", "blank", "lines"),
    [(SHOP, "Fill this in", "One line"), (SHOP_JA, "入力して", "1 行")],
)
def test_what_is_no_login_stays_in_the_form(bot, secrets, channel, blank, lines):
    """
    Each field says what is wrong with it, in the channel's language.
    """
    w = bot.workspace
    _, shown = proposal(bot, channel=channel)
    w.click(BORA, shown, "approve_fix")
    w.submit(BORA, form(bot), {"user": {"user": " \t"}, "password": {"password": "a\nb"}})

    errors = form(bot).errors
    assert {"user", "password"} == set(errors)
    assert blank in errors["user"]
    assert lines in errors["password"]
    w.close(BORA, form(bot))
    assert [] == made(bot)


class Untaken:
    """Takes no login: the queue is away."""

    def take(self, decided, login):
        raise QueueAway("settle_login")


@pytest.mark.parametrize(
    ("language", "long", "away"), [("en", "At most 255", "Try again"), ("ja", "255 文字", "キュー")]
)
def test_what_cannot_be_taken_is_said_in_the_form(language, long, away):
    """
    Longer than Slack lets anybody type, or nobody there to see to its end.
    """
    answers = []

    def ack(**answer):
        answers.append(answer["errors"])

    for user in ("x" * 256, USER):
        values = {"user": {"user": {"value": user}}, "password": {"password": {"value": PASSWORD}}}
        accept(ack, Untaken(), {"state": {"values": values}}, {}, language)

    assert [{"user"}, {"password"}] == [set(a) for a in answers]
    assert long in answers[0]["user"]
    assert away in answers[1]["password"]
    assert PASSWORD not in str(answers)


def test_a_plan_that_changed_while_the_form_was_open_is_not_approved(bot, secrets):
    """
    What was shown is approved, and nothing else.
    """
    w = bot.workspace
    _, shown = proposal(bot)
    w.click(BORA, shown, "approve_fix")
    other = next(c for c in bot.service.waiting()[0].choices if c != NEW)
    w.pick(ALICE, shown, "choose_fix", other)
    bot.quiet()
    w.submit(BORA, form(bot), LOGIN)

    bot.whispered(BORA, "changed since you saw it")
    assert [] == made(bot)


def test_an_account_that_changed_while_the_form_was_open_is_not_touched(bot, secrets):
    """
    Somebody else has made a secret of that name.
    """
    w = bot.workspace
    said, shown = proposal(bot)
    w.click(BORA, shown, "approve_fix")
    secrets.create_secret(Name=SECRET, SecretString="theirs")
    w.submit(BORA, form(bot), LOGIN)

    bot.answer(said, "the account has changed", "approve_fix")
    assert "theirs" == secrets.get_secret_value(SecretId=SECRET)["SecretString"]


def test_what_aws_refuses_is_told_and_nothing_is_half_done(bot, secrets):
    """
    The fix role may not make secrets.
    """
    w = bot.workspace
    said, shown = proposal(bot)
    bot.estate.deny("ecs-pull-fix", "secretsmanager:CreateSecret")
    w.click(BORA, shown, "approve_fix")
    w.submit(BORA, form(bot), LOGIN)

    ended = bot.answer(said, "0 of 4 changes were made")
    assert not has(ended, "undo_fix")


def test_a_login_that_died_with_its_process_is_asked_for_again(bot, secrets):
    """
    Approved, and no call was made: told in the thread, and nothing has changed.
    """
    said, _ = proposal(bot)
    fix = bot.service.waiting()[0]
    bot.service.approve(fix.id, user=BORA, groups=(), shown=fix.hash[:16])
    bot.parts.queue("settle_login", fix=fix.id)

    ended = bot.answer(said, "the login did not reach AWS")
    assert not has(ended, "undo_fix")
    assert "expired" == bot.service.fix(fix.id).status
    with pytest.raises(Impossible):
        bot.service.approve(fix.id, user=BORA, groups=(), shown=fix.hash[:16])
    assert [] == made(bot)


def test_no_worker_approves_what_waits_for_a_login(bot, secrets):
    """
    A click that passes by the form ends without a change.
    """
    said, _ = proposal(bot)
    fix = bot.service.waiting()[0]
    bot.parts.queue("approve_fix", channel=SHOP, user=BORA, fix=fix.id, shown=fix.hash[:16])

    bot.answer(said, "the login did not reach AWS")
    bot.quiet()
    writes = {c.action for c in bot.estate.calls if "ecs-pull-fix" in c.principal and c.allowed}
    assert writes <= {
        "secretsmanager:DescribeSecret", "ecs:DescribeTaskDefinition", "ecs:DescribeServices",
        "iam:GetRolePolicy",
    }  # fmt: skip
    assert "unentered" in bot.events()


def test_an_error_of_ours_tells_nothing_of_what_was_typed(bot, secrets, caplog):
    """
    Its text may hold the login: neither the log nor the person sees more than a reference.
    """
    caplog.set_level(logging.DEBUG)
    enter = bot.service.enter

    def breaking(fix_id, login):
        raise ValueError(login.secret, login.password)

    w = bot.workspace
    _, shown = proposal(bot)
    bot.service.enter = breaking
    try:
        w.click(BORA, shown, "approve_fix")
        w.submit(BORA, form(bot), LOGIN)
        bot.whispered(BORA, "reference")
    finally:
        bot.service.enter = enter

    assert any(r.message == "login not entered" for r in caplog.records)
    assert PASSWORD not in caplog.text + str([vars(r) for r in caplog.records])


def test_a_login_shows_itself_to_nobody():
    """
    Printed, inside of something printed, or written down.
    """
    login = Login(USER, PASSWORD)

    assert PASSWORD not in f"{login} {login!r} {[login.secret]!r}"
    assert {"username": USER, "password": PASSWORD} == json.loads(login.secret)
    with pytest.raises(TypeError, match="never written down"):
        login.__reduce__()
    with pytest.raises(TypeError):
        json.dumps(login)


def test_a_form_that_nobody_was_shown_approves_nothing(bot, secrets):
    """
    Who is no approver and sends it all the same is told who is.
    """
    _, shown = proposal(bot)
    fix = bot.service.waiting()[0]
    kept = {"channel": SHOP, "fix": fix.id, "shown": fix.hash[:16]}
    values = {n: {n: {"type": "plain_text_input", "value": PASSWORD}} for n in ("user", "password")}
    view = {
        "id": "V1", "type": "modal", "callback_id": "login_form", "state": {"values": values},
        "private_metadata": json.dumps(kept),
    }  # fmt: skip
    payload = {**payloads.interaction("view_submission", MALLORY), "view": view}
    assert bot.workspace.core.delivery.interaction("forged", payload).ok

    bot.whispered(MALLORY, "You may not approve")
    assert "shown" == bot.service.fix(fix.id).status
    assert has(shown, "approve_fix")
    assert [] == made(bot)


# --- what happens --------------------------------------------------------------------------


def test_a_login_goes_from_the_form_to_aws_and_the_service_recovers(bot, secrets):
    """
    The form says where it goes; the secret is what ECS reads; undo lets it be deleted in a week.
    """
    w = bot.workspace
    said, shown = proposal(bot)
    assert "Approve and enter the login" in json.dumps(shown.blocks, ensure_ascii=False)
    assert "straight to Secrets Manager" in shown.words
    w.click(BORA, shown, "approve_fix")
    view = form(bot)
    assert SECRET in view.words
    assert "I keep it nowhere else" in view.words
    w.submit(BORA, view, LOGIN)
    assert w.modal(BORA) is None

    done = bot.answer(said, "Verified", "undo_fix")
    kept = json.loads(secrets.get_secret_value(SecretId=SECRET)["SecretString"])
    assert {"username": USER, "password": PASSWORD} == kept
    assert 1 == len(made(bot))
    assert "running" == bot.health(CAUSE)

    w.click(BORA, done, "undo_fix")
    back = bot.answer(said, "Taken back by")
    assert "will be deleted in 7 days" in back.words
    assert "DeletedDate" in secrets.describe_secret(SecretId=SECRET)


def test_a_job_goes_on_where_the_process_died_after_aws_had_heard(bot, secrets):
    """
    The secret is there, so nobody has to type it again.
    """
    said, _ = proposal(bot)
    fix = bot.service.waiting()[0]
    bot.service.approve(fix.id, user=BORA, groups=(), shown=fix.hash[:16])
    assert "entered" == bot.service.enter(fix.id, Login(USER, PASSWORD)).state
    bot.parts.queue("settle_login", fix=fix.id)

    bot.answer(said, "Verified", "undo_fix")
    assert 1 == len(made(bot))
    bot.parts.queue("settle_login", fix=fix.id)  # late: there is nothing left to do
    bot.parts.queue("settle_login", fix="nobody-knows")
    bot.quiet()
    assert ["applied"] == [e for e in bot.events() if e == "applied"]


def test_in_an_emergency_the_reason_and_the_login_are_asked_for_together(bot, secrets):
    """
    Break-glass takes the same way, and is told before anything changes.
    """
    w, book = bot.workspace, bot.service.accounts
    items = tuple(replace(a, second_person=True, break_glass=True) for a in book.items)
    bot.service.accounts = replace(book, items=items)
    try:
        said, shown = proposal(bot, BORA)
        w.click(BORA, shown, "approve_fix")
        w.click(BORA, bot.whispered(BORA, "asks for a second person"), "break_glass")
        view = form(bot)
        assert "Why it cannot wait" in view.words
        w.submit(BORA, view, {"reason": {"reason": WHY}, **LOGIN})

        done = bot.answer(said, "Verified", "undo_fix")
        assert WHY in done.words
        kept = bot.events()
        assert kept.index("break-glass") < kept.index("applied")
    finally:
        bot.service.accounts = book


def test_the_job_that_sees_to_the_end_is_queued_before_the_login_leaves(bot):
    """
    It carries the id of the fix alone.
    """
    order = []

    class Fixes:
        def enter(self, *decided):
            order.append(decided)
            return True

    logins = Logins(Fixes(), lambda job, **payload: order.append((job, payload)))
    decided = {"channel": SHOP, "user": BORA, "fix": "f1", "shown": "abc"}
    logins.take(decided, Login(USER, PASSWORD))
    logins.threads.shutdown(wait=True)

    first, entered, last = order
    assert ("settle_login", {"delay": 30.0, "fix": "f1"}) == first
    assert ("f1", "abc", BORA, SHOP) == entered[:4]
    assert ("apply_fix", {"fix": "f1"}) == last
