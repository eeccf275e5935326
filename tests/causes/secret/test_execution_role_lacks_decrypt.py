from dataclasses import replace

import pytest

from bot.causes.secret.execution_role_lacks_decrypt import CAUSE, advise, decide, plan
from bot.facts import (
    DescribedParameters,
    DescribedSecrets,
    RegistrySecret,
    SecretKeys,
    WantedSecrets,
)
from bot.model import Confirmed, RuledOut, Undecided, Unknown
from tests.cases.healthy import ACCOUNT, ROLE
from tests.causes.facts import BARE, NOTHING_RECORDED, SERVICE, SUBJECT, unknown, well_worded
from tests.causes.facts_secret import (
    DELEGATES,
    EXECUTION,
    KEY,
    PARAMETER,
    SECRET,
    VIA,
    asks,
    granted,
    key_policy,
    keys,
    may_decrypt,
    parameters,
    secret,
    secrets,
)

ENCRYPTED = secrets(secret(kms_key=KEY))
CLOSED = may_decrypt("implicit-deny")
FACTS = {
    "role": EXECUTION, "asked": asks(SECRET), "secrets": ENCRYPTED,
    "parameters": DescribedParameters(), "registry": RegistrySecret(None), "keys": keys(),
    "permissions": CLOSED, "policies": key_policy(), "said": NOTHING_RECORDED,
}  # fmt: skip


def judged(**changes):
    return decide(SUBJECT, *(FACTS | changes).values())


def planned(**changes):
    role, *rest = (FACTS | changes).values()
    return plan(SUBJECT, SERVICE, role, BARE, *rest)


def letting_in(principal, effect="Allow", **more):
    statement = {
        "Effect": effect, "Principal": {"AWS": principal}, "Action": "kms:Decrypt", "Resource": "*",
    }  # fmt: skip
    return key_policy({"Version": "2012-10-17", "Statement": [{**statement, **more}]})


def test_a_task_without_secrets():
    """
    Who asks for nothing decrypts nothing, whatever is unknown.
    """
    dark = {n: unknown(n) for n in ("secrets", "parameters", "keys", "permissions", "policies")}

    assert isinstance(judged(asked=WantedSecrets(), **dark), RuledOut)
    assert planned(asked=WantedSecrets(), **dark) is None


@pytest.mark.parametrize("key", [None, "alias/aws/secretsmanager"])
def test_the_default_key_needs_no_permission(key):
    """
    AWS's own key lets in all of its account, through the service.
    """
    assert isinstance(judged(secrets=secrets(secret(kms_key=key)), keys=SecretKeys()), RuledOut)
    assert isinstance(judged(keys=keys(customer=False)), RuledOut)


def test_a_key_that_decrypts():
    """
    The role's own policies allow it, or the key's policy names the role.
    """
    assert isinstance(judged(permissions=may_decrypt()), RuledOut)
    assert isinstance(judged(policies=letting_in(ROLE)), RuledOut)
    through = {"StringEquals": {"kms:ViaService": VIA, "kms:CallerAccount": ACCOUNT}}
    assert isinstance(judged(policies=letting_in(ROLE, Condition=through)), RuledOut)


def test_a_secret_or_parameter_that_was_not_described_leaves_it_open():
    """
    Which key it has nobody saw, so the grant is named that would tell.
    """
    denied = unknown("DescribedSecrets")
    unseen = DescribedSecrets((), {SECRET: denied})
    dark = unknown("DescribedParameters")
    string = {"asked": asks(PARAMETER), "secrets": DescribedSecrets()}

    assert Undecided((denied,)) == judged(secrets=unseen)
    assert Undecided((denied,)) == judged(secrets=denied)
    assert Undecided((dark,)) == judged(parameters=dark, **string)
    assert planned(secrets=unseen) is None


def test_registry_credentials_that_were_not_described_leave_it_open():
    """
    Their key counts as well.
    """
    denied = Unknown("RegistrySecret", "denied", "secretsmanager:DescribeSecret")

    assert Undecided((denied,)) == judged(registry=denied, secrets=secrets())


