"""What IAM decides, what stays open, and how a policy is extended."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.policy import (
    PULL_ACTIONS,
    UNREAD,
    Decision,
    Request,
    allowing,
    decide,
    identity,
    login_and_read,
    missing,
    resource,
    trusts,
)
from tests.oracle.generate import EVERYTHING, ROLE, SESSION, THEM, US, cases, forgetful

ALLOWED, UNDECIDED = Decision.ALLOWED, Decision.UNDECIDED
IMPLICIT, EXPLICIT = Decision.IMPLICIT_DENY, Decision.EXPLICIT_DENY
OURS = f"arn:aws:ecr:eu-west-1:{US}:repository/web"
THEIRS = f"arn:aws:ecr:eu-west-1:{THEM}:repository/web"
PULL = Request(ROLE, "ecr:BatchGetImage", OURS)
ECS = "ecs-tasks.amazonaws.com"
VPCE = {"StringEquals": {"aws:SourceVpce": "vpce-1"}}
seeds = st.integers(0, 2**32)


def document(*statements, version="2012-10-17"):
    return {"Version": version, "Statement": list(statements)}


def allow(**more):
    return {"Effect": "Allow", "Action": "ecr:*", **more}


def deny(**more):
    return {"Effect": "Deny", "Action": "ecr:*", **more}


def case_of(seed):
    return next(cases(seed, 1))


# --- what must not be claimed --------------------------------------------------------------


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


# --- where AWS's own pages decide, and the second evaluator does not follow -------------------


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


# --- layers --------------------------------------------------------------------------------


def test_login_granted_on_a_repository_is_no_login():
    """
    GetAuthorizationToken has no resource, so a statement about a repository does not grant it.
    """
    login = Request(ROLE, "ecr:GetAuthorizationToken", "*")

    assert IMPLICIT is identity(login, [document(allow(Resource=OURS))]).decision
    assert ALLOWED is identity(login, [login_and_read(OURS)]).decision


def test_least_policy_pulls_from_that_repository_alone():
    """
    The least inline policy lets the three pull actions through on its repository.
    """
    least = [login_and_read(OURS)]

    def says(action, where):
        return identity(Request(ROLE, action, where), least).decision

    assert [ALLOWED] * 3 == [says(action, OURS) for action in PULL_ACTIONS]
    assert IMPLICIT is says("ecr:PutImage", OURS)
    assert IMPLICIT is says("ecr:BatchGetImage", f"{OURS}s")
    assert 1 == len(login_and_read(None)["Statement"])


def test_across_accounts_both_sides_must_allow():
    """
    The role's account and the repository's account each have a say.
    """
    asked, own = replace(PULL, resource=THEIRS), [EVERYTHING]
    to_account = document({**allow(), "Principal": {"AWS": US}})

    assert (IMPLICIT, "resource") == _short(decide(asked, identity=own))
    assert (IMPLICIT, "identity") == _short(decide(asked, identity=[], resource_policy=to_account))
    assert ALLOWED is decide(asked, identity=own, resource_policy=to_account).decision
    assert UNDECIDED is decide(asked, identity=own, has_resource_policy=True).decision
    assert IMPLICIT is decide(asked, identity=[], has_resource_policy=True).decision


def test_within_an_account_either_side_is_enough_but_naming_the_account_is_not():
    """
    A repository policy that names the role grants; one that names the account only delegates.
    """
    to_role = document({**allow(), "Principal": {"AWS": ROLE}})
    to_account = document({**allow(), "Principal": {"AWS": f"arn:aws:iam::{US}:root"}})

    assert (ALLOWED, "resource") == _short(decide(PULL, identity=[], resource_policy=to_role))
    assert IMPLICIT is decide(PULL, identity=[], resource_policy=to_account).decision
    assert (ALLOWED, "identity") == _short(decide(PULL, identity=[EVERYTHING]))


def test_caps_are_named():
    """
    A boundary, a session policy, an endpoint policy and an organization's policy each cap.
    """
    other = document(allow(Action="s3:*", Resource="*"))
    endpoint = document(allow(Action="s3:*", Resource="*", Principal="*"))

    def capped(**caps):
        return _short(decide(PULL, identity=[EVERYTHING], **caps))

    assert (IMPLICIT, "boundary") == capped(boundary=other)
    assert (IMPLICIT, "session") == capped(limits=[EVERYTHING, other])
    assert (IMPLICIT, "endpoint") == capped(limits=[endpoint])
    assert (IMPLICIT, "scp") == capped(scps=[[EVERYTHING], [other]])
    assert (UNDECIDED, "boundary") == capped(boundary=UNREAD)


def test_deny_is_named_by_its_sid():
    """
    An explicit Deny says which layer and which statement it is.
    """
    ruling = decide(PULL, identity=[EVERYTHING, document(deny(Sid="Freeze", Resource="*"))])

    assert (EXPLICIT, "identity", "Freeze") == (ruling.decision, ruling.by, ruling.statement)


def test_key_policy_must_take_part():
    """
    A KMS key is its policy's: the role's own policies count only where it lets the account in.
    """
    key = f"arn:aws:kms:eu-west-1:{US}:key/1"
    asked = Request(ROLE, "kms:Decrypt", key)
    to_account = document(allow(Action="kms:*", Resource="*", Principal={"AWS": US}))

    assert UNDECIDED is decide(asked, identity=[EVERYTHING]).decision
    assert ALLOWED is decide(asked, identity=[EVERYTHING], resource_policy=to_account).decision
    assert IMPLICIT is decide(asked, identity=[], resource_policy=to_account).decision
    assert ALLOWED is decide(asked, identity=[EVERYTHING], has_resource_policy=False).decision


def _short(ruling):
    return ruling.decision, ruling.by


# --- trust ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "decision"),
    [
        ({"Principal": {"Service": "ec2.amazonaws.com"}}, IMPLICIT),
        ({"Principal": {"Service": "ecs.amazonaws.com"}}, IMPLICIT),
        ({"Principal": {"AWS": f"arn:aws:iam::{US}:root"}}, IMPLICIT),
        ({"Principal": {"Service": ECS}, "Action": "sts:TagSession"}, IMPLICIT),
        ({"Principal": {"Service": ["ec2.amazonaws.com", ECS]}}, ALLOWED),
        ({"Principal": {"Service": ECS}, "Effect": "Deny"}, EXPLICIT),
        ({"Principal": {"Service": ECS}, "Condition": VPCE}, UNDECIDED),
    ],
)
def test_trust_of_the_service(statement, decision):
    """
    A role is for ECS tasks only when its trust names their service, for sts:AssumeRole.
    """
    trust = document({"Effect": "Allow", "Action": "sts:AssumeRole", **statement})

    assert decision is trusts(trust, service=ECS, context={}).decision


def test_trust_with_conditions_that_no_task_meets():
    """
    A source ARN of one cluster, or an external id, is never what ECS sends.
    """
    sent = {"aws:SourceArn": f"arn:aws:ecs:eu-west-1:{US}:*", "aws:SourceAccount": US}

    def says(condition):
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": ECS}}
        return trusts(
            document({**trust, "Condition": condition}),
            service=ECS, context=sent, absent=frozenset({"sts:ExternalId"}),
        ).decision  # fmt: skip

    assert IMPLICIT is says({"StringEquals": {"sts:ExternalId": "1"}})
    assert IMPLICIT is says({"ArnLike": {"aws:SourceArn": f"arn:aws:ecs:*:{US}:cluster/main"}})
    assert ALLOWED is says({"ArnLike": {"aws:SourceArn": f"arn:aws:ecs:*:{US}:*"}})
    assert ALLOWED is says({"StringEquals": {"aws:SourceAccount": US}})


# --- properties ----------------------------------------------------------------------------


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


# --- extending a policy --------------------------------------------------------------------


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
