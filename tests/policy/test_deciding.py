"""What several policies decide together, and whom a trust policy trusts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.policy import (
    PULL_ACTIONS,
    UNREAD,
    Request,
    decide,
    identity,
    login_and_read,
    trusts,
)
from tests.oracle.generate import EVERYTHING, ROLE, US
from tests.policy.documents import (
    ALLOWED,
    ECS,
    EXPLICIT,
    IMPLICIT,
    OURS,
    PULL,
    THEIRS,
    UNDECIDED,
    VPCE,
    allow,
    deny,
    document,
    short,
)


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

    assert (IMPLICIT, "resource") == short(decide(asked, identity=own))
    assert (IMPLICIT, "identity") == short(decide(asked, identity=[], resource_policy=to_account))
    assert ALLOWED is decide(asked, identity=own, resource_policy=to_account).decision
    assert UNDECIDED is decide(asked, identity=own, has_resource_policy=True).decision
    assert IMPLICIT is decide(asked, identity=[], has_resource_policy=True).decision


def test_within_an_account_either_side_is_enough_but_naming_the_account_is_not():
    """
    A repository policy that names the role grants; one that names the account only delegates.
    """
    to_role = document({**allow(), "Principal": {"AWS": ROLE}})
    to_account = document({**allow(), "Principal": {"AWS": f"arn:aws:iam::{US}:root"}})

    assert (ALLOWED, "resource") == short(decide(PULL, identity=[], resource_policy=to_role))
    assert IMPLICIT is decide(PULL, identity=[], resource_policy=to_account).decision
    assert (ALLOWED, "identity") == short(decide(PULL, identity=[EVERYTHING]))


def test_caps_are_named():
    """
    A boundary, a session policy, an endpoint policy and an organization's policy each cap.
    """
    other = document(allow(Action="s3:*", Resource="*"))
    endpoint = document(allow(Action="s3:*", Resource="*", Principal="*"))

    def capped(**caps):
        return short(decide(PULL, identity=[EVERYTHING], **caps))

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
