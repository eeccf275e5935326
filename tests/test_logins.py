"""A registry's login: where it is kept, and how it reaches the one call that takes it."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import fixing
from bot.aws.client import NotFound, Refused
from bot.awscli import command, unfilled
from bot.cloudformation import template
from bot.logins import FILE, Login, arn_of, entered, free_name, kept
from bot.model import TYPED, Call, Plan, plan_from_json, plan_to_json
from bot.render import preview
from bot.terraform import snippet
from tests.causes.facts import SERVICE, SUBJECT
from tests.support.doors import ListJournal

NAME = "ecs-pull/ghcr.io/login"
STEP = kept(SUBJECT, SERVICE, NAME)
PLAN = Plan((STEP,), "medium")
LOGIN = Login("robot", "PLANTEDlogin")
TAKEN_FOR_AN_ARN = re.compile(r".*-[A-Za-z0-9]{6}")


class Secrets:
    """Secrets Manager behind a door: what was made, and how often it was asked to."""

    def __init__(self, *failures):
        self.made, self.failures, self.heard = {}, list(failures), []

    def door(self, step):
        return self

    def call(self, call):
        if call.operation == "create_secret":
            self.heard.append(call)
            self.made[call.params["Name"]] = call.params
            if self.failures:
                raise self.failures.pop()
            return {"ARN": "arn", "ResponseMetadata": {"RequestId": "r1"}}
        found = self.made.get(call.params["SecretId"])
        if found is None:
            raise NotFound("ResourceNotFoundException")
        return {"VersionIdsToStages": {found["ClientRequestToken"]: ["AWSCURRENT"]}}


# --- what must not happen ------------------------------------------------------------------


@given(st.text(min_size=1, max_size=80))
def test_no_host_makes_a_name_that_aws_does_not_take(host):
    """
    Nor one that Secrets Manager would take for the end of an ARN.
    """
    for taken in ((), {free_name(host, ())}):
        name = free_name(host, taken)

        assert re.fullmatch(r"ecs-pull/[A-Za-z0-9/_+=.@-]+", name)
        assert not TAKEN_FOR_AN_ARN.fullmatch(name)
        assert name not in taken


def test_without_a_login_nothing_is_begun():
    """
    A worker that finds the step to be done stops before it, and says so.
    """
    aws, journal = Secrets(), ListJournal()

    with pytest.raises(fixing.Unentered) as waits:
        fixing.resume(PLAN, aws.door, journal)

    assert 0 == waits.value.step
    assert [] == journal.entries()
    assert {} == aws.made


def test_the_journal_and_the_plan_know_nothing_of_the_login():
    """
    What is kept of the call is its name and its request.
    """
    aws, journal = Secrets(), ListJournal()
    outcome = fixing.enter(PLAN, aws.door, journal, LOGIN)

    assert json.loads(aws.made[NAME]["SecretString"])["password"] == LOGIN.password
    kept_of_it = f"{journal.entries()} {outcome} {plan_to_json(PLAN)} {PLAN!r}"
    assert LOGIN.password not in kept_of_it
    assert LOGIN.password not in repr(aws.heard)  # nor a call that is printed


def test_an_answer_that_is_lost_makes_no_second_secret():
    """
    The call was heard: it is not made again, and what resumes finds it done.
    """
    aws, journal = Secrets(Refused("NoAnswer", "", retryable=True)), ListJournal()
    fixing.enter(PLAN, aws.door, journal, LOGIN, lambda _: None)
    fixing.resume(PLAN, aws.door, journal)
    fixing.enter(PLAN, aws.door, journal, Login("another", "login"))

    assert 1 == len(aws.heard)


# --- what is said of it --------------------------------------------------------------------


def test_the_same_secret_has_the_same_token_and_another_one_another():
    """
    Planning twice gives one plan, and a secret of another name is another secret.
    """
    other = kept(SUBJECT, SERVICE, f"{NAME}-2")

    assert kept(SUBJECT, SERVICE, NAME) == STEP
    assert plan_from_json(json.loads(json.dumps(plan_to_json(PLAN)))).asking == STEP
    assert 32 <= len(STEP.do.params["ClientRequestToken"]) <= 64
    assert other.do.params["ClientRequestToken"] != STEP.do.params["ClientRequestToken"]


def test_only_what_waits_for_a_login_is_filled_in():
    """
    A value that looks like it stays as it is where there is none.
    """
    params = {"Name": NAME, "SecretString": TYPED}

    assert LOGIN.secret == entered(params, LOGIN)["SecretString"]
    assert {"Name": "x"} == entered({"Name": "x"}, LOGIN)
    assert TYPED == entered(params, None)["SecretString"]


def test_files_and_commands_ask_for_a_file_and_hold_no_value():
    """
    Nobody is asked to type a password into a command line, or into Terraform's state.
    """
    shell, hcl, yaml = command(STEP.do), snippet(PLAN), template(PLAN)

    assert f"'{FILE}'" in shell
    assert unfilled(Call("x", "y", {"SecretString": FILE}))
    for text in (hcl, yaml):
        assert NAME in text
        assert "put-secret-value" in text
        assert FILE in text
        assert "secret_string" not in text
        assert "SecretString:" not in text


def test_a_secret_is_named_in_its_own_partition():
    """
    As its Region says.
    """
    assert arn_of("1", "cn-north-1", NAME).startswith("arn:aws-cn:secretsmanager:cn-north-1:1:")


@pytest.mark.parametrize(
    ("language", "typed"), [("en", "<typed by the approver>"), ("ja", "<承認者が入力>")]
)
def test_a_login_is_named_in_the_language_of_the_reader(language, typed):
    """
    The plan holds a mark; the diff says who types what stands there.
    """
    plan = plan_from_json(plan_to_json(PLAN))

    assert f"+SecretString: {typed}" in preview.diff(plan, language).splitlines()
    assert TYPED == plan.asking.after["SecretString"]
