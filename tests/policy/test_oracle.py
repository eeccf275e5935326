"""bot/policy.py against an independent evaluator, on policies that nobody wrote by hand.

Left out of what is generated, because the oracle departs from AWS's own pages there:

- an ARN with parts left out (``arn:aws:ecr``), which AWS completes with wildcards;
- ``0.0.0.0/0`` in IpAddress, which holds every IPv4 address, and an IPv6 address against
  a single IPv4 address in NotIpAddress, which is outside of it;
- policy variables in a document of version 2008-10-17, where they are plain text.

tests/policy/test_statements.py holds AWS's answer on each.
"""

from __future__ import annotations

import os
from collections import Counter

import pytest

from bot.policy import Decision
from tests.oracle import generate, oracle

pytestmark = pytest.mark.no_cover  # much work: tracing would double it
WITHOUT = "ECS_PULL_WITHOUT_ORACLE"
SEED, CASES = 20260131, 1500


@pytest.fixture(scope="module")
def answered() -> tuple[list[generate.Case], list[Decision]]:
    if os.environ.get(WITHOUT) == "1":
        pytest.skip(f"{WITHOUT}=1: IAM decisions are not compared with a second evaluator")
    asked = list(generate.cases(SEED, CASES))
    try:
        oracle.install()
        return asked, oracle.decisions(asked)
    except oracle.Unavailable as why:
        pytest.fail(f"{why}. Without a network, set {WITHOUT}=1 to leave this out.", pytrace=False)


def test_no_decision_differs(answered):
    """
    Whatever we decide, the oracle decides the same.
    """
    found, _ = generate.disagreements(*answered)

    assert [] == [(theirs, case.ruling(), case) for case, theirs in found[:3]]


def test_little_is_left_undecided(answered):
    """
    Agreement is not bought with silence: all context is known here, so few cases stay open.
    """
    _, undecided = generate.disagreements(*answered)

    assert undecided < 0.04 * CASES


def test_every_decision_occurs_often(answered):
    """
    The cases are worth comparing: each decision is a good part of them.
    """
    _, answers = answered

    assert all(Counter(answers)[d] > 0.1 * CASES for d in oracle.SAYS.values())


def test_forgetting_a_value_only_adds_doubt(answered):
    """
    With keys unknown instead of known or absent, we agree with the oracle or stay undecided.
    """
    asked, answers = answered
    blind = [generate.forgetful(case, number) for number, case in enumerate(asked)]

    found, undecided = generate.disagreements(blind, answers)

    assert [] == found[:3]
    assert undecided > 0
