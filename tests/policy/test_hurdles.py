"""What stands between a role and an Allow, told apart from what denies."""

from dataclasses import replace

import pytest
from hypothesis import given

from bot import policy
from bot.policy import Decision, conditional, denies, grants, identity, keys, meeting, silent
from tests.policy.documents import PULL, VPCE, allow, case_of, deny, document, seeds

ALLOWS = document(allow(Resource="*"))
UNDER = document(allow(Resource="*", Condition=VPCE, Sid="Ours"))
FROM = replace(PULL, context={"aws:SourceVpce": "vpce-2"})
WRITTEN = replace(PULL, context={"aws:SourceVpce": "vpce-1"})


@given(seeds)
def test_the_parts_agree_with_the_whole(seed):
    """
    What denies, what allows and what is silent never contradicts what all policies together say.
    """
    asked = case_of(seed)
    documents, request = asked.identity, asked.request
    whole = identity(request, documents).decision
    denied, allowed = denies(request, documents).decision, grants(request, documents).decision

    assert (whole is Decision.EXPLICIT_DENY) == (denied is Decision.EXPLICIT_DENY)
    if whole is Decision.ALLOWED:
        assert (Decision.ALLOWED, Decision.ALLOWED) == (allowed, denied)
    if silent(request, documents):
        assert allowed is Decision.IMPLICIT_DENY
    elif allowed is Decision.IMPLICIT_DENY:
        assert any(conditional(request, d) for d in documents)


@given(seeds)
def test_a_condition_that_may_hold_is_never_called_unmet(seed):
    """
    A hurdle is not met, or not known; one that is met is none.
    """
    asked = case_of(seed)
    for found in asked.identity:
        for one in conditional(asked.request, found):
            assert one.hurdles
            assert all(h.met in (False, None) for h in one.hurdles)


def test_a_hurdle_has_what_is_wanted_and_what_there_is():
    """
    Named by statement, operator and key; a value that nobody told is not known.
    """
    (found,) = conditional(FROM, UNDER)

    assert ("Ours", 0) == (found.label, found.number)
    (hurdle,) = found.hurdles
    assert ("aws:SourceVpce", ("vpce-1",), "vpce-2", False) == (
        hurdle.key,
        hurdle.wanted,
        hurdle.given,
        hurdle.met,
    )
    assert None is conditional(PULL, UNDER)[0].hurdles[0].met
    assert () == conditional(WRITTEN, UNDER)
    assert () == conditional(FROM, ALLOWS)


def test_silence_is_certain_or_none():
    """
    A statement that cannot be read may speak of anything.
    """
    assert silent(PULL, [])
    assert silent(PULL, [document(allow(Action="s3:*", Resource="*"))])
    assert not silent(PULL, [UNDER])
    assert not silent(PULL, [policy.UNREAD])


def test_a_deny_is_told_from_what_allows():
    """
    Each side for itself.
    """
    both = [document(allow(Resource="*"), deny(Resource="*"))]

    assert Decision.EXPLICIT_DENY is denies(PULL, both).decision
    assert Decision.ALLOWED is grants(PULL, both).decision
    assert Decision.ALLOWED is denies(PULL, [ALLOWS]).decision


def test_one_value_more_meets_a_condition():
    """
    What stands there stays; the rest of the document is untouched.
    """
    place = ("StringEquals", "aws:SourceVpce")
    after = meeting(UNDER, 0, {place: "vpce-2"})

    assert ["vpce-1", "vpce-2"] == after["Statement"][0]["Condition"]["StringEquals"][place[1]]
    assert ["Ours"] == [s["Sid"] for s in after["Statement"]]
    for asked in (FROM, WRITTEN):
        assert Decision.ALLOWED is grants(asked, [after]).decision
    single = {**UNDER, "Statement": UNDER["Statement"][0]}
    assert isinstance(meeting(single, 0, {place: "vpce-2"})["Statement"], dict)


@pytest.mark.parametrize("operator", ["StringNotEquals", "NumericLessThan", "Null", "IpAddress"])
def test_one_value_more_does_not_meet_everything(operator):
    """
    A negation would exclude more; a comparison has its own order.
    """
    under = document(allow(Resource="*", Condition={operator: {"aws:SourceVpce": "x"}}))

    assert None is meeting(under, 0, {(operator, "aws:SourceVpce"): "y"})


def test_the_keys_that_a_document_looks_at():
    """
    In lower case, whatever the operator.
    """
    assert {"aws:sourcevpce"} == keys(UNDER)
    assert frozenset() == keys(ALLOWS) == keys({"Statement": None})
