"""The execution role that the task definition names does not exist in the account of the task.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
"""

from __future__ import annotations

from bot.facts import ExecutionRole, Service, Subject, TaskDefinition
from bot.model import Call, Cause, Confirmed, RuledOut, Verdict
from bot.remedies import with_role


def decide(subject: Subject, definition: TaskDefinition, role: ExecutionRole) -> Verdict:
    written = definition.execution_role or ""
    seen = {
        "role": role.name,
        "written": written,
        "arn": role.arn,
        "account": subject.account,
        "definition": f"{definition.family}:{definition.revision}",
    }
    if role.arn is None:
        return RuledOut(seen)
    if not role.exists:
        return Confirmed({**seen, "why": "account" if _foreign(written, subject) else "gone"})
    # IAM finds a role by its name alone; ECS assumes it by the whole ARN, path included.
    if written.startswith("arn:") and written != role.arn:
        return Confirmed({**seen, "why": "path"})
    return RuledOut(seen)


def _foreign(written: str, subject: Subject) -> bool:
    return written.startswith("arn:") and written.split(":")[4] != subject.account


def advise(definition: TaskDefinition, service: Service) -> tuple[Call, ...]:
    return with_role(definition, service)


CAUSE = Cause(
    id="execution-role-missing",
    group="role",
    stage="S1",
    families=("not-pull:role-assume", "ecr-auth-permission"),
    decide=decide,
    advise=advise,
)
