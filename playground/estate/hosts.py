"""Container instances as ECS sees them: what their agents can do, and which of them take a task.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
"""

from __future__ import annotations

from typing import Any

from moto.ecs.models import ContainerInstance, TaskDefinition, ecs_backends

from playground.estate.announcing import CROWDED, UNPLACED
from playground.estate.calls import Request
from playground.estate.identity import Refused
from playground.estate.images import split
from playground.estate.world import WORLD

AUTH = "com.amazonaws.ecs.capability.ecr-auth"
BY_EXECUTION_ROLE = "ecs.capability.execution-role-ecr-pull"
PRIVATE = "ecs.capability.private-registry-authentication.secretsmanager"
ASM, SSM = (f"ecs.capability.secrets.{s}.environment-variables" for s in ("asm", "ssm"))
CAPABILITIES = (AUTH, BY_EXECUTION_ROLE, PRIVATE, ASM, SSM)
BEFORE = (AUTH,)  # what an agent of years ago could do
KINDS = ("EC2", "EXTERNAL")  # whose tasks run on hosts that a cluster has
OPTIMIZED = ("amzn2-ami-ecs-", "al2023-ami-ecs-")


def required(definition: TaskDefinition) -> list[dict[str, str]]:
    """Return what an agent must be able to do for the task, as ECS works it out."""
    role = getattr(definition, "execution_role_arn", None)
    found: list[str] = []
    for container in definition.container_definitions:
        if split(container["image"]).ecr:
            found += [AUTH, BY_EXECUTION_ROLE] if role else [AUTH]
        if container.get("repositoryCredentials"):
            found.append(PRIVATE)
        for secret in container.get("secrets") or ():
            found.append(ASM if ":secretsmanager:" in secret["valueFrom"] else SSM)
    return [{"name": name} for name in dict.fromkeys(found)]


def takes(host: ContainerInstance, definition: TaskDefinition) -> bool:
    """Tell whether ECS may place a task of *definition* there, room or not."""
    able = all(a["name"] in host.attributes for a in required(definition))
    return bool(host.status == "ACTIVE" and host.agent_connected and able)


def unplaced(hosts: list[ContainerInstance], definition: TaskDefinition) -> str:
    """Return what ECS says of a task that no host takes."""
    active = [h for h in hosts if h.status == "ACTIVE"]
    if not active:
        return UNPLACED
    closest = active[0]
    if takes(closest, definition):
        return CROWDED
    said = f"{CROWDED} The closest matching container-instance {closest.id} "
    if not closest.agent_connected:
        return f'{said}encountered error "AGENT".'
    return f"{said}is missing an attribute required by your task."


def update_agent(request: Request, account: str, _: str) -> dict[str, Any]:
    """Update an agent, on an AMI of Amazon's own. There is always one newer than the last."""
    from moto.ec2.models import ec2_backends

    backend = ecs_backends[account][request.region]
    cluster = (request.text("cluster") or "default").rpartition("/")[2]
    name = (request.text("containerInstance") or "").rpartition("/")[2]
    host = backend.container_instances.get(cluster, {}).get(name)
    if host is None:
        raise Refused("InvalidParameterException", "Container instance not found.", 400)
    machine = ec2_backends[account][request.region].get_instance(host.ec2_instance_id)
    image = ec2_backends[account][request.region].amis.get(machine.image_id)
    if not host.agent_connected or not (image and str(image.name).startswith(OPTIMIZED)):
        words = "Unable to determine the current version of the agent to proceed with the update."
        raise Refused("MissingVersionException", words, 400)
    WORLD.agents += 1
    host.version_info = {**host.version_info, "agentVersion": f"1.{100 + WORLD.agents}.0"}
    host.attributes |= dict.fromkeys(CAPABILITIES, "")
    host.agent_update_status = "UPDATED"
    told = {"containerInstanceArn": host.container_instance_arn, "status": host.status}
    return {
        "containerInstance": {
            **told, "versionInfo": host.version_info, "agentUpdateStatus": "UPDATED",
            "ec2InstanceId": host.ec2_instance_id, "agentConnected": True,
        }
    }  # fmt: skip