@pytest.mark.parametrize("fact", ["keys", "policies"])
def test_an_unknown_key_or_policy_leaves_it_open(fact):
    """
    The key's policy decides, whatever the role's own say.
    """
    for permissions in (CLOSED, may_decrypt()):
        verdict = judged(permissions=permissions, **{fact: unknown(fact)})

        assert isinstance(verdict, Undecided)


def test_unknown_permissions_leave_it_open():
    """
    What nobody told is not decided.
    """
    assert isinstance(judged(permissions=unknown("KeyPermissions")), Undecided)


def test_a_role_that_lacks_it():
    """
    The key leaves it to the account, whose policies do not allow it.
    """
    verdict = judged()

    assert isinstance(verdict, Confirmed)
    assert "denied" == verdict.proof["kind"]
    assert well_worded(CAUSE, verdict)


@pytest.mark.parametrize(
    "policies",
    [
        letting_in(f"arn:aws:iam::{ACCOUNT}:role/another"),
        letting_in(ROLE, "Deny"),
        letting_in(
            ROLE, Condition={"StringEquals": {"kms:ViaService": "rds.eu-west-1.amazonaws.com"}}
        ),
    ],
)
def test_a_key_policy_that_keeps_the_role_out(policies):
    """
    Where the key's own policy is the fault the role is granted nothing.
    """
    verdict = judged(policies=policies, permissions=may_decrypt())

    assert "key-policy" == verdict.proof["kind"]
    assert well_worded(CAUSE, verdict)
    assert planned(policies=policies) is None


@pytest.mark.parametrize("state", ["Disabled", "PendingDeletion"])
def test_a_key_that_is_unusable(state):
    """
    Nobody decrypts with it, whatever they may.
    """
    verdict = judged(keys=keys(state=state), permissions=may_decrypt())

    assert ("unusable", state) == (verdict.proof["kind"], verdict.proof["state"])
    assert well_worded(CAUSE, verdict)


def test_refused_by_somebody_else():
    """
    Against a Deny no grant helps.
    """
    verdict = judged(permissions=may_decrypt("explicit-deny"))

    assert "stopped" == verdict.proof["kind"]
    assert well_worded(CAUSE, verdict)
    assert planned(permissions=may_decrypt("explicit-deny")) is None


def test_parameters_and_registry_secrets_are_decrypted_too():
    """
    A SecureString, and the secret with the credentials of a registry; a plain String is not.
    """
    registry = RegistrySecret(SECRET, SECRET, exists=True, kms_key=KEY)
    nothing = {"asked": WantedSecrets(), "secrets": DescribedSecrets()}
    string = {"asked": asks(PARAMETER), "secrets": DescribedSecrets()}
    key = keys(about={"PARAMETER_ARN": (PARAMETER,)})

    assert isinstance(judged(registry=registry, **nothing), Confirmed)
    secure = judged(parameters=parameters(type="SecureString", kms_key=KEY), keys=key, **string)
    assert isinstance(secure, Confirmed)
    assert isinstance(judged(parameters=parameters(kms_key=KEY), **string), RuledOut)


def test_plan_makes_the_verdict_ruled_out():
    """
    One key, and only through the service.
    """
    (statement,) = granted(planned())

    assert ("kms:Decrypt", KEY) == (statement["Action"], statement["Resource"])
    assert {"StringEquals": {"kms:ViaService": VIA}} == statement["Condition"]
    assert isinstance(judged(permissions=may_decrypt(), policies=key_policy(DELEGATES)), RuledOut)
    assert ["describe_key", "get_key_policy", "put_role_policy"] == [
        c.operation for c in advise(EXECUTION, keys())
    ]


def test_a_secret_by_its_name_alone():
    """
    The credentials of a sidecar may name their secret without an ARN, and its key without one.
    """
    found = secrets(secret("ghcr", arn=SECRET, kms_key=KEY.rpartition("/")[2]))
    verdict = judged(asked=asks(credentials="ghcr"), secrets=found)

    assert isinstance(verdict, Confirmed)
    assert KEY == verdict.proof["key"]


def test_no_role_is_another_cause():
    """
    A role that is not there is missing.
    """
    assert isinstance(judged(role=replace(EXECUTION, exists=False)), RuledOut)
