"""The customer's KMS key of a secret or parameter does not decrypt for the execution role.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
"""

from __future__ import annotations

from bot.facts import (
    AttachedPolicies,
    DescribedParameters,
    DescribedSecrets,
    ExecutionRole,
    KeyPermissions,
    KeyPolicies,
    Recorded,
    RegistrySecret,
    SecretKeys,
    Service,
    Subject,
    WantedSecrets,
)
from bot.model import Call, Cause, Plan, RuledOut, Unknown, Verdict
from bot.secret.decrypting import Decrypting, encrypted, judged
from bot.secret.remedies import by_hand, decrypt, grant
from bot.secret.rights import of_kind, summed_up


def decide(
    subject: Subject,
    role: ExecutionRole,
    asked: WantedSecrets,
    secrets: DescribedSecrets | Unknown,
    parameters: DescribedParameters | Unknown,
    registry: RegistrySecret | Unknown,
    keys: SecretKeys | Unknown,
    permissions: KeyPermissions | Unknown,
    policies: KeyPolicies | Unknown,
    said: Recorded | Unknown,
) -> Verdict:
    if not role.exists:
        return RuledOut({"role": role.name})
    by = Decrypting(subject.account, role, keys, permissions, policies, said)
    return summed_up(judged(by, encrypted(asked, secrets, parameters, registry)))


def plan(
    subject: Subject,
    service: Service,
    role: ExecutionRole,
    attached: AttachedPolicies,
    asked: WantedSecrets,
    secrets: DescribedSecrets | Unknown,
    parameters: DescribedParameters | Unknown,
    registry: RegistrySecret | Unknown,
    keys: SecretKeys | Unknown,
    permissions: KeyPermissions | Unknown,
    policies: KeyPolicies | Unknown,
    said: Recorded | Unknown,
) -> Plan | None:
    by = Decrypting(subject.account, role, keys, permissions, policies, said)
    found = judged(by, encrypted(asked, secrets, parameters, registry)) if role.exists else []
    closed = {str(p["key"]): p["via"] for _, p in of_kind(found, "denied")}
    return grant(subject, service, role, attached, [decrypt(k, v) for k, v in closed.items()])


def advise(role: ExecutionRole, keys: SecretKeys | Unknown) -> tuple[Call, ...]:
    """Look at the key and at its policy, and let the role use it through the service alone."""
    if isinstance(keys, Unknown):
        return ()
    own = [k for k in keys.items if k.customer and k.arn]
    shown = [
        Call("kms", operation, {"KeyId": k.arn, **more})
        for k in own
        for operation, more in (
            ("describe_key", {}),
            ("get_key_policy", {"PolicyName": "default"}),
        )
    ]
    return (*shown, *(by_hand(role, decrypt(k.arn or "", k.via)) for k in own))


CAUSE = Cause(
    id="execution-role-lacks-decrypt",
    group="secret",
    stage="S2",
    until="S3",
    families=("kms-denied",),
    decide=decide,
    plan=plan,
    advise=advise,
)
