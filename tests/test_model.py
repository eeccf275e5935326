"""Plans are data: their hash is their identity, and JSON loses nothing."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.model import Call, Plan, Step, answer, plan_from_json, plan_to_json

names = st.text(min_size=1, max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
calls = st.builds(Call, names, names, st.dictionaries(names, values, max_size=3))
steps = st.builds(
    Step, names, names, names, names, values, values, do=calls, undo=st.none() | calls
)
plans = st.builds(
    Plan, st.lists(steps, max_size=3).map(tuple), risk=st.sampled_from(["low", "medium", "high"])
)


@given(plans)
def test_the_way_through_json_is_lossless(plan):
    """
    A plan that comes back from the store equals the plan that went in.
    """
    back = plan_from_json(json.loads(json.dumps(plan_to_json(plan))))

    assert plan == back
    assert plan.hash == back.hash


@given(plans, plans)
def test_plans_that_differ_have_different_hashes(one, other):
    """
    An approval of one plan is no approval of another.
    """
    assert (one == other) == (one.hash == other.hash)


def test_one_changed_parameter_changes_the_hash():
    """
    Not even the policy's text may differ.
    """
    call = Call("ecr", "set_repository_policy", {"policyText": "{}"})
    step = Step("repository-policy", "1", "r", "arn", None, {}, call, None)
    plan = Plan((step,), "low")
    other = Plan((replace(step, do=replace(call, params={"policyText": "{ }"})),), "low")

    assert plan.hash != other.hash


def test_an_answer_is_a_placeholder():
    """
    What AWS will say later is written as where to find it.
    """
    assert {"$answer": [0, "taskDefinition.taskDefinitionArn"]} == answer(
        0, "taskDefinition.taskDefinitionArn"
    )
