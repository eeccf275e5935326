"""Recorded services that are broken by a secret, a parameter or a log group."""

from __future__ import annotations

from dataclasses import replace

from bot.facts import (
    DescribedParameters,
    DescribedSecret,
    DescribedSecrets,
    KeyPermissions,
    KeyPolicies,
    LogGroup,
    LogGroups,
    SecretKeys,
    SecretPermissions,
    SecretPolicies,
    TaskDefinition,
    WantedSecrets,
)
from tests.cases.building import Facts, case
from tests.cases.healthy import ACCOUNT, HEALTHY, REGION, WHEN
from tests.causes.facts_secret import (
    FOREIGN,
    KEY,
    PARAMETER,
    SECRET,
    asks,
    key_policy,
    keys,
    may,
    may_decrypt,
    may_read_parameter,
    own_policy,
    parameters,
    secret,
    secrets,
    task,
)

NO_KEY = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource "
    "retrieval failed: unable to retrieve secret from asm: service call has been retried 1 "
    "time(s): retrieved secret from Secrets Manager did not contain json key password"
)
NO_GROUP = (
    "ResourceInitializationError: failed to validate logger args: create stream has been retried "
    "1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log "
    "group does not exist. : exit status 1"
)
TRAP = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:db-secret"
GROUP = "/ecs/shop"


def asking(*values: str, **more: object) -> Facts:
    """The healthy service, with secrets that it may read."""
    found = replace(task(*values), containers=(
        replace(HEALTHY[TaskDefinition].containers[0], secrets=task(*values).containers[0].secrets),
    ))  # fmt: skip
    return {TaskDefinition: found, WantedSecrets: asks(*values), **more}


READABLE: Facts = {
    DescribedSecrets: secrets(),
    SecretPermissions: may(),
    SecretPolicies: SecretPolicies(),
}
ENCRYPTED: Facts = {
    **READABLE,
    DescribedSecrets: secrets(secret(kms_key=KEY)),
    SecretKeys: keys(),
    KeyPolicies: key_policy(),
    KeyPermissions: may_decrypt(),
}
HEALTHY_SECRETS: dict[str, Facts] = {
    "healthy/secret": case(asking(f"{SECRET}:password::"), READABLE),
    "healthy/encrypted-secret": case(asking(SECRET), ENCRYPTED),
    "healthy/parameter": case(
        asking(PARAMETER),
        {DescribedParameters: parameters(), SecretPermissions: may_read_parameter("allowed")},
    ),
    "healthy/log-group": case(
        {LogGroups: LogGroups((LogGroup(GROUP, "app", REGION, "arn", exists=True),))}
    ),
}
CASES: dict[str, Facts] = {
    "execution-role-lacks-secret-read": case(
        asking(SECRET),
        READABLE,
        {SecretPermissions: may("implicit-deny"), SecretPolicies: own_policy(None)},
    ),
    "execution-role-lacks-parameter-read": case(
        asking(PARAMETER),
        {
            DescribedParameters: parameters(),
            SecretPermissions: may_read_parameter("implicit-deny", "allowed"),
        },
    ),
    "execution-role-lacks-decrypt": case(
        asking(SECRET), ENCRYPTED, {KeyPermissions: may_decrypt("implicit-deny")}
    ),
    "secret-missing": case(
        asking(SECRET),
        {
            DescribedSecrets: DescribedSecrets(
                (DescribedSecret(SECRET, anew=f"{SECRET[:-6]}GhIjKl"),)
            )
        },
    ),
    "secret-pending-deletion": case(
        asking(SECRET), READABLE, {DescribedSecrets: secrets(secret(deleted_at=WHEN))}
    ),
    "secret-reference-malformed": case(asking(f"{SECRET}:password")),
    "secret-reference-malformed/whole": case(
        asking(TRAP),
        {DescribedSecrets: DescribedSecrets((DescribedSecret(TRAP, whole=f"{TRAP}-AbCdEf"),))},
    ),
    "parameter-missing": case(
        asking("/prod/url"),
        {DescribedParameters: parameters(exists=False, name=None)},
    ),
    "secret-version-missing": case(
        asking(SECRET), READABLE, {DescribedSecrets: secrets(secret(versions={}))}
    ),
    "secret-json-key-missing": case(asking(f"{SECRET}:password::"), READABLE, text=NO_KEY),
    "secret-in-other-account": case(
        asking(FOREIGN),
        {
            DescribedSecrets: secrets(secret(FOREIGN)),
            SecretPermissions: may(resource=FOREIGN),
            SecretPolicies: own_policy(None, FOREIGN),
        },
    ),
    "log-group-missing": case(
        {
            LogGroups: LogGroups(
                (
                    LogGroup(
                        GROUP, "app", REGION, f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{GROUP}:*"
                    ),
                )
            )
        },
        text=NO_GROUP,
    ),
}
