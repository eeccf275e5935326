"""Secrets, parameters, keys and log groups: asked where they belong, once, and only where needed."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.aws.accounts import WorkloadAccount
from bot.aws.client import NotFound
from bot.aws.secret_keys import key_permissions, key_policies, secret_keys, secret_permissions
from bot.aws.secret_store import (
    described_parameters,
    described_secrets,
    log_groups,
    secret_policies,
    wanted_secrets,
)
from bot.facts import (
    Container,
    DescribedParameters,
    DescribedSecret,
    DescribedSecrets,
    LogGroups,
    RegistrySecret,
    SecretKeys,
    SecretPermissions,
    Subject,
    TaskDefinition,
    WantedSecrets,
)
from bot.model import CannotTell, Unknown
from tests.causes.facts import NOTHING_RECORDED
from tests.causes.facts_secret import (
    EXECUTION,
    FOREIGN,
    KEY,
    OTHER,
    PARAMETER,
    SECRET,
    asks,
    by_ecs,
    keys,
    may,
    parameters,
    refusal,
    secret,
    secrets,
    task,
)

SUBJECT = Subject("222233334444", "eu-west-1")
NAMED = "arn:aws:secretsmanager:eu-west-1:222233334444:secret:db-secret"
DENIED = CannotTell("denied secretsmanager:DescribeSecret", "secretsmanager:DescribeSecret")


class Elsewhere:
    """The doors to other accounts."""

    def __init__(self, door=None):
        self.door, self.entered = door, []

    def read(self, account, region):
        self.entered.append((account, region))
        if self.door is None:
            raise CannotTell(f"account {account} is not configured")
        return self.door


def answer(arn=SECRET, **more):
    return {"ARN": arn, "Name": arn.rpartition(":")[2][:-7], **more}


def test_a_task_without_secrets_costs_no_call(door):
    """
    Nothing is asked where the task definition asks for nothing.
    """
    away, none = door({}), WantedSecrets()
    here, elsewhere = WorkloadAccount(away), Elsewhere()
    found = described_secrets(here, elsewhere, none)
    listed = described_parameters(here, elsewhere, none)
    own = secret_keys(here, elsewhere, none, found, listed, RegistrySecret(None))

    assert (DescribedSecrets(), DescribedParameters(), SecretKeys()) == (found, listed, own)
    assert SecretPermissions() == secret_permissions(here, EXECUTION, none, found, listed)
    assert not key_permissions(here, EXECUTION, own).items
    assert not key_policies(here, elsewhere, own).items
    assert not secret_policies(
        here, elsewhere, none, found, SecretPermissions(), NOTHING_RECORDED
    ).items
    assert LogGroups() == log_groups(here, SUBJECT, task())
    assert ([], []) == (away.asked, elsewhere.entered)


def test_a_secret_as_it_is_described(door):
    """
    One call for a secret, however often it is asked for; its value is not among what is told.
    """
    gone = datetime(2026, 2, 1, tzinfo=UTC)
    said = answer(
        DeletedDate=gone, KmsKeyId=KEY, VersionIdsToStages={"v1": ["AWSCURRENT"]},
        Tags=[{"Key": "team", "Value": "shop"}], OwningService="rds",
    )  # fmt: skip
    away = door({"describe_secret": said})
    asked = asks(f"{SECRET}:user::", f"{SECRET}:password::")
    (found,) = described_secrets(WorkloadAccount(away), Elsewhere(), asked).items

    assert DescribedSecret(
        SECRET, SECRET, True, gone, KEY, {"v1": ("AWSCURRENT",)}, {"team": "shop"}, "rds"
    ) == found  # fmt: skip
    assert [{"SecretId": SECRET}] == [c.params for c in away.asked]


def test_a_missing_secret_and_its_namesakes(door):
    """
    A name that ends like an ARN is looked for as a whole, and without its end.
    """

    def known(params):
        names = {"db-secret": f"{NAMED}-AbCdEf"}
        if params["SecretId"] in names:
            return {"ARN": names[params["SecretId"]], "Name": params["SecretId"]}
        raise NotFound("ResourceNotFoundException")

    (found,) = described_secrets(
        WorkloadAccount(door({"describe_secret": known})), Elsewhere(), asks(NAMED)
    ).items

    assert DescribedSecret(NAMED, whole=f"{NAMED}-AbCdEf") == found


def test_each_secret_in_the_account_that_owns_it(door):
    """
    Another account's is read through its own role; one that is not configured stays unseen.
    """
    here, there = door({"describe_secret": answer()}), door({"describe_secret": answer(FOREIGN)})
    elsewhere = Elsewhere(there)
    found = described_secrets(WorkloadAccount(here), elsewhere, asks(SECRET, FOREIGN))

    assert [SECRET, FOREIGN] == [s.arn for s in found.items]
    assert [(OTHER, "eu-west-1")] == elsewhere.entered
    alone = described_secrets(WorkloadAccount(here), Elsewhere(), asks(SECRET, FOREIGN))
    assert [SECRET] == [s.arn for s in alone.items]
    assert isinstance(alone.of(FOREIGN), Unknown)


def test_where_nothing_could_be_told_the_fact_is_unknown(door):
    """
    The grant that would help reaches the reader.
    """
    here = WorkloadAccount(door({"describe_secret": DENIED}))

    with pytest.raises(CannotTell) as refused:
        described_secrets(here, Elsewhere(), asks(SECRET))

    assert "secretsmanager:DescribeSecret" == refused.value.grant


def test_parameters_are_listed_in_one_call(door):
    """
    Names and ARNs together; of what is listed each gets its own.
    """
    listed = [{"Name": "/prod/url", "Type": "SecureString", "KeyId": KEY}, {"Name": "/token"}]
    away = door({"describe_parameters": {"Parameters": listed}})
    found = described_parameters(
        WorkloadAccount(away), Elsewhere(), asks(PARAMETER, "token", "/gone")
    )

    assert [True, False, False] == [p.exists for p in found.items]
    assert ("/prod/url", "SecureString", KEY) == (
        found.items[0].name, found.items[0].type, found.items[0].kms_key,
    )  # fmt: skip
    assert "/token" == found.items[1].similar
    assert 1 == len(away.asked)


def test_policies_are_read_where_they_decide(door):
    """
    Of another account's secret, of one that is closed, or after a recorded refusal.
    """
    document = {"Version": "2012-10-17", "Statement": []}
    away = door({"get_resource_policy": {"ResourcePolicy": json.dumps(document)}})
    here, refused = WorkloadAccount(away), by_ecs(refusal("x:Y", SECRET))

    def read(permissions, said=NOTHING_RECORDED, asked=None, found=None):
        return secret_policies(
            here, Elsewhere(away), asked or asks(SECRET), found or secrets(), permissions, said
        ).items

    assert {} == read(may())
    for items in (read(may("implicit-deny")), read(may(), refused)):
        assert {SECRET: document} == items
    foreign = read(may(resource=FOREIGN), asked=asks(FOREIGN), found=secrets(secret(FOREIGN)))
    assert {FOREIGN: document} == foreign


def test_a_secret_without_a_policy(door):
    """
    That there is none is an answer.
    """
    away = door({"get_resource_policy": {"ARN": SECRET}})
    found = secret_policies(
        WorkloadAccount(away), Elsewhere(), asks(SECRET), secrets(), may("implicit-deny"), NOTHING_RECORDED
    )  # fmt: skip

    assert {SECRET: None} == found.items


def test_keys_of_the_customer(door):
    """
    A key is described once for all that it encrypts; its policy is read where it is the customer's.
    """
    policy = {"Version": "2012-10-17", "Statement": []}
    metadata = {"KeyMetadata": {"Arn": KEY, "KeyManager": "CUSTOMER", "KeyState": "Enabled"}}
    away = door({"describe_key": metadata, "get_key_policy": {"Policy": json.dumps(policy)}})
    here, asked = WorkloadAccount(away), asks(SECRET, PARAMETER)
    found = secret_keys(
        here, Elsewhere(), asked, secrets(secret(kms_key=KEY)),
        parameters(type="SecureString", kms_key=KEY), RegistrySecret(None),
    )  # fmt: skip

    (key,) = found.items
    assert (KEY, True, "Enabled") == (key.arn, key.customer, key.state)
    assert {"SecretARN": (SECRET,), "PARAMETER_ARN": (PARAMETER,)} == key.about
    assert {KEY: policy} == key_policies(here, Elsewhere(), found).items
    assert ["describe_key", "get_key_policy"] == [c.operation for c in away.asked]


def test_a_key_that_is_not_there(door):
    """
    A key that is gone is no customer's, and nothing more is asked about it.
    """
    here = WorkloadAccount(door({}))
    found = secret_keys(
        here, Elsewhere(), asks(SECRET), secrets(secret(kms_key=KEY)), DescribedParameters(),
        RegistrySecret(None),
    )  # fmt: skip

    assert [(None, False)] == [(k.arn, k.customer) for k in found.items]
    assert {} == key_policies(here, Elsewhere(), found).items


def simulated(params):
    results = [{"EvalActionName": a, "EvalDecision": "allowed"} for a in params["ActionNames"]]
    return {"EvaluationResults": results}


def test_one_simulation_for_each_resource(door):
    """
    With the tags of the secret; a secret that is not there is not asked about.
    """
    away = door({"simulate_principal_policy": simulated})
    found = secret_permissions(
        WorkloadAccount(away), EXECUTION, asks(SECRET, PARAMETER, NAMED),
        secrets(secret(tags={"team": "shop"}), DescribedSecret(NAMED)), parameters(),
    )  # fmt: skip

    asked = {c.params["ResourceArns"][0]: c.params for c in away.asked}
    assert {SECRET, PARAMETER} == set(asked)
    assert ["ssm:GetParameters", "ssm:GetParameter"] == asked[PARAMETER]["ActionNames"]
    tags = {e["ContextKeyName"]: e["ContextKeyValues"] for e in asked[SECRET]["ContextEntries"]}
    assert ["shop"] == tags["secretsmanager:ResourceTag/team"]
    assert {"allowed"} == {p.decision for p in found.items}


def test_decrypting_is_asked_as_the_service_asks(door):
    """
    Through the service, and with what is decrypted as the context.
    """
    away = door({"simulate_principal_policy": simulated})
    key_permissions(WorkloadAccount(away), EXECUTION, keys())

    (call,) = away.asked
    entries = {e["ContextKeyName"]: e["ContextKeyValues"] for e in call.params["ContextEntries"]}
    assert ["secretsmanager.eu-west-1.amazonaws.com"] == entries["kms:ViaService"]
    assert [SECRET] == entries["kms:EncryptionContext:SecretARN"]


def test_of_many_secrets_the_policies_are_read_once(door):
    """
    Beyond a few resources a simulation for each would be more calls than reading the policies.
    """
    many = [f"/prod/{n}" for n in range(20)]
    asked = asks(*many)
    found = DescribedParameters(
        tuple(replace(parameters().items[0], asked=w.arn) for w in asked.items)
    )
    away = door(
        {
            "list_attached_role_policies": {"AttachedPolicies": []},
            "list_role_policies": {"PolicyNames": []},
            "get_role": {"Role": {}},
        }
    )
    permissions = secret_permissions(
        WorkloadAccount(away), EXECUTION, asked, DescribedSecrets(), found
    )

    assert ("evaluated", {"implicit-deny"}) == (
        permissions.how, {p.decision for p in permissions.items},
    )  # fmt: skip
    assert 3 == len(away.asked)


def logging(**options):
    said = {f"awslogs-{k.replace('_', '-')}": v for k, v in options.items()}
    return Container("app", "nginx:1", log_driver="awslogs", log_options=said)


def defined(*containers):
    return TaskDefinition("arn", "shop", 7, None, None, "awsvpc", containers)


def test_log_groups_that_must_be_there(door):
    """
    By the exact name, in the Region of the log driver; one that is made at the start is not asked for.
    """
    near = {"logGroups": [{"logGroupName": "/ecs/shop-too"}]}
    away = door({"describe_log_groups": near})
    made = logging(group="/ecs/made", create_group="true")
    other = Container("x", "nginx:1", log_driver="splunk")
    found = log_groups(
        WorkloadAccount(away), SUBJECT, defined(logging(group="/ecs/shop", region="us-east-1"), made, other)
    )  # fmt: skip

    assert [("/ecs/shop", "us-east-1", False)] == [
        (g.name, g.region, g.exists) for g in found.items
    ]
    there = door({"describe_log_groups": {"logGroups": [{"logGroupName": "/ecs/shop"}]}})
    (group,) = log_groups(
        WorkloadAccount(there), SUBJECT, defined(logging(group="/ecs/shop"))
    ).items
    assert (True, "arn:aws:logs:eu-west-1:222233334444:log-group:/ecs/shop:*") == (
        group.exists, group.arn,
    )  # fmt: skip


def test_what_is_wanted_needs_no_call():
    """
    The task definition tells it all; without an image every credential counts.
    """
    found = wanted_secrets(
        SUBJECT, task(SECRET, credentials=FOREIGN), Unknown("ImageReference", "x")
    )

    assert [SECRET, FOREIGN] == [w.arn for w in found.items]
