"""The order, the parallelism and the honesty of gathering."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from bot.evidence import ask, gather, needs, unknowns
from bot.model import CannotTell, Unknown


@dataclass(frozen=True)
class A:
    n: int


@dataclass(frozen=True)
class B:
    n: int


@dataclass(frozen=True)
class C:
    n: int


def test_only_wanted_facts_are_gathered():
    """
    A collector that nobody needs is not run.
    """

    def b(a: A) -> B:
        raise AssertionError

    assert {A: A(1)} == gather({A}, {A: A(1)}, (b,))


def test_unknown_travels_to_whatever_needs_it():
    """
    What hangs on an unknown fact is unknown for the same reason, told once.
    """

    def b(a: A) -> B:
        raise CannotTell("denied ecr:DescribeImages", "ecr:DescribeImages")

    def c(b: B) -> C:
        raise AssertionError

    facts = gather({C}, {A: A(1)}, (b, c))

    root = Unknown("B", "denied ecr:DescribeImages", "ecr:DescribeImages")
    assert root == facts[B]
    assert root == facts[C]


def test_a_broken_collector_does_not_take_the_others_down(caplog):
    """
    A bug in one collector is logged, and costs one fact.
    """

    def b(a: A) -> B:
        raise KeyError("surprise")

    def c(a: A) -> C:
        return C(3)

    facts = gather({B, C}, {A: A(1)}, (b, c))

    assert Unknown("B", "internal error") == facts[B]
    assert C(3) == facts[C]
    assert "collector failed" in caplog.text


def test_facts_that_do_not_need_each_other_are_gathered_together():
    """
    Two independent collectors run at the same time.
    """
    meet = threading.Barrier(2, timeout=5)

    def b(a: A) -> B:
        meet.wait()
        return B(a.n + 1)

    def c(a: A) -> C:
        meet.wait()
        return C(a.n + 2)

    assert {A: A(1), B: B(2), C: C(3)} == gather({B, C}, {A: A(1)}, (b, c))


def test_a_rule_may_do_without_a_fact():
    """
    ``Fact | Unknown`` is handed over as it is; a plain ``Fact`` is missed.
    """

    def rule(a: A, b: B | Unknown) -> str:
        return type(b).__name__

    away = Unknown("B", "denied")
    facts = {A: A(1), B: away}

    assert (A, B) == needs(rule)
    assert () == unknowns(rule, facts)
    assert "Unknown" == ask(rule, facts)
    assert (Unknown("A", "x"),) == unknowns(rule, {A: Unknown("A", "x"), B: B(1)})
