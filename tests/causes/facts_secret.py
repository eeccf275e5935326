"""Facts of a task that takes secrets and parameters, all of them readable, to be broken with ``replace``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bot.facts import (
    Container,
    DescribedParameter,
    DescribedParameters,
    DescribedSecret,
    DescribedSecrets,
    ExecutionRole,
    KeyPermissions,
    KeyPolicies,
    Permission,
    Recorded,
    SecretKey,
    SecretKeys,
    SecretPermissions,
    SecretPolicies,
    SecretReference,
    TaskDefinition,
    WantedSecrets,
)
from bot.secret.references import wanted
from bot.secret.rights import DECRYPT, READ, READ_PARAMETER, READ_PARAMETERS
from bot.symptom import parse
from tests.cases.healthy import ACCOUNT, DEFINITION, REGION, ROLE, TASK_ROLE, TRUST

OTHER = "333344445555"
EXECUTION = ExecutionRole(ROLE, "shop-execution", True, TRUST)
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:prod/db-AbCdEf"
FOREIGN = SECRET.replace(ACCOUNT, OTHER)
PARAMETER = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/prod/url"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1111-2222"
VIA = f"secretsmanager.{REGION}.amazonaws.com"
DELEGATES = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    ],
}


def task(
    *values: str, options: tuple[str, ...] = (), credentials: str | None = None
) -> TaskDefinition:
    """A task whose container takes these secrets, into ``VALUE_1`` and so on."""
    secrets = tuple(SecretReference(f"VALUE_{n}", v) for n, v in enumerate(values, 1))
    said: dict[str, Any] = {
        "name": "app",
        "image": "nginx:1",
        "secrets": [{"name": s.name, "valueFrom": s.value_from} for s in secrets],
    }
    if options:
        named = [{"name": f"option-{n}", "valueFrom": v} for n, v in enumerate(options, 1)]
        said["logConfiguration"] = {"logDriver": "splunk", "secretOptions": named}
    if credentials:
        said["repositoryCredentials"] = {"credentialsParameter": credentials}
    container = Container("app", "nginx:1", credentials=credentials, secrets=secrets)
    raw = {"family": "shop", "executionRoleArn": ROLE, "containerDefinitions": [said]}
    return TaskDefinition(
        DEFINITION, "shop", 7, ROLE, TASK_ROLE, "awsvpc", (container,), ("FARGATE",), raw
    )


def asks(*values: str, **more: Any) -> WantedSecrets:
    """What that task asks for."""
    return wanted(task(*values, **more), None, ACCOUNT, REGION)


def secret(asked: str = SECRET, **more: Any) -> DescribedSecret:
    """A secret that is there, with a value."""
    there: Mapping[str, Any] = {"arn": asked, "exists": True, "versions": {"v1": ("AWSCURRENT",)}}
    return DescribedSecret(asked, **{**there, **more})


def secrets(*items: DescribedSecret) -> DescribedSecrets:
    return DescribedSecrets(items or (secret(),))


def parameters(asked: str = PARAMETER, **more: Any) -> DescribedParameters:
    """A parameter that is there."""
    there: Mapping[str, Any] = {"name": "/prod/url", "exists": True, "type": "String"}
    return DescribedParameters((DescribedParameter(asked, **{**there, **more}),))


def may(
    decision: Any = "allowed", resource: str = SECRET, by: str | None = "identity"
) -> SecretPermissions:
    """What IAM decides on reading one secret."""
    return SecretPermissions((Permission(READ, resource, decision, by),))


def may_read_parameter(plural: Any, singular: Any = "implicit-deny") -> SecretPermissions:
    return SecretPermissions(
        (
            Permission(READ_PARAMETERS, PARAMETER, plural, "identity"),
            Permission(READ_PARAMETER, PARAMETER, singular, "identity"),
        )
    )


def may_decrypt(decision: Any = "allowed", by: str | None = "identity") -> KeyPermissions:
    return KeyPermissions((Permission(DECRYPT, KEY, decision, by),))


def keys(**more: Any) -> SecretKeys:
    """The customer's own key of the secret."""
    about = {"SecretARN": (SECRET,)}
    own: Mapping[str, Any] = {"arn": KEY, "customer": True, "state": "Enabled", "via": (VIA,)}
    return SecretKeys((SecretKey(KEY, **{**own, "about": about, **more}),))


def key_policy(document: Any = None) -> KeyPolicies:
    return KeyPolicies({KEY: document or DELEGATES})


def own_policy(principal: str | None, arn: str = SECRET, effect: str = "Allow") -> SecretPolicies:
    """The resource policy of the secret; None for none."""
    if principal is None:
        return SecretPolicies({arn: None})
    who = {"AWS": principal}
    statement = {"Effect": effect, "Principal": who, "Action": READ, "Resource": "*"}
    return SecretPolicies({arn: {"Version": "2012-10-17", "Statement": [statement]}})


def by_ecs(why: str, arn: str = SECRET) -> Recorded:
    """What ECS records about a secret that it could not fetch."""
    return Recorded(
        parse(
            "ResourceInitializationError: unable to pull secrets or registry auth: execution "
            "resource retrieval failed: unable to retrieve secret from asm: service call has been "
            f"retried 1 time(s): failed to fetch secret {arn} from secrets manager: {why}"
        )
    )


def by_ecs_of_parameters(why: str) -> Recorded:
    """What ECS records about parameters that it could not fetch."""
    return Recorded(
        parse(
            "ResourceInitializationError: unable to pull secrets or registry auth: execution "
            "resource retrieval failed: unable to retrieve secrets from ssm: service call has been "
            f"retried 1 time(s): {why}"
        )
    )


def refusal(action: str, resource: str) -> str:
    return (
        f"AccessDeniedException: User: arn:aws:sts::{ACCOUNT}:assumed-role/shop-execution/0123 is "
        f"not authorized to perform: {action} on resource: {resource} because no identity-based "
        f"policy allows the {action} action"
    )


def granted(plan: Any) -> list[Any]:
    """The statements of the inline policy that *plan* puts."""
    found: list[Any] = json.loads(plan.steps[0].do.params["PolicyDocument"])["Statement"]
    return found
