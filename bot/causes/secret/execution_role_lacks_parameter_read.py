"""The execution role may not read a parameter of Systems Manager that the task asks for.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
"""

from __future__ import annotations

from bot.facts import (
    AttachedPolicies,
    DescribedParameters,
    ExecutionRole,
    Recorded,
    SecretPermissions,
    Service,
    Subject,
    WantedSecrets,
)
from bot.model import Call, Cause, Plan, RuledOut, Unknown, Verdict
from bot.secret.reading import judged_parameters
from bot.secret.remedies import by_hand, grant, parameter_read
from bot.secret.rights import of_kind, summed_up


def decide(
    role: ExecutionRole,
    asked: WantedSecrets,
    parameters: DescribedParameters | Unknown,
    permissions: SecretPermissions | Unknown,
    said: Recorded | Unknown,
) -> Verdict:
    if not role.exists:
        return RuledOut({"role": role.name})
    return summed_up(judged_parameters(role, asked, parameters, permissions, said))


def plan(
    subject: Subject,
    service: Service,
    role: ExecutionRole,
    attached: AttachedPolicies,
    asked: WantedSecrets,
    parameters: DescribedParameters | Unknown,
    permissions: SecretPermissions | Unknown,
    said: Recorded | Unknown,
) -> Plan | None:
    judged = judged_parameters(role, asked, parameters, permissions, said) if role.exists else []
    arns = [w.arn for w, _ in of_kind(judged, "denied", "singular")]
    return grant(subject, service, role, attached, [parameter_read(arns)]) if arns else None


def advise(role: ExecutionRole, asked: WantedSecrets) -> tuple[Call, ...]:
    """Let the role read the parameters of this task, and no others."""
    arns = [w.arn for w in asked.of("ssm")]
    return (by_hand(role, parameter_read(arns)),) if arns else ()


CAUSE = Cause(
    id="execution-role-lacks-parameter-read",
    group="secret",
    stage="S2",
    families=("secret-access-denied",),
    decide=decide,
    plan=plan,
    advise=advise,
)
