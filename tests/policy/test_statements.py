"""What one statement says, and what it must not be taken to say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.policy import (
    UNREAD,
    identity,
    resource,
)
from tests.oracle.generate import SESSION, US
from tests.policy.documents import (
    ALLOWED,
    EXPLICIT,
    IMPLICIT,
    PULL,
    UNDECIDED,
    VPCE,
    allow,
    deny,
    document,
)


@pytest.mark.parametrize(
    "broken",
    [
        UNREAD,
        {},
        {"Statement": "Allow everything"},
        document("Allow"),
        document(allow()),
        document(allow(Resource="*", Effect="allow")),
        document(allow(Resource="*", NotAction="s3:*")),
        document(allow(Resource={"Ref": "Repository"})),
        document(allow(Resource="*", Principal="*")),
        document(allow(Resource="*", Unless="Friday")),
        document(allow(Resource="*", Condition="always")),
        document(allow(Resource="*", Condition={"StringMatches": {"aws:SourceVpce": "vpce-1"}})),
        document(allow(Resource="*", Condition={"NullIfExists": {"aws:SourceVpce": "true"}})),
        document(allow(Resource="*", Condition={"Null": {"aws:SourceVpce": "perhaps"}})),
        document(allow(Resource="*", Condition={"NumericLessThan": {"aws:SourceVpce": "many"}})),
    ],
)
def test_unreadable_statement_decides_nothing(broken):
    """
    A document that IAM would have refused, or that nobody could read, is never guessed at.
    """
    known = replace(PULL, context={"aws:SourceVpce": "vpce-1"})

    assert UNDECIDED is identity(known, [broken]).decision
    assert EXPLICIT is identity(known, [broken, document(deny(Resource="*"))]).decision


def test_unknown_key_leaves_it_open_and_is_named():
    """
    A condition on a key nobody told us the value of is open, and says which key.
    """
    ruling = identity(PULL, [document(allow(Resource="*", Condition=VPCE))])

    assert (UNDECIDED, ("aws:SourceVpce",)) == (ruling.decision, ruling.keys)


def test_absent_key_is_an_answer():
    """
    The same key, known to be absent, denies; with IfExists it allows; negated it allows.
    """
    absent = replace(PULL, absent=frozenset({"AWS:sourcevpce"}))

    def says(operator):
        condition = {operator: {"aws:SourceVpce": "vpce-1"}}
        return identity(absent, [document(allow(Resource="*", Condition=condition))]).decision

    assert IMPLICIT is says("StringEquals")
    assert ALLOWED is says("StringEqualsIfExists")
    assert ALLOWED is says("StringNotEquals")
    assert ALLOWED is says("ForAllValues:StringEquals")
    assert IMPLICIT is says("ForAnyValue:StringNotEquals")


def test_unknown_that_cannot_change_the_answer_is_no_doubt():
    """
    An open Allow beside a sure one, and an open Deny where nothing allows, decide nothing.
    """
    open_allow, open_deny = allow(Resource="*", Condition=VPCE), deny(Resource="*", Condition=VPCE)

    assert ALLOWED is identity(PULL, [document(open_allow, allow(Resource="*"))]).decision
    assert IMPLICIT is identity(PULL, [document(open_deny)]).decision
    assert UNDECIDED is identity(PULL, [document(open_deny, allow(Resource="*"))]).decision


def test_one_session_of_the_role_may_be_another_tasks():
    """
    A policy that names one session of the role does not tell whether it means this task's.
    """
    named = document({**allow(), "Principal": {"AWS": SESSION}})

    assert UNDECIDED is resource(PULL, named).decision
    assert ALLOWED is resource(replace(PULL, principal=SESSION), named).decision
    assert IMPLICIT is resource(replace(PULL, principal=f"{SESSION}x"), named).decision


def test_short_arn_is_completed():
    """
    AWS completes an ARN that lacks parts with wildcards.
    """
    assert ALLOWED is identity(PULL, [document(allow(Resource="arn:aws:ecr"))]).decision
    assert ALLOWED is identity(PULL, [document(allow(Resource="arn:aws:ecr:eu-west-1"))]).decision
    assert IMPLICIT is identity(PULL, [document(allow(Resource="arn:aws:s3"))]).decision


@pytest.mark.parametrize(
    ("operator", "network", "address", "decision"),
    [
        ("IpAddress", "0.0.0.0/0", "203.0.113.9", ALLOWED),
        ("IpAddress", "0.0.0.0/0", "2001:db8::7", IMPLICIT),
        ("IpAddress", "::/0", "2001:db8::7", ALLOWED),
        ("NotIpAddress", "203.0.113.9", "2001:db8::7", ALLOWED),
        ("NotIpAddress", "203.0.113.9", "203.0.113.9", IMPLICIT),
        ("IpAddress", "203.0.113", "203.0.113.9", UNDECIDED),
    ],
)
def test_addresses_of_both_families(operator, network, address, decision):
    """
    A network holds addresses of its own family only, and NotIpAddress is the opposite.
    """
    condition = {operator: {"aws:SourceIp": network}}
    asked = replace(PULL, context={"aws:SourceIp": address})

    ruling = identity(asked, [document(allow(Resource="*", Condition=condition))])

    assert decision is ruling.decision


def test_variables_are_plain_text_in_old_documents():
    """
    Only a document of version 2012-10-17 has variables.
    """
    own = allow(Resource=f"arn:aws:ecr:*:{US}:repository/${{aws:PrincipalTag/team}}")
    asked = replace(PULL, context={"aws:PrincipalTag/team": "web"})

    assert ALLOWED is identity(asked, [document(own)]).decision
    assert IMPLICIT is identity(asked, [document(own, version="2008-10-17")]).decision
    assert UNDECIDED is identity(PULL, [document(own)]).decision


def test_value_of_a_variable_has_no_wildcards():
    """
    A tag whose value is a star does not open every repository.
    """
    own = document(allow(Resource=f"arn:aws:ecr:*:{US}:repository/${{aws:PrincipalTag/team}}"))

    assert (
        IMPLICIT is identity(replace(PULL, context={"aws:principaltag/TEAM": "*"}), [own]).decision
    )
