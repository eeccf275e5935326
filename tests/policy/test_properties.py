"""What holds for every policy, whoever wrote it."""

from __future__ import annotations

import time
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.policy import (
    Decision,
    decide,
    identity,
    trusts,
)
from tests.oracle.generate import EVERYTHING, US, forgetful
from tests.policy.documents import (
    ALLOWED,
    ECS,
    IMPLICIT,
    OURS,
    PULL,
    UNDECIDED,
    allow,
    case_of,
    document,
    seeds,
)

pytestmark = pytest.mark.no_cover  # much work: tracing would double it


@given(seeds, st.data())
@settings(max_examples=150, deadline=None)
def test_one_more_deny_never_widens(seed, data):
    """
    What is not allowed stays so when somebody adds a Deny, to any of the documents.
    """
    asked = case_of(seed)
    picked = case_of(data.draw(seeds)).identity or [EVERYTHING]
    inside = picked[0]["Statement"]
    one = inside if isinstance(inside, dict) else inside[0]
    more = document({**one, "Effect": "Deny"})

    wider = replace(asked, identity=[*asked.identity, more]).ruling().decision

    assert not (wider is ALLOWED and asked.ruling().decision is not ALLOWED)


@given(seeds, seeds)
@settings(max_examples=200, deadline=None)
def test_undecided_never_claims(seed, forgotten):
    """
    What is decided with half of the context unknown is so whatever that half is.
    """
    asked = case_of(seed)
    before, after = forgetful(asked, forgotten).ruling().decision, asked.ruling().decision

    assert before is UNDECIDED or (before is ALLOWED) == (after is ALLOWED) or after is UNDECIDED


@given(seeds)
@settings(max_examples=150, deadline=None)
def test_order_of_statements_does_not_matter(seed):
    """
    Policies are sets: shuffled documents and statements decide the same.
    """
    asked, chance = case_of(seed), Random(seed)

    def shuffled(one):
        inside = one["Statement"]
        mixed = inside if isinstance(inside, dict) else chance.sample(inside, len(inside))
        return {**one, "Statement": mixed}

    mixed = replace(
        asked,
        identity=[shuffled(d) for d in reversed(asked.identity)],
        resource_policy=asked.resource_policy and shuffled(asked.resource_policy),
    )

    assert asked.ruling().decision is mixed.ruling().decision


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.just("*"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)
elements = ("Sid", "Effect", "Principal", "NotPrincipal", "Action", "Resource", "Condition")
statements = st.dictionaries(st.sampled_from(elements), json_values | st.just("Allow"))


@given(json_values | st.fixed_dictionaries({"Statement": statements | st.lists(statements)}))
@settings(max_examples=150, deadline=None)
def test_junk_never_raises(junk):
    """
    Whatever stands in a document, there is an answer, and it is not an invention.
    """
    ruling = decide(PULL, identity=[EVERYTHING], boundary=junk, resource_policy=junk, limits=[junk])

    assert ruling.decision in Decision
    assert trusts(junk, service=ECS, context={}).decision in Decision


def test_hostile_wildcards_take_linear_time():
    """
    A pattern full of stars does not stop the clock.
    """
    pattern = f"arn:aws:ecr:*:{US}:repository/{'*a?' * 2000}b"
    asked = replace(PULL, resource=f"{OURS}{'a' * 20_000}")
    started = time.perf_counter()

    assert IMPLICIT is identity(asked, [document(allow(Resource=pattern))]).decision
    assert time.perf_counter() - started < 2
