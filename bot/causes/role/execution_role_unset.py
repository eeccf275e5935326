"""The task definition names no execution role, although something in it needs one.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
"""

from __future__ import annotations

from bot.facts import (
    Container,
    ExecutionRole,
    ImageReference,
    LaunchType,
    Platform,
    Service,
    TaskDefinition,
)
from bot.model import Call, Cause, Confirmed, RuledOut, Undecided, Unknown, Verdict
from bot.remedies import with_role


def decide(
    definition: TaskDefinition,
    role: ExecutionRole,
    image: ImageReference,
    platform: Platform | Unknown,
) -> Verdict:
    seen = {
        "definition": f"{definition.family}:{definition.revision}",
        "container": image.container,
        "role": role.name,
    }
    if role.arn is not None:
        return RuledOut(seen)
    if isinstance(platform, Unknown):
        return Undecided((platform,)) if _needs(definition, image, "FARGATE") else RuledOut(seen)
    # On EC2 the instance role pulls where there is no execution role.
    needs = _needs(definition, image, platform.launch_type)
    if platform.launch_type == "EC2" or not needs:
        return RuledOut(seen)
    return Confirmed({**seen, "needs": needs, "platform": platform.launch_type})


def _needs(definition: TaskDefinition, image: ImageReference, launched: LaunchType) -> list[str]:
    """Return what asks for an execution role: image, credentials, secrets, logs."""

    def any_of(has: str, containers: tuple[Container, ...]) -> bool:
        return any(getattr(c, has) for c in containers)

    wants = {
        "image": image.registry == "ecr",
        "credentials": any_of("credentials", definition.containers),
        "secrets": any_of("secrets", definition.containers),
        "logs": launched == "FARGATE"
        and any(c.log_driver == "awslogs" for c in definition.containers),
    }
    return [name for name, holds in wants.items() if holds]


def advise(definition: TaskDefinition, service: Service) -> tuple[Call, ...]:
    return with_role(definition, service)


CAUSE = Cause(
    id="execution-role-unset",
    group="role",
    stage="S1",
    until="S5",
    families=("ecr-auth-permission", "not-pull:role-assume", "secret-access-denied"),
    decide=decide,
    advise=advise,
)
