"""What ECS can tell us: the task that failed, its service and its task definition."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from bot import symptom
from bot.aws.accounts import WorkloadAccount
from bot.aws.client import NotFound, together
from bot.aws.reference import same_image, split
from bot.facts import (
    AwsvpcConfiguration,
    Container,
    ContainerState,
    Deployment,
    SecretReference,
    Service,
    StoppedTask,
    Subject,
    TaskDefinition,
)
from bot.model import Call, CannotTell
from bot.symptom import Symptom

NEVER = datetime.min.replace(tzinfo=UTC)
TASKS_A_CALL = 100
FARGATE = ("FARGATE", "FARGATE_SPOT")
EXACT = re.compile(r":\d+$")


def stopped_task(here: WorkloadAccount, subject: Subject, asked: Symptom) -> StoppedTask:
    """The task that was named; else the newest one of the subject whose pull failed."""
    if subject.task:
        return next(iter(described(here, cluster_of(subject), [subject.task])), StoppedTask())
    failed = [t for t in _stopped(here, subject) if _failed_to_pull(t)]
    if subject.service is None and subject.task_definition is None and asked.entities.image:
        pasted = split(asked.entities.image, "")
        meant = [
            t for t in failed if any(same_image(split(c.image, ""), pasted) for c in t.containers)
        ]
        failed = meant or failed
    return next(iter(failed), StoppedTask())


def service(here: WorkloadAccount, subject: Subject, asked: Symptom) -> Service:
    """The service that was named; else the one that started the task."""
    name = subject.service
    if name is None:
        group = stopped_task(here, subject, asked).group or ""
        if not group.startswith("service:"):
            return Service()
        name = group.removeprefix("service:")
    params = {**cluster_of(subject), "services": [name]}
    try:
        found = here.call(Call("ecs", "describe_services", params))["services"]
    except NotFound:  # there is not even the cluster
        return Service(name=short(name))
    alive = [s for s in found if s.get("status") != "INACTIVE"]
    return service_from(alive[0]) if alive else Service(name=short(name), cluster=subject.cluster)


def task_definition(
    here: WorkloadAccount, subject: Subject, task: StoppedTask, owner: Service
) -> TaskDefinition:
    """The revision of the task that failed, or of the deployment that fails, or the one named."""
    failing = (d.definition for d in owner.deployments if failing_deployment(d))
    asked = subject.task_definition
    exact = asked if asked and EXACT.search(asked) else None  # a family alone names no revision
    named = (exact, task.definition, next(failing, None), asked, owner.definition)
    wanted = next((d for d in named if d), None)
    if wanted is None:
        raise CannotTell("no task definition is known")
    params = {"taskDefinition": wanted, "include": ["TAGS"]}
    try:
        answer = here.call(Call("ecs", "describe_task_definition", params))
    except NotFound:
        raise CannotTell(f"task definition {wanted} does not exist") from None
    tags = {"tags": answer["tags"]} if answer.get("tags") else {}
    return _definition({**answer["taskDefinition"], **tags})


def failing_deployment(deployment: Deployment) -> bool:
    """Tell whether tasks of *deployment* fail to start."""
    return deployment.rollout_state == "FAILED" or deployment.failed_tasks > 0


def cluster_of(subject: Subject) -> dict[str, str]:
    """Return the parameter that names the cluster; ECS takes its ``default`` for none."""
    for arn in (subject.service, subject.task):
        parts = (arn or "").split("/")
        if subject.cluster is None and len(parts) == 3:
            return {"cluster": parts[1]}
    return {"cluster": subject.cluster} if subject.cluster else {}


def short(name: str) -> str:
    """Return the name at the end of an ARN, or the name itself."""
    return name.rsplit("/", 1)[-1]


def _stopped(here: WorkloadAccount, subject: Subject) -> list[StoppedTask]:
    """Return the stopped tasks of the subject, newest first."""
    where: dict[str, str] = {**cluster_of(subject), "desiredStatus": "STOPPED"}
    if subject.service:
        where["serviceName"] = short(subject.service)
    elif subject.task_definition:
        where["family"] = short(subject.task_definition).partition(":")[0]
    try:
        arns = here.pages(Call("ecs", "list_tasks", where), "taskArns")
    except NotFound:
        return []
    found = [t for t in described(here, cluster_of(subject), arns) if _of_revision(t, subject)]
    return sorted(found, key=lambda t: t.stopped_at or t.created_at or NEVER, reverse=True)


def _of_revision(task: StoppedTask, subject: Subject) -> bool:
    """Tell whether *task* ran the revision that was named, where one was."""
    named = short(subject.task_definition or "")
    if subject.service or ":" not in named:
        return True
    return short(task.definition or "") == named


def described(
    here: WorkloadAccount, cluster: Mapping[str, str], arns: list[str]
) -> list[StoppedTask]:
    parts = [arns[i : i + TASKS_A_CALL] for i in range(0, len(arns), TASKS_A_CALL)]
    asked = (Call("ecs", "describe_tasks", {**cluster, "tasks": part}) for part in parts)
    try:
        answers = together(*(lambda c=call: here.call(c) for call in asked))
    except NotFound:
        return []
    return [_task(t) for answer in answers for t in answer["tasks"]]


def _failed_to_pull(task: StoppedTask) -> bool:
    if task.stop_code == "TaskFailedToStart":
        return True
    if task.stop_code == "UserInitiated":
        return False  # its reason is what somebody typed
    return bool(task.texts) and symptom.parse("\n".join(task.texts)).recognised


def _task(said: Mapping[str, Any]) -> StoppedTask:
    return StoppedTask(
        arn=said["taskArn"],
        definition=said.get("taskDefinitionArn"),
        stop_code=said.get("stopCode"),
        reason=said.get("stoppedReason") or "",
        containers=tuple(
            ContainerState(c.get("name", ""), c.get("image") or "", c.get("reason") or None)
            for c in said.get("containers", ())
        ),
        launch_type=said.get("launchType"),
        platform_version=said.get("platformVersion"),
        cpu_architecture=_value(said.get("attributes", ()), "ecs.cpu-architecture"),
        subnet=next(_subnets(said.get("attachments", ())), None),
        container_instance=said.get("containerInstanceArn"),
        group=said.get("group"),
        created_at=said.get("createdAt"),
        stopped_at=said.get("stoppedAt"),
    )


def _subnets(attachments: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for attachment in attachments:
        if subnet := _value(attachment.get("details", ()), "subnetId"):
            yield subnet


def _value(pairs: Iterable[Mapping[str, Any]], name: str) -> str | None:
    return next((p.get("value") for p in pairs if p.get("name") == name), None)


def service_from(said: Mapping[str, Any]) -> Service:
    """Return the service that ECS described."""
    providers = [p.get("capacityProvider") for p in said.get("capacityProviderStrategy", ())]
    fargate = bool(providers) and all(p in FARGATE for p in providers)
    return Service(
        name=said["serviceName"],
        arn=said["serviceArn"],
        exists=True,
        cluster=said.get("clusterArn"),
        definition=said.get("taskDefinition"),
        launch_type=said.get("launchType") or ("FARGATE" if fargate else None),
        platform_version=said.get("platformVersion"),
        awsvpc=_awsvpc(said),
        running=said.get("runningCount", 0),
        pending=said.get("pendingCount", 0),
        desired=said.get("desiredCount", 0),
        deployments=tuple(_deployment(d) for d in said.get("deployments", ())),
        events=tuple(e.get("message", "") for e in said.get("events", ())),
        controller=(said.get("deploymentController") or {}).get("type") or "ECS",
    )


def _deployment(said: Mapping[str, Any]) -> Deployment:
    return Deployment(
        id=said.get("id", ""),
        status=said.get("status", ""),
        definition=said.get("taskDefinition", ""),
        rollout_state=said.get("rolloutState"),
        reason=said.get("rolloutStateReason"),
        failed_tasks=said.get("failedTasks", 0),
        awsvpc=_awsvpc(said),
    )


def _awsvpc(said: Mapping[str, Any]) -> AwsvpcConfiguration | None:
    found = (said.get("networkConfiguration") or {}).get("awsvpcConfiguration")
    if not found:
        return None
    return AwsvpcConfiguration(
        subnets=tuple(found.get("subnets", ())),
        groups=tuple(found.get("securityGroups", ())),
        public_ip=found.get("assignPublicIp") == "ENABLED",
    )


def _definition(raw: Mapping[str, Any]) -> TaskDefinition:
    return TaskDefinition(
        arn=raw["taskDefinitionArn"],
        family=raw["family"],
        revision=raw["revision"],
        execution_role=raw.get("executionRoleArn") or None,
        task_role=raw.get("taskRoleArn") or None,
        network_mode=raw.get("networkMode"),
        containers=tuple(_container(c) for c in raw.get("containerDefinitions", ())),
        compatibilities=tuple(raw.get("requiresCompatibilities") or raw.get("compatibilities", ())),
        raw={k: v.isoformat() if isinstance(v, datetime) else v for k, v in raw.items()},
    )


def _container(said: Mapping[str, Any]) -> Container:
    logging = said.get("logConfiguration") or {}
    return Container(
        name=said["name"],
        image=said["image"],
        essential=said.get("essential", True),
        credentials=(said.get("repositoryCredentials") or {}).get("credentialsParameter"),
        secrets=tuple(SecretReference(s["name"], s["valueFrom"]) for s in said.get("secrets", ())),
        log_driver=logging.get("logDriver"),
        log_options=logging.get("options") or {},
    )


COLLECTORS = (stopped_task, service, task_definition)
