import json
from dataclasses import replace

import pytest

from bot.awscli import unfilled
from bot.causes.secret.secret_in_other_account import CAUSE, advise, decide
from bot.facts import DescribedSecret, DescribedSecrets, SecretKey, SecretKeys, SecretPolicies
from bot.model import Confirmed, RuledOut, Undecided
from tests.cases.healthy import ACCOUNT, ROLE
from tests.causes.facts import NOTHING_RECORDED, SUBJECT, unknown, well_worded
from tests.causes.facts_secret import (
    EXECUTION,
    FOREIGN,
    KEY,
    OTHER,
    SECRET,
    asks,
    by_ecs,
    own_policy,
    refusal,
    secret,
    secrets,
)

THEIR_KEY = KEY.replace(ACCOUNT, OTHER)
KEYS = SecretKeys((SecretKey(THEIR_KEY, THEIR_KEY, customer=True, state="Enabled"),))
SHARED = secrets(secret(FOREIGN, kms_key=THEIR_KEY))
ROOT = f"arn:aws:iam::{ACCOUNT}:root"


def judged(
    asked=None, found=SHARED, keys=KEYS, policies=None, role=EXECUTION, said=NOTHING_RECORDED
):
    policies = own_policy(ROLE, FOREIGN) if policies is None else policies
    return decide(SUBJECT, role, asked or asks(FOREIGN), found, keys, policies, said)


def test_a_secret_of_the_own_account():
    """
    At home the default key works, and no resource policy is needed.
    """
    assert isinstance(judged(asks(SECRET), secrets(), policies=own_policy(None)), RuledOut)
    assert () == advise(SUBJECT, EXECUTION, asks(SECRET), secrets(), own_policy(None))


def test_what_is_another_cause():
    """
    A secret, or a role, that is not there.
    """
    assert isinstance(judged(found=secrets(DescribedSecret(FOREIGN))), RuledOut)
    assert isinstance(judged(role=replace(EXECUTION, exists=False)), RuledOut)


@pytest.mark.parametrize("principal", [ROLE, ROOT])
def test_a_secret_that_is_shared(principal):
    """
    With the role, or with its account, and encrypted with a key that can be shared.
    """
    assert isinstance(judged(policies=own_policy(principal, FOREIGN)), RuledOut)


def test_what_could_not_be_seen_leaves_it_open():
    """
    An account that is not configured, or a policy that is not to be read.
    """
    unseen = DescribedSecrets(unseen={FOREIGN: unknown("DescribedSecrets")})

    assert isinstance(judged(found=unseen), Undecided)
    assert isinstance(judged(policies=unknown("SecretPolicies")), Undecided)
    assert isinstance(judged(policies=SecretPolicies()), Undecided)


def test_what_its_owner_refused_is_recorded():
    """
    Of an account that is not configured, the words of ECS tell whose policy refused.
    """
    unseen = DescribedSecrets(unseen={FOREIGN: unknown("DescribedSecrets")})
    words = refusal("secretsmanager:GetSecretValue", FOREIGN)
    theirs = by_ecs(words.replace("identity-based", "resource-based"), FOREIGN)

    for found in (unseen, unknown("DescribedSecrets")):
        assert isinstance(judged(found=found, said=by_ecs(words, FOREIGN)), Undecided)
        verdict = judged(found=found, said=theirs)
        assert "policy" == verdict.proof["kind"]
        assert well_worded(CAUSE, verdict)


@pytest.mark.parametrize(
    "policies",
    [
        own_policy(None, FOREIGN),
        own_policy("arn:aws:iam::123456789012:root", FOREIGN),
        own_policy(ROLE, FOREIGN, "Deny"),
    ],
)
def test_a_secret_that_is_not_shared(policies):
    """
    Without its owner's word no grant of the role's account helps.
    """
    verdict = judged(policies=policies)

    assert isinstance(verdict, Confirmed)
    assert ("policy", OTHER) == (verdict.proof["kind"], verdict.proof["account"])
    assert well_worded(CAUSE, verdict)


@pytest.mark.parametrize(
    ("named", "keys"),
    [
        (None, SecretKeys()),
        ("alias/aws/secretsmanager", SecretKeys()),
        (THEIR_KEY, SecretKeys((SecretKey(THEIR_KEY, THEIR_KEY),))),
    ],
)
def test_a_key_that_cannot_be_shared(named, keys):
    """
    AWS's default key stays in its account, by whatever name it goes.
    """
    verdict = judged(found=secrets(secret(FOREIGN, kms_key=named)), keys=keys)

    assert "default-key" == verdict.proof["kind"]
    assert well_worded(CAUSE, verdict)


def test_advice_adds_to_the_policy_that_is_there():
    """
    The owner's other statements stay.
    """
    theirs = own_policy("arn:aws:iam::123456789012:root", FOREIGN)
    default = secrets(DescribedSecret(FOREIGN, FOREIGN, exists=True))
    read, first, second = advise(SUBJECT, EXECUTION, asks(FOREIGN), default, theirs)
    said = json.loads(first.params["ResourcePolicy"])["Statement"]

    assert "get_resource_policy" == read.operation

    assert ["arn:aws:iam::123456789012:root", ROLE] == [s["Principal"]["AWS"] for s in said]
    assert "update_secret" == second.operation


def test_advice_replaces_no_policy_that_nobody_read():
    """
    PutResourcePolicy replaces the whole policy: its owner adds to it. A key of its own stays.
    """
    own = secrets(DescribedSecret(FOREIGN, FOREIGN, exists=True, kms_key="arn:aws:kms:x:1:key/k"))
    calls = advise(SUBJECT, EXECUTION, asks(FOREIGN), own, unknown("SecretPolicies"))

    assert ["get_resource_policy", "put_resource_policy"] == [c.operation for c in calls]
    assert unfilled(calls[1])
