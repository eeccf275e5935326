"""How a policy is extended: just enough, and nothing else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings

from bot.policy import (
    PULL_ACTIONS,
    allowing,
    missing,
)
from tests.oracle.generate import ROLE, THEM, US
from tests.policy.documents import (
    THEIRS,
    VPCE,
    allow,
    case_of,
    document,
    seeds,
)


def test_nothing_is_missing_where_all_is_allowed():
    """
    A policy that lets the account in misses nothing.
    """
    open_ = document({**allow(), "Principal": {"AWS": US}})

    assert () == missing(open_, ROLE, PULL_ACTIONS, THEIRS)
    assert PULL_ACTIONS == missing(None, ROLE, PULL_ACTIONS, THEIRS)


def test_what_is_undecided_is_not_called_missing():
    """
    A grant that depends on an unknown key may be there.
    """
    perhaps = document({**allow(Condition=VPCE), "Principal": "*"})

    assert () == missing(perhaps, ROLE, PULL_ACTIONS, THEIRS)


def test_a_statement_of_ours_gets_one_more_principal():
    """
    The second role for the same actions shares the statement of the first.
    """
    other = f"arn:aws:iam::{US}:role/other"
    both = allowing(allowing(None, ROLE, PULL_ACTIONS), other, PULL_ACTIONS)

    assert [{"AWS": [ROLE, other]}] == [s["Principal"] for s in both["Statement"]]


@pytest.mark.parametrize(
    "theirs",
    [
        {"Effect": "Deny", "Principal": "*", "Action": "ecr:PutImage"},
        {"Effect": "Allow", "Principal": {"AWS": THEM}, "Action": ["ecr:BatchGetImage"]},
        {
            "Effect": "Allow",
            "Principal": {"AWS": THEM},
            "Action": list(PULL_ACTIONS),
            "Condition": VPCE,
        },
    ],
)
def test_a_sid_that_is_taken_gets_a_number(theirs):
    """
    Somebody else's statement of our Sid stays; a Sid is unique, so ours is called otherwise.
    """
    before = document({"Sid": "EcsPullBot", **theirs})

    after = allowing(before, ROLE, PULL_ACTIONS)

    assert ["EcsPullBot", "EcsPullBot2"] == [s["Sid"] for s in after["Statement"]]
    assert before["Statement"][0] == after["Statement"][0]
    assert after == allowing(after, ROLE, PULL_ACTIONS)


@given(seeds)
@settings(max_examples=150, deadline=None)
def test_extending_is_enough_and_touches_nothing_else(seed):
    """
    After it nothing is missing (but what is denied), again changes nothing, others stay as is.
    """
    asked = case_of(seed)
    before = asked.resource_policy or {"Version": "2008-10-17", "Id": "shop", "Statement": []}
    inside = before["Statement"]
    written = json.dumps(before)

    after = allowing(before, ROLE, PULL_ACTIONS)

    assert written == json.dumps(before)
    assert after == allowing(after, ROLE, PULL_ACTIONS)
    others = inside if isinstance(inside, list) else [inside]
    assert json.dumps(others) == json.dumps(after["Statement"][:-1])
    assert (before["Version"], before.get("Id")) == (after["Version"], after.get("Id"))
    allows = {**before, "Statement": [s for s in others if s["Effect"] == "Allow"]}
    assert () == missing(allowing(allows, ROLE, PULL_ACTIONS), ROLE, PULL_ACTIONS, THEIRS)
