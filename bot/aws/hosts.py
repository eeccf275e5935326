"""The container instance that a task ran on, and the role that it lends to what runs there.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/instance_IAM_role.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.aws.accounts import WorkloadAccount
from bot.aws.client import NotFound
from bot.aws.ecs import cluster_of, short
from bot.aws.iam import inline_of, managed_of
from bot.facts import (
    ContainerHost,
    HostInterface,
    InstanceRole,
    InstanceRolePolicies,
    PullingRole,
    Service,
    StoppedTask,
    Subject,
)
from bot.model import Call, CannotTell, Unknown

HOSTED = ("EC2", "MANAGED_INSTANCES", "EXTERNAL")


def container_host(
    here: WorkloadAccount, subject: Subject, task: StoppedTask, owner: Service
) -> ContainerHost:
    instance = task.container_instance
    if instance is None:
        if (task.launch_type or owner.launch_type) in HOSTED:
            raise CannotTell("the container instance is not known")
        return ContainerHost()
    parts = instance.split("/")
    cluster = {"cluster": parts[1]} if len(parts) == 3 else cluster_of(subject)
    asked = {**cluster, "containerInstances": [instance]}
    try:
        said = here.call(Call("ecs", "describe_container_instances", asked))["containerInstances"]
    except NotFound:
        said = []
    if not said:
        raise CannotTell("the container instance is gone")
    machine = _machine(here, said[0].get("ec2InstanceId") or "")
    return ContainerHost(
        arn=instance,
        capabilities=tuple(a["name"] for a in said[0].get("attributes", ())),
        profile=machine.get("IamInstanceProfile", {}).get("Arn"),
        interface=_primary(machine),
    )


def instance_role(here: WorkloadAccount, host: ContainerHost) -> InstanceRole:
    if host.profile is None:
        return InstanceRole(None)
    name = short(host.profile)
    asked = Call("iam", "get_instance_profile", {"InstanceProfileName": name})
    try:
        roles = here.call(asked)["InstanceProfile"]["Roles"]
    except NotFound:
        roles = []
    if not roles:
        return InstanceRole(None, profile=name)
    return InstanceRole(roles[0]["Arn"], roles[0]["RoleName"], name)


def instance_role_policies(
    here: WorkloadAccount, role: InstanceRole, who: PullingRole | Unknown
) -> InstanceRolePolicies:
    """What a fix of the instance role must know; of no interest where another role pulls."""
    another = isinstance(who, PullingRole) and who.kind != "instance-role"
    if role.name is None or another:
        return InstanceRolePolicies((), {})
    managed, inline = managed_of(here, role.name), inline_of(here, role.name)
    return InstanceRolePolicies(tuple(managed), dict(inline))


def _machine(here: WorkloadAccount, instance: str) -> Mapping[str, Any]:
    """Return what EC2 knows of the instance; nothing of a host that is not in EC2, or not any more."""
    if not instance.startswith("i-"):
        return {}
    try:
        found = here.call(Call("ec2", "describe_instances", {"InstanceIds": [instance]}))
    except NotFound:
        return {}
    machines = (i for r in found["Reservations"] for i in r["Instances"])
    return next(machines, {})


def _primary(machine: Mapping[str, Any]) -> HostInterface | None:
    for interface in machine.get("NetworkInterfaces", ()):
        if interface.get("Attachment", {}).get("DeviceIndex", 0) == 0:
            return HostInterface(
                interface["SubnetId"],
                tuple(g["GroupId"] for g in interface.get("Groups", ())),
                "PublicIp" in interface.get("Association", {}),
            )
    return None


COLLECTORS = (container_host, instance_role, instance_role_policies)
