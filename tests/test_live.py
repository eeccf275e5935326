"""The live value of each kind of step decides: still to be done, done, or overtaken."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.live import Known, canonical, live, mark, resolved
from bot.live_ecs import GONE
from bot.model import answer
from tests.support.doors import (
    FAMILY_ARN,
    NETWORK,
    Aws,
    allowing,
    archive_step,
    attachment_step,
    deployment_step,
    inline_step,
    network_step,
    repository_step,
    revision_steps,
)

REGISTER, DEPLOY = revision_steps()
ANSWERED = {"taskDefinition": {"taskDefinitionArn": f"{FAMILY_ARN}:8"}}


def look(aws, step, **known):
    return live(step, aws.door(step), Known(**{"after": step.after, **known}))


@pytest.mark.parametrize(
    "step",
    [attachment_step(), inline_step(), repository_step(), network_step(), archive_step()],
    ids=lambda s: s.kind
)  # fmt: skip
def test_a_step_is_before_until_its_call_and_after_it(step):
    """
    The call of a step takes its live value from before to after, the undo takes it back.
    """
    aws = Aws()

    assert "before" == look(aws, step).state
    aws.door(step).call(step.do)
    assert "after" == look(aws, step).state
    aws.door(step).call(step.undo)
    assert "before" == look(aws, step).state


@pytest.mark.parametrize(
    ("step", "gone"),
    [
        (archive_step(), "image"), (attachment_step(), "role"), (repository_step(), "repository"),
        (network_step(), "service"), (deployment_step(), "service"), (DEPLOY, "service"),
    ],
    ids=lambda v: getattr(v, "kind", v),
)  # fmt: skip
def test_a_resource_that_is_gone_is_neither(step, gone):
    """
    No policy on a repository is one thing, no repository another.
    """
    aws = Aws()
    aws.kept["gone"] = [gone]

    assert ("neither", GONE) == (look(aws, step).state, look(aws, step).value)


def test_somebody_elses_policy_is_neither():
    """
    A policy that is neither the old nor the new one is shown as it stands.
    """
    aws = Aws()
    aws.kept["repository_policy"] = allowing("ecr:ListImages")

    seen = look(aws, repository_step())

    assert ("neither", allowing("ecr:ListImages")) == (seen.state, seen.value)


def test_the_same_policy_in_other_words_is_after():
    """
    A list of one, another order and an account's root mean the same.
    """
    step = replace(
        repository_step(),
        after={"Statement": [{"Action": ["a", "b"], "Principal": {"AWS": "222233334444"}}]},
    )
    aws = Aws()
    aws.kept["repository_policy"] = {
        "Statement": {
            "Action": ["b", "a"],
            "Principal": {"AWS": ["arn:aws:iam::222233334444:root"]},
        }
    }

    assert "after" == look(aws, step).state


def test_subnets_have_no_order():
    """
    AWS lists subnets as it likes.
    """
    aws = Aws()
    turned = {**NETWORK["awsvpcConfiguration"], "subnets": ["subnet-2", "subnet-1"]}
    aws.kept["service"]["network"] = {"awsvpcConfiguration": turned}

    assert "before" == look(aws, network_step()).state


def test_somebody_elses_newer_revision_stops_nobody():
    """
    Services run on revisions that are not the newest: ours is registered beside it.
    """
    aws = Aws()
    other = {"name": "app", "image": "shop:v9", "essential": True}
    aws.kept["revisions"]["8"] = {"containers": [other], "status": "ACTIVE"}

    assert "before" == look(aws, REGISTER).state
    assert "before" == look(aws, REGISTER, mark=8).state
    assert "before" == look(aws, REGISTER, mark=7).state


def test_a_revision_registered_just_before_a_crash_is_found():
    """
    Newer than the mark and like ours: it is ours, and its ARN is the answer that was lost.
    """
    aws = Aws()
    marked = mark(REGISTER, aws.door(REGISTER))
    aws.door(REGISTER).call(REGISTER.do)

    seen = look(aws, REGISTER, mark=marked)

    assert 7 == marked
    assert ("after", ANSWERED) == (seen.state, seen.answer)


def test_a_like_revision_older_than_the_mark_is_not_ours():
    """
    What was there before the call cannot be what the call made.
    """
    aws = Aws()
    aws.door(REGISTER).call(REGISTER.do)

    assert "before" == look(aws, REGISTER, mark=8).state


def test_a_revision_that_was_deregistered_is_taken_back():
    """
    The undo of a revision leaves it inactive.
    """
    aws = Aws()
    aws.door(REGISTER).call(REGISTER.do)

    assert "after" == look(aws, REGISTER, answer=ANSWERED).state
    aws.kept["revisions"]["8"]["status"] = "INACTIVE"
    assert "before" == look(aws, REGISTER, answer=ANSWERED).state


def test_a_revision_that_was_deleted_cannot_be_copied():
    """
    Where the revision of the plan is gone, somebody is cleaning up.
    """
    aws = Aws()
    aws.kept["revisions"] = {"9": aws.kept["revisions"]["7"]}

    assert ("neither", GONE) == (look(aws, REGISTER).state, look(aws, REGISTER).value)


def test_a_service_on_another_revision_is_neither():
    """
    Somebody deployed meanwhile.
    """
    aws = Aws()
    aws.kept["service"]["taskDefinition"] = f"{FAMILY_ARN}:9"

    assert "neither" == look(aws, DEPLOY, after={"taskDefinition": f"{FAMILY_ARN}:8"}).state


def test_only_a_deployment_newer_than_the_mark_is_ours():
    """
    Another deployment than the plan's is no reason not to deploy; one after the mark is.
    """
    aws, step = Aws(), deployment_step()
    aws.kept["service"]["deployment"] = 2
    assert "before" == look(aws, step).state

    marked = mark(step, aws.door(step))
    assert "before" == look(aws, step, mark=marked).state
    aws.door(step).call(step.do)

    assert "after" == look(aws, step, mark=marked).state


def test_placeholders_are_filled_wherever_they_stand():
    """
    A placeholder may stand deep in the parameters; what was not answered is None.
    """
    value = {"a": [answer(0, "taskDefinition.taskDefinitionArn")], "b": answer(1, "x")}

    assert {"a": [f"{FAMILY_ARN}:8"], "b": None} == resolved(value, [ANSWERED, None])


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(JSONS)
def test_a_document_equals_itself_after_the_way_through_json(value):
    """
    Writing a document down and reading it does not make it another one.
    """
    assert canonical(value) == canonical(json.loads(json.dumps(value)))


@given(st.lists(st.text(max_size=6), min_size=1, max_size=5), st.randoms())
def test_the_order_of_a_list_says_nothing(items, chance):
    """
    Any order of actions is the same policy; another action is another one.
    """
    turned = chance.sample(items, len(items))

    assert canonical({"Action": items}) == canonical({"Action": turned})
    assert canonical({"Action": items}) != canonical({"Action": [*items, "another:Action"]})
