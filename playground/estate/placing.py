"""What AWS adds to a task before it starts: containers, attributes, an address, a way out."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ecs.models import (
    Container,
    ContainerInstance,
    EC2ContainerServiceBackend,
    Task,
    TaskDefinition,
)

from playground.estate import hosts, registry, six
from playground.estate.order import Host, Order
from playground.estate.repairs import profile_of
from playground.estate.ways import Place, Site
from playground.estate.world import WORLD

AGENT = "1.84.0"


class Placing(EC2ContainerServiceBackend):  # type: ignore[misc]
    """The part of ECS that prepares tasks."""

    __module__ = EC2ContainerServiceBackend.__module__
    placed: TaskDefinition  # whose task is being placed

    def describe_task_definition(self, task_definition_str: str) -> TaskDefinition:
        """Return a revision; a bare family means its newest ACTIVE one (moto: the newest)."""
        name = task_definition_str.rsplit("/", maxsplit=1)[-1]
        if ":" not in name:
            revisions = self.task_definitions.get(name, {}).values()
            active = [d.revision for d in revisions if d.status == "ACTIVE"]
            name = f"{name}:{max(active, default=0)}"
        return super().describe_task_definition(name)

    def describe_capacity_providers(self, names: list[str] | None) -> Any:
        return super().describe_capacity_providers(names or [])

    def register_task_definition(self, *args: Any, **kwargs: Any) -> TaskDefinition:
        definition = super().register_task_definition(*args, **kwargs)
        definition.registered_at = WORLD.clock()
        if definition.requires_compatibilities == ["EXTERNAL"]:  # moto takes it for Fargate
            definition.compatibilities, definition.network_mode = ["EC2", "EXTERNAL"], "bridge"
        definition.requires_attributes = hosts.required(definition)
        return definition

    @staticmethod
    def _calculate_task_resource_requirements(definition: TaskDefinition) -> dict[str, Any]:
        """Allow containers without a memory limit, the normal case on Fargate."""
        sized = [
            {**c, "memory": c.get("memory") or c.get("memoryReservation") or 0}
            for c in definition.container_definitions
        ]
        found: dict[str, Any] = EC2ContainerServiceBackend._calculate_task_resource_requirements(
            SimpleNamespace(container_definitions=sized)
        )
        return found

    def _can_be_placed(self, host: ContainerInstance, wanted: dict[str, Any]) -> bool:
        """Tell whether *host* has room, and an agent that can run what is being placed."""
        room = EC2ContainerServiceBackend._can_be_placed(host, wanted)
        return bool(room and hosts.takes(host, self.placed))

    def launch_type(self, definition: str) -> str:
        """Return how a task runs where nobody says."""
        found = self.describe_task_definition(definition)
        return "FARGATE" if "FARGATE" in (found.requires_compatibilities or []) else "EC2"

    def with_groups(self, network: dict[str, Any] | None) -> dict[str, Any] | None:
        """Name the VPC's default security group where none is given (moto: KeyError)."""
        if not network:
            return network
        asked = network["awsvpcConfiguration"]
        ec2 = ec2_backends[self.account_id][self.region_name]
        groups = asked.get("securityGroups")
        if not groups:
            vpc_id = ec2.get_subnet(asked["subnets"][0]).vpc_id
            groups = [ec2.get_default_security_group(vpc_id).id]
        public = asked.get("assignPublicIp") or "DISABLED"
        full = {**asked, "securityGroups": groups, "assignPublicIp": public}
        return {"awsvpcConfiguration": full}

    def furnish(self, task: Task) -> None:
        """Add what AWS tells about a task and moto does not."""
        definition = self.describe_task_definition(task.task_definition_arn)
        for described in definition.container_definitions[1:]:
            extra = Container(definition)
            extra.name, extra.image = described["name"], described["image"]
            task.containers.append(extra)
        task.created_at = WORLD.clock()
        task.connectivity, task.version = "CONNECTED", 1
        cpu = "arm64" if registry.platform(definition).endswith("arm64") else "x86_64"
        task.attributes = [{"name": "ecs.cpu-architecture", "value": cpu}]
        task.cpu, task.memory = definition.cpu, definition.memory
        task.platform_version, task.platform_family = "1.4.0", "Linux"
        for container in task.containers:
            container.container_arn = (
                f"{task.task_arn.replace(':task/', ':container/')}/{container.name}"
            )
            container.task_arn = task.task_arn
            container.exit_code, container.exitCode = None, None
        for attachment in task.attachments:
            self._address(attachment)

    def _address(self, attachment: dict[str, Any]) -> None:
        """Give the interface an address of its subnet; moto's comes from anywhere."""
        ec2 = ec2_backends[self.account_id][self.region_name]
        details = {d["name"]: d for d in attachment["details"]}
        interface = ec2.enis[details["networkInterfaceId"]["value"]]
        span = ipaddress.ip_network(six.block(interface.subnet))
        address = str(span[10 + int(interface.id[-4:], 16) % (span.num_addresses - 20)])
        foreign = six.alone(interface.subnet)
        interface.ipv6_addresses = [address] if foreign else []
        interface.private_ip_address = None if foreign else address
        primary = {"Primary": True, "PrivateIpAddress": address}
        interface.private_ip_addresses = [] if foreign else [primary]
        details["privateIPv4Address"]["value"] = interface.private_ip_address or ""
        attachment["details"] = [d for d in attachment["details"] if d["value"]]

    def place_of(self, network: Mapping[str, Any] | None) -> Place | None:
        """Return where a task with this network configuration pulls from."""
        full = self.with_groups(dict(network)) if network else None
        if not full:
            return None
        found = full["awsvpcConfiguration"]
        return Place(
            self.account_id,
            self.region_name,
            found["subnets"][0],
            tuple(found["securityGroups"]),
            found["assignPublicIp"] == "ENABLED",
        )

    def register_container_instance(self, *args: Any, **kwargs: Any) -> Any:
        """Register a host as a present-day agent does: with what it can do (moto: nothing)."""
        found = super().register_container_instance(*args, **kwargs)
        found.attributes |= dict.fromkeys(hosts.CAPABILITIES, "")
        found.version_info = {**found.version_info, "agentVersion": AGENT}
        found.agent_update_status = None
        return found

    def hosts_of(self, cluster: str) -> list[ContainerInstance]:
        """Return the container instances of a cluster, the oldest first."""
        return list(self.container_instances.get(cluster, {}).values())

    def host_of(
        self, cluster: str, kind: str, definition: TaskDefinition, where: str | None = None
    ) -> Host | None:
        """Return the container instance of a task: *where* it is, or would be placed."""
        found = self.hosts_of(cluster)
        fit = (h for h in found if where in (None, h.container_instance_arn))
        chosen = next((h for h in fit if where or hosts.takes(h, definition)), None)
        if kind not in hosts.KINDS or chosen is None:
            return None
        machine, able = chosen.ec2_instance_id, hosts.BY_EXECUTION_ROLE in chosen.attributes
        if kind == "EXTERNAL":
            return Host(machine, None, able, Site(machine in WORLD.shut))
        ec2 = ec2_backends[self.account_id][self.region_name]
        profile = profile_of(ec2.get_instance(machine))
        roles = list(profile.roles) if profile else []
        return Host(machine, str(roles[0].arn) if roles else None, able)

    def order(
        self,
        definition: TaskDefinition,
        network: Any,
        task: str,
        pins: Mapping[str, str],
        host: Host | None = None,
    ) -> Order:
        place = self.place_of(network) or (host.site if host else None)
        return Order(self.account_id, self.region_name, definition, place, task, pins, host)
