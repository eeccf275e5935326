"""The steps on task definitions and services: each with its inverse, and only what it changes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.facts import AwsvpcConfiguration, Service, TaskDefinition
from bot.model import Call, Plan, Risk, Step, answer

JSON = Any

# What RegisterTaskDefinition takes of what DescribeTaskDefinition tells.
REGISTERED = (
    "family", "taskRoleArn", "executionRoleArn", "networkMode", "containerDefinitions", "volumes",
    "placementConstraints", "requiresCompatibilities", "cpu", "memory", "pidMode", "ipcMode",
    "proxyConfiguration", "inferenceAccelerators", "ephemeralStorage", "runtimePlatform",
    "enableFaultInjection", "trustedExecutionConfiguration",
)  # fmt: skip
MARK = {"key": "ecs-pull", "value": "fix"}


def with_images(
    service: Service, definition: TaskDefinition, images: Mapping[str, str], risk: Risk = "medium"
) -> Plan | None:
    """Return the plan that gives each container named in *images* that image; None if it cannot."""
    steps = revision(service, definition, {name: {"image": i} for name, i in images.items()})
    return Plan(steps, risk) if steps else None


def with_settings(
    service: Service, definition: TaskDefinition, settings: Mapping[str, JSON], risk: Risk
) -> Plan | None:
    """Return the plan that gives the task *settings*, beside its containers; None if it cannot."""
    return Plan(steps, risk) if (steps := revision(service, definition, {}, settings)) else None


def revision(
    service: Service,
    definition: TaskDefinition,
    changes: Mapping[str, Mapping[str, JSON]],
    settings: Mapping[str, JSON] | None = None,
    *,
    first: int = 0,
) -> tuple[Step, ...]:
    """Return the steps that register *definition* anew with *changes* and deploy it.

    *first* is the number, from 0, that the first of them has in the plan.

    *changes* names the new fields of each container, *settings* those of the task itself. There
    are no steps where no service would run the new revision, or where nothing changes.
    """
    raw, settings = definition.raw, settings or {}
    old = {c["name"]: c for c in raw.get("containerDefinitions", ())}
    changed = {n: dict(fields) for n, fields in changes.items() if n in old}
    if not deploys(service) or not (changed or settings):
        return ()
    was = {n: {f: old[n].get(f) for f in fields} for n, fields in changed.items()}
    written = [{**c, **changed.get(c["name"], {})} for c in raw["containerDefinitions"]]
    new = replace(definition, raw={**raw, **settings})
    account, region = _place(service.arn or "")
    named = f"{definition.family}:{definition.revision}"
    register = Step(
        kind="task-definition-revision",
        account=account,
        region=region,
        resource=definition.arn.rpartition(":")[0],
        before={"revision": named, **_inside(was), **{k: raw.get(k) for k in settings}},
        after={"revision": "new", **_inside(changed), **settings},
        do=Call("ecs", "register_task_definition", _registration(new, written)),
        undo=Call("ecs", "deregister_task_definition", {"taskDefinition": _registered(first)}),
    )
    deploy = Step(
        kind="service-task-definition",
        account=account,
        region=region,
        resource=service.arn or "",
        before={"taskDefinition": service.definition},
        after={"taskDefinition": _registered(first)},
        do=_update(service, taskDefinition=_registered(first)),
        undo=_update(service, taskDefinition=service.definition),
    )
    return (register, deploy)


def network(service: Service, awsvpc: AwsvpcConfiguration) -> tuple[Step, ...]:
    """Return the step that gives *service* the network *awsvpc*, if it has one to change."""
    if not deploys(service) or service.awsvpc in (None, awsvpc):
        return ()
    account, region = _place(service.arn or "")
    before, after = _network(service.awsvpc), _network(awsvpc)
    return (
        Step(
            kind="service-network",
            account=account,
            region=region,
            resource=service.arn or "",
            before=before,
            after=after,
            do=_update(service, networkConfiguration=after),
            undo=_update(service, networkConfiguration=before),
        ),
    )


def redeploy(service: Service) -> Step:
    """Return the step that makes ECS try again now, instead of in up to half an hour."""
    account, region = _place(service.arn or "")
    primary = next((d.id for d in service.deployments if d.status == "PRIMARY"), None)
    return Step(
        kind="service-deployment",
        account=account,
        region=region,
        resource=service.arn or "",
        before={"deployment": primary},
        after={"deployment": "new"},
        do=_update(service, forceNewDeployment=True),
        undo=None,
    )


def then_redeploy(*steps: Step, service: Service) -> tuple[Step, ...]:
    """Return *steps* and, where a service that ECS deploys waits for them, its new deployment."""
    return (*steps, redeploy(service)) if deploys(service) else steps


def deploys(service: Service) -> bool:
    """Tell whether ECS deploys *service*: what CodeDeploy or another one does, no update changes."""
    return service.exists and bool(service.arn) and service.controller == "ECS"


# --- pieces --------------------------------------------------------------------------------


def _place(arn: str) -> tuple[str, str]:
    """Return the account and the Region that *arn* names."""
    _, _, _, region, account, *_ = f"{arn}:::::".split(":")
    return account, region


def _registration(definition: TaskDefinition, containers: list[JSON]) -> dict[str, JSON]:
    """Return *definition* as ECS takes it, with *containers*; AWS's own tags cannot be set."""
    raw = definition.raw
    kept = {k: raw[k] for k in REGISTERED if raw.get(k) is not None}
    tags = [t for t in raw.get("tags", ()) if not t["key"].startswith("aws:")]
    others = [t for t in tags if t["key"] != MARK["key"]]
    return {**kept, "containerDefinitions": containers, "tags": [*others, MARK]}


def _inside(containers: Mapping[str, JSON]) -> dict[str, JSON]:
    return {"containers": containers} if containers else {}


def _registered(step: int) -> dict[str, JSON]:
    return answer(step, "taskDefinition.taskDefinitionArn")


def _update(service: Service, **changes: JSON) -> Call:
    cluster = {"cluster": service.cluster} if service.cluster else {}
    return Call("ecs", "update_service", {**cluster, "service": service.name, **changes})


def _network(awsvpc: AwsvpcConfiguration | None) -> dict[str, JSON] | None:
    if awsvpc is None:
        return None
    return {
        "awsvpcConfiguration": {
            "subnets": list(awsvpc.subnets),
            "securityGroups": list(awsvpc.groups),
            "assignPublicIp": "ENABLED" if awsvpc.public_ip else "DISABLED",
        }
    }
