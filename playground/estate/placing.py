"""What AWS adds to a task before it starts: containers, attributes, an address, a way out."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ecs.models import Container, EC2ContainerServiceBackend, Task, TaskDefinition

from playground.estate import registry
from playground.estate.network import Place
from playground.estate.order import Host, Order
from playground.estate.repairs import profile_of
from playground.estate.world import WORLD

BY_EXECUTION_ROLE = "ecs.capability.execution-role-ecr-pull"
CAPABILITIES = ("com.amazonaws.ecs.capability.ecr-auth", BY_EXECUTION_ROLE)


class Placing(EC2ContainerServiceBackend):  # type: ignore[misc]
    """The part of ECS that prepares tasks."""

    __module__ = EC2ContainerServiceBackend.__module__

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
        hosts = ipaddress.ip_network(interface.subnet.cidr_block)
        address = str(hosts[10 + int(interface.id[-4:], 16) % (hosts.num_addresses - 20)])
        interface.private_ip_address = address
        interface.private_ip_addresses = [{"Primary": True, "PrivateIpAddress": address}]
        details["privateIPv4Address"]["value"] = address
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
        found.attributes |= dict.fromkeys(CAPABILITIES, "")
        return found

    def host_of(self, cluster: str, kind: str) -> Host | None:
        """Return the container instance that tasks in EC2 run on: the first one of the cluster."""
        instances = list(self.container_instances.get(cluster, {}).values())
        if kind != "EC2" or not instances:
            return None
        ec2 = ec2_backends[self.account_id][self.region_name]
        machine = instances[0].ec2_instance_id
        profile = profile_of(ec2.get_instance(machine))
        roles = list(profile.roles) if profile else []
        able = BY_EXECUTION_ROLE in instances[0].attributes
        return Host(machine, str(roles[0].arn) if roles else None, able)

    def order(
        self,
        definition: TaskDefinition,
        network: Any,
        task: str,
        pins: Mapping[str, str],
        host: Host | None = None,
    ) -> Order:
        place = self.place_of(network)
        return Order(self.account_id, self.region_name, definition, place, task, pins, host)
