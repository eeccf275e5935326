"""moto's ECS tasks made to start, fail, stop and be forgotten as those of AWS."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ecs.models import Container, EC2ContainerServiceBackend, Task, TaskDefinition
from moto.events.models import events_backends

from playground.estate import pull
from playground.estate.network import Place
from playground.estate.world import WORLD

REMEMBERED = 3600.0  # DescribeTasks forgets a stopped task after an hour
AWAIT = 10.0  # what a pull takes until it gives up, in the time stamps alone


class Tasks(EC2ContainerServiceBackend):  # type: ignore[misc]
    """The part of ECS that runs tasks."""

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

    def run_task(self, *args: Any, **kwargs: Any) -> list[Task]:
        """Run standalone tasks: what cannot be pulled is STOPPED when the call returns."""
        return [self.begin(t, {}) for t in self._prepared(*args, **kwargs)]

    def _prepared(
        self,
        cluster_str: str,
        task_definition_str: str,
        count: int,
        overrides: dict[str, Any] | None,
        started_by: str,
        tags: list[dict[str, str]] | None,
        launch_type: str | None,
        networking_configuration: dict[str, Any] | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> list[Task]:
        network = self.with_groups(networking_configuration)
        tasks: list[Task] = super().run_task(
            cluster_str, task_definition_str, count, overrides, started_by, tags,
            launch_type or "FARGATE", network, *args, **kwargs,
        )  # fmt: skip
        for task in tasks:
            self._furnish(task)
        return tasks

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

    def _furnish(self, task: Task) -> None:
        """Add what AWS tells about a task and moto does not."""
        definition = self.describe_task_definition(task.task_definition_arn)
        for described in definition.container_definitions[1:]:
            extra = Container(definition)
            extra.name, extra.image = described["name"], described["image"]
            task.containers.append(extra)
        task.created_at = WORLD.clock()
        task.connectivity, task.version = "CONNECTED", 1
        task.attributes = [{"name": "ecs.cpu-architecture", "value": "x86_64"}]
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

    def order(
        self, definition: TaskDefinition, network: Any, task: str, pins: Mapping[str, str]
    ) -> pull.Order:
        return pull.Order(
            self.account_id, self.region_name, definition, self.place_of(network), task, pins
        )

    def begin(self, task: Task, pins: Mapping[str, str]) -> Task:
        """Pull, and run or fail."""
        definition = self.describe_task_definition(task.task_definition_arn)
        network = getattr(task, "network_configuration", None)
        try:
            digests = pull.attempt(self.order(definition, network, task.id, pins))
        except pull.Failed as failed:
            self.fail(task, failed.reason, failed.container)
            return task
        now = WORLD.clock()
        task.pull_started_at = task.pull_stopped_at = task.started_at = now
        for container in task.containers:
            container.last_status = "RUNNING"
            container.image_digest = digests.get(container.name) or None
        self.announce(task)
        return task

    def fail(self, task: Task, reason: str, container: str | None) -> None:
        """Stop *task* as one that never ran."""
        began = WORLD.clock() - AWAIT
        task.created_at = began - AWAIT
        if container is not None:
            task.pull_started_at = began
        self.end(task, reason, "TaskFailedToStart", container)

    def end(self, task: Task, reason: str, code: str, container: str | None = None) -> None:
        """Stop *task*; *container* is the one to blame, if any is."""
        now = WORLD.clock()
        task.last_status = task.desired_status = "STOPPED"
        task.stopped_reason, task.stop_code = reason, code
        task.stopping_at = task.execution_stopped_at = task.stopped_at = now
        task.version += 1
        for one in task.containers:
            one.last_status = "STOPPED"
            one.reason = reason if container is not None and one.name == container else None
        ec2 = ec2_backends[self.account_id][self.region_name]
        for attachment in task.attachments:
            attachment["status"] = "DELETED"
            for detail in attachment["details"]:
                if detail["name"] == "networkInterfaceId":
                    ec2.enis.pop(detail["value"], None)
        self.announce(task)

    def announce(self, task: Task) -> None:
        """Put an ECS Task State Change on the default bus; moto never does."""
        containers = [
            {"name": c.name, "image": c.image, "lastStatus": c.last_status,
             **({"reason": c.reason} if getattr(c, "reason", None) else {})}
            for c in task.containers
        ]  # fmt: skip
        detail = {
            "taskArn": task.task_arn, "clusterArn": task.cluster_arn, "group": task.group,
            "taskDefinitionArn": task.task_definition_arn, "launchType": task.launch_type,
            "startedBy": task.started_by, "version": task.version,
            "lastStatus": task.last_status, "desiredStatus": task.desired_status,
            "containers": containers, "attachments": task.attachments,
        }  # fmt: skip
        if task.last_status == "STOPPED":
            detail |= {"stopCode": task.stop_code, "stoppedReason": task.stopped_reason}
        entry = {
            "Source": "aws.ecs",
            "DetailType": "ECS Task State Change",
            "Detail": json.dumps(detail),
            "Resources": [task.task_arn],
        }
        events_backends[self.account_id][self.region_name].put_events([entry])

    def stop_task(self, cluster_str: str, task_str: str, reason: str) -> Task:
        task = next(
            t
            for t in self.tasks[self._get_cluster(cluster_str).name].values()
            if t.task_arn.endswith(task_str.split("/")[-1])
        )
        self.end(task, reason or "Task stopped by user", "UserInitiated")
        return task

    def list_tasks(
        self,
        cluster_str: str | None = None,
        container_instance: str | None = None,
        family: str | None = None,
        started_by: str | None = None,
        service_name: str | None = None,
        desiredStatus: str | None = None,  # noqa: N803 - moto's name
    ) -> list[Task]:
        """Return running tasks unless stopped ones are asked for, and honour the service."""
        self.forget()
        tasks = super().list_tasks(
            cluster_str, container_instance, None, started_by, None, desiredStatus or "RUNNING"
        )
        group = f"service:{service_name.split('/')[-1]}" if service_name else None
        return [
            t
            for t in tasks
            if group in (None, t.group)
            and family in (None, t.task_definition_arn.split("/")[-1].split(":")[0])
        ]

    def describe_tasks(self, cluster_str: str, tasks: list[str]) -> list[Task]:
        self.forget()
        found: list[Task] = super().describe_tasks(cluster_str, tasks)
        name = self._get_cluster(cluster_str).name
        return [t for t in found if t.cluster_name == name]

    def forget(self) -> None:
        """Drop tasks that stopped more than an hour ago."""
        limit = WORLD.clock() - REMEMBERED
        for tasks in self.tasks.values():
            for arn in [a for a, t in tasks.items() if getattr(t, "stopped_at", limit) < limit]:
                del tasks[arn]
