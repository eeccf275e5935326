"""What people type is an ARN, a service, or an error; and equal questions are one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.facts import Subject
from bot.question import arns, fingerprint, from_words, same_failure
from bot.symptom import parse

BASE = "arn:aws:ecs:eu-west-1:222233334444"
TASK = f"{BASE}:task/main/0123456789abcdef0123456789abcdef"
TEXT = "CannotPullContainerError: failed to resolve ref {0}: {0}: not found"
REF = "222233334444.dkr.ecr.eu-west-1.amazonaws.com/shop:v9"
WHERE = Subject("222233334444", "eu-west-1", "main", "shop")


@pytest.mark.parametrize(
    "said",
    [
        "CannotPullContainerError: not found",
        "https://example.com/a",
        "a/b/c",
        "main/shop is down",
        "",
    ],
)
def test_an_error_is_not_a_name(said):
    """
    Only a whole word of two parts is a service.
    """
    question = from_words(said, "C1")

    assert (said, None, None, "C1") == (
        question.text,
        question.service,
        question.cluster,
        question.channel,
    )
    assert not question.names_something


@pytest.mark.parametrize("said", ["main/shop", " main/shop ", "`main/shop`", "<main/shop>"])
def test_two_parts_name_a_service(said):
    """
    As people type it, or copy it from a message.
    """
    question = from_words(said, None)

    assert ("main", "shop") == (question.cluster, question.service)


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ({"cluster": "main", "service": "shop"}, f"{BASE}:service/main/shop"),
        ({"cluster": "default", "service": "shop"}, f"{BASE}:service/shop"),
        ({"cluster": "main", "task": TASK}, TASK),
        ({"cluster": None, "task": f"{BASE}:task/0123"}, f"{BASE}:task/0123"),
        ({"task_definition": f"{BASE}:task-definition/shop:7"}, f"{BASE}:task-definition/shop:7"),
        ({"cluster": "main"}, f"{BASE}:cluster/main"),
        ({"cluster": "main"}, f"{BASE}:container-instance/main/0123"),
        ({"cluster": None}, f"{BASE}:container-instance/0123"),
    ],
)
def test_an_arn_names_its_place(expected, said):
    """
    Account and Region come with it; an instance is not a cluster.
    """
    question = from_words(said, None)

    assert ("222233334444", "eu-west-1") == (question.account, question.region)
    assert expected == {name: getattr(question, name) for name in expected}


@pytest.mark.parametrize("end", [".", ",", ")", ":", "/", " and"])
def test_a_sentence_may_end_after_an_arn(end):
    """
    The full stop is not part of a name.
    """
    assert ["shop"] == [q.service for q in arns(f"Look at {BASE}:service/main/shop{end}")]
    assert [TASK] == [q.task for q in arns(f"Look at {TASK}{end}")]


def test_the_most_telling_arn_comes_first():
    """
    A task says more than a service, a service more than a cluster.
    """
    found = arns(
        f"{BASE}:cluster/main {BASE}:service/main/shop {BASE}:container-instance/main/1 {TASK}"
    )

    assert [TASK, None, None] == [q.task for q in found]
    assert "shop" == found[1].service


@given(st.text())
def test_whatever_is_typed_is_a_question(said):
    """
    Nothing that people type breaks the reading.
    """
    assert from_words(said, "C1").channel == "C1"
    assert isinstance(arns(said), list)


def test_equal_questions_share_a_key():
    """
    The same failure of the same service is one question, another service's is another.
    """
    one = parse(TEXT.format(REF))
    retried = replace(one, errors=("other words",))

    assert fingerprint(WHERE, one) == fingerprint(WHERE, retried)
    assert fingerprint(WHERE, one) != fingerprint(replace(WHERE, service="cart"), one)
    assert fingerprint(WHERE, one) != fingerprint(WHERE, parse(TEXT.format(REF + "1")))


def test_what_names_nothing_is_not_the_same_failure():
    """
    Two bare wrappers may be two failures.
    """
    bare, full = parse("CannotPullContainerError"), parse(TEXT.format(REF))

    assert not same_failure(bare, bare)
    assert not same_failure(bare, full)
    assert not same_failure(full, parse("hello"))


def test_one_failure_told_twice_is_the_same():
    """
    All that both name is equal; the session of a role is not compared.
    """
    denied = "ResourceInitializationError: AccessDeniedException: User: arn:aws:sts::222233334444:assumed-role/shop/{} is not authorized to perform: ecr:GetAuthorizationToken on resource: *"

    assert same_failure(parse(TEXT.format(REF)), parse(TEXT.format(REF)))
    assert not same_failure(parse(TEXT.format(REF)), parse(TEXT.format(REF + "1")))
    assert same_failure(parse(denied.format("a1")), parse(denied.format("b2")))
