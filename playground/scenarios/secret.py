"""Services that do not get a secret, a parameter or a log group."""

from __future__ import annotations

import json
from typing import Any

from playground.scenarios.documents import LOG_ACTIONS, PULL_ACTIONS, allow
from playground.scenarios.lab import PULL_POLICY, Lab
from playground.scenarios.places import REGISTRY, TOKYO, VIRGINIA, WORKLOAD
from playground.scenarios.rows import Scenario, own_image, scenario

READ = "secretsmanager:GetSecretValue"
PULL = ["ecr:GetAuthorizationToken", *PULL_ACTIONS, *LOG_ACTIONS]
VALUE = json.dumps({"user": "shop", "password": "example"})


def _secret(lab: Lab, s: Scenario, account: str = WORKLOAD, **more: Any) -> str:
    """Make a secret of the service, and return its ARN."""
    secrets = lab.aws("secretsmanager", account, s.region)
    given = {"SecretString": VALUE, **more}
    made = secrets.create_secret(Name=f"{s.service}/db", **{k: v for k, v in given.items() if v})
    return str(made["ARN"])


def _run(lab: Lab, s: Scenario, role: str, **asked: str) -> None:
    """Let a service ask for these secrets."""
    image, network = own_image(lab, s), lab.network(s.region)
    lab.service(s.service, image, network, region=s.region, role=role, secrets=asked)


def _reading_role(lab: Lab, s: Scenario, actions: Any = READ) -> str:
    """Make an execution role that may pull, and *actions* on everything."""
    return lab.role(f"{s.service}-execution", managed=[PULL_POLICY], inline=allow(actions))


@scenario(
    "execution-role-lacks-secret-read",
    "orders",
    TOKYO,
    "The role may pull, but not read the secret",
)
def _lacks_secret(lab: Lab, s: Scenario) -> None:
    _run(lab, s, lab.pulling_role(s.service), DB_URL=_secret(lab, s))


@scenario(
    "execution-role-lacks-parameter-read",
    "tariffs",
    TOKYO,
    "GetParameter is granted, not GetParameters",
)
def _lacks_parameter(lab: Lab, s: Scenario) -> None:
    name = f"/{s.service}/url"
    lab.aws("ssm", WORKLOAD, s.region).put_parameter(Name=name, Type="String", Value="example")
    _run(lab, s, _reading_role(lab, s, "ssm:GetParameter"), URL=name)


@scenario("execution-role-lacks-decrypt", "vault", TOKYO, "The secret has a key of its own")
def _lacks_decrypt(lab: Lab, s: Scenario) -> None:
    key = lab.aws("kms", WORKLOAD, s.region).create_key(Description=s.service)["KeyMetadata"]["Arn"]
    _run(lab, s, _reading_role(lab, s), TOKEN=_secret(lab, s, KmsKeyId=key))


@scenario("secret-missing", "accounts", VIRGINIA, "The secret was made anew, under another ARN")
def _missing(lab: Lab, s: Scenario) -> None:
    old = _secret(lab, s)
    secrets = lab.aws("secretsmanager", WORKLOAD, s.region)
    secrets.delete_secret(SecretId=old, ForceDeleteWithoutRecovery=True)
    _secret(lab, s)
    _run(lab, s, _reading_role(lab, s), PASSWORD=f"{old}:password::")


@scenario("secret-pending-deletion", "archive", TOKYO, "The secret waits for its deletion")
def _deleted(lab: Lab, s: Scenario) -> None:
    arn = _secret(lab, s)
    secrets = lab.aws("secretsmanager", WORKLOAD, s.region)
    secrets.delete_secret(SecretId=arn, RecoveryWindowInDays=14)
    _run(lab, s, _reading_role(lab, s), DB_URL=arn)


@scenario(
    "secret-reference-malformed", "profile", TOKYO, "The colons after the JSON key are missing"
)
def _malformed(lab: Lab, s: Scenario) -> None:
    _run(lab, s, _reading_role(lab, s), PASSWORD=f"{_secret(lab, s)}:password")


@scenario("parameter-missing", "geo", VIRGINIA, "The parameter was never made")
def _no_parameter(lab: Lab, s: Scenario) -> None:
    role = _reading_role(lab, s, "ssm:GetParameters")
    _run(lab, s, role, API_KEY=f"/{s.service}/api-key")


@scenario("secret-version-missing", "tax", VIRGINIA, "The secret has no value yet")
def _no_version(lab: Lab, s: Scenario) -> None:
    _run(lab, s, _reading_role(lab, s), DB_URL=_secret(lab, s, SecretString=None))


@scenario("secret-json-key-missing", "users", TOKYO, "The secret has no such key")
def _no_key(lab: Lab, s: Scenario) -> None:
    _run(lab, s, _reading_role(lab, s), PASSWORD=f"{_secret(lab, s)}:passwd::")


@scenario("secret-in-other-account", "partners", TOKYO, "The owner does not share the secret")
def _foreign(lab: Lab, s: Scenario) -> None:
    kms = lab.aws("kms", REGISTRY, s.region)
    key = kms.create_key(Description="shared")["KeyMetadata"]["Arn"]
    _run(
        lab,
        s,
        _reading_role(lab, s, [READ, "kms:Decrypt"]),
        TOKEN=_secret(lab, s, REGISTRY, KmsKeyId=key),
    )


@scenario("log-group-missing", "events", TOKYO, "The log group was never made")
def _no_log_group(lab: Lab, s: Scenario) -> None:
    image, role = own_image(lab, s), lab.pulling_role(s.service)
    lab.service(
        s.service, image, lab.network(s.region), region=s.region, role=role,
        log_group=f"/ecs/{s.service}",
    )  # fmt: skip
