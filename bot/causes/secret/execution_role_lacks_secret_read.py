"""The execution role may not read a secret that the task asks for.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
"""

from __future__ import annotations

from bot.facts import (
    AttachedPolicies,
    DescribedSecrets,
    ExecutionRole,
    Recorded,
    SecretPermissions,
    SecretPolicies,
    Service,
    Subject,
    WantedSecrets,
)
from bot.model import Call, Cause, Plan, RuledOut, Unknown, Verdict
from bot.secret.reading import Reading, judged
from bot.secret.remedies import by_hand, grant, secret_read
from bot.secret.rights import of_kind, summed_up


def decide(
    subject: Subject,
    role: ExecutionRole,
    asked: WantedSecrets,
    secrets: DescribedSecrets | Unknown,
    permissions: SecretPermissions | Unknown,
    policies: SecretPolicies | Unknown,
    said: Recorded | Unknown,
) -> Verdict:
    if not role.exists:
        return RuledOut({"role": role.name})
    reading = Reading(subject.account, role, secrets, permissions, policies, said)
    return summed_up(judged(reading, asked))


def _closed(reading: Reading, asked: WantedSecrets) -> list[str]:
    """Return the ARNs of the secrets that only an Allow is missing for."""
    return [str(p["resource"]) for _, p in of_kind(judged(reading, asked), "denied")]


def plan(
    subject: Subject,
    service: Service,
    role: ExecutionRole,
    attached: AttachedPolicies,
    asked: WantedSecrets,
    secrets: DescribedSecrets | Unknown,
    permissions: SecretPermissions | Unknown,
    policies: SecretPolicies | Unknown,
    said: Recorded | Unknown,
) -> Plan | None:
    reading = Reading(subject.account, role, secrets, permissions, policies, said)
    arns = _closed(reading, asked) if role.exists else []
    return grant(subject, service, role, attached, [secret_read(arns)]) if arns else None


def advise(role: ExecutionRole, asked: WantedSecrets) -> tuple[Call, ...]:
    """Let the role read the secrets of this task, and no others."""
    arns = [w.arn for w in asked.of("secretsmanager")]
    return (by_hand(role, secret_read(arns)),) if arns else ()


CAUSE = Cause(
    id="execution-role-lacks-secret-read",
    group="secret",
    stage="S2",
    families=("secret-access-denied",),
    decide=decide,
    plan=plan,
    advise=advise,
)
