"""The fault is repaired, but ECS waits before it tries again, or has given the deployment up.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import takewhile
from typing import Literal

from bot.facts import Deployment, ImageReference, Now, Recorded, Service, StoppedTask
from bot.model import Call, Cause, Confirmed, Plan, RuledOut, Undecided, Unknown, Verdict
from bot.steps import deploys, redeploy

# That ECS waits between two tries, says its page on the throttle logic of services.
LONGEST = timedelta(minutes=27)
BREAKER = "circuit breaker"  # alarms and hooks end deployments as well, whose tasks did start
WAITS, STEADY = "unable to consistently start tasks successfully", "has reached a steady state"
ROLLS_BACK, DONE = "rolling back to deployment", "deployment completed"
# What ECS may have recorded that AWS shows wholly: whether it still holds can be told.
CHECKED = (
    "image-or-tag-not-found", "repository-not-found", "platform-mismatch", "invalid-reference",
    "ecr-auth-permission", "repository-policy-denied", "permissions-boundary-denied", "scp-denied",
    "vpc-endpoint-policy-denied", "layer-store-denied", "secret-access-denied", "secret-not-found",
    "secret-malformed", "kms-denied", "not-pull:role-assume",
)  # fmt: skip
# Of a way it is shown as far as AWS's own services.
REACHED = tuple(
    (family, target)
    for family in ("network-unreachable", "dns-failure")
    for target in ("ecr-api", "ecr-dkr", "s3-layers", "secretsmanager", "ssm")
)
# What an image in ECR is pulled from.
PULLED = ("ecr-api", "ecr-dkr", "s3-layers")
# What only a registry that we can read tells of an image.
READ = ("image-or-tag-not-found", "repository-not-found", "platform-mismatch", "invalid-reference")
State = Literal["gave-up", "rolled-back", "waits"]


def decide(
    service: Service, task: StoppedTask, recorded: Recorded, image: ImageReference, now: Now
) -> Verdict:
    state, said = _state(service, task), recorded.symptom
    if state is None:
        return RuledOut({"service": service.name})
    if not (said.recognised or said.family in CHECKED):
        return Undecided((Unknown("Recorded", "ECS has recorded nothing about this pull"),))
    elsewhere = image.registry != "ecr" and (said.family in READ or said.target in PULLED)
    known = said.family in CHECKED or (said.family, said.target) in REACHED
    if elsewhere or not known:
        return Undecided((Unknown("Recorded", "no API tells whether it still holds"),))
    failed = _failed(service)
    latest = task.stopped_at + LONGEST if state == "waits" and task.stopped_at else None
    return Confirmed(
        {
            "service": service.name,
            "state": state,
            "deploys": deploys(service),
            "deployment": failed.id if failed else None,
            "tasks": failed.failed_tasks if failed else None,
            "reason": failed.reason if failed else None,
            "tried_by": f"{latest:%Y-%m-%d %H:%M} UTC" if latest and latest > now.at else None,
            "definition": _named(service.definition),
            "failed": _named(task.definition),
        }
    )


def plan(service: Service, task: StoppedTask) -> Plan | None:
    """Have ECS start tasks now; what it rolled back, a person deploys again."""
    if _state(service, task) not in ("gave-up", "waits") or not deploys(service):
        return None
    return Plan((redeploy(service),), "medium")


def advise(service: Service, task: StoppedTask) -> tuple[Call, ...]:
    """Deploy once more what failed."""
    if _state(service, task) is None or not deploys(service):
        return ()
    named = {"cluster": service.cluster, "service": service.name}
    if _state(service, task) == "rolled-back":
        return (Call("ecs", "update_service", {**named, "taskDefinition": task.definition}),)
    return (Call("ecs", "update_service", {**named, "forceNewDeployment": True}),)


def _state(service: Service, task: StoppedTask) -> State | None:
    """Return how ECS holds the service back, None where it does not."""
    if not service.exists or not service.arn:
        return None
    if _failed(service):
        return "gave-up"
    if task.definition not in (None, service.definition) and _rolled_back(service.events):
        return "rolled-back"
    short = service.running < service.desired and not service.pending
    recent = takewhile(lambda e: STEADY not in e, service.events)
    return "waits" if short and any(WAITS in e for e in recent) else None


def _failed(service: Service) -> Deployment | None:
    """Return the deployment whose tasks did not start, so that the circuit breaker ended it."""
    given = (
        d for d in service.deployments if d.status == "PRIMARY" and d.rollout_state == "FAILED"
    )
    said = ((d, (d.reason or "").lower()) for d in given)
    return next((d for d, r in said if BREAKER in r and "health check" not in r), None)


def _rolled_back(events: Sequence[str]) -> bool:
    """Tell whether ECS has rolled back, and nobody has deployed anything since that works."""
    newer = list(takewhile(lambda e: ROLLS_BACK not in e, events))
    return len(newer) < len(events) and sum(DONE in e for e in newer) <= 1


def _named(definition: str | None) -> str | None:
    return definition and definition.rpartition("/")[2]


CAUSE = Cause(
    id="deployment-stalled",
    group="host",
    stage="S0",
    until="S8",
    families=("not-pull:deployment",),
    decide=decide,
    plan=plan,
    advise=advise,
    alone=True,
)
