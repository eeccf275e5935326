"""moto's ECS tasks made to start, fail, stop and be forgotten as those of AWS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ecs.exceptions import EcsClientException
from moto.ecs.models import Task

from playground.estate import hosts, pull
from playground.estate.announcing import publish
from playground.estate.order import Failed
from playground.estate.placing import Placing
from playground.estate.world import WORLD

REMEMBERED = 3600.0  # DescribeTasks forgets a stopped task after an hour
AWAIT = 10.0  # what a pull takes until it gives up, in the time stamps alone


class Tasks(Placing):
    """The part of ECS that runs tasks."""

    __module__ = Placing.__module__

    def run_task(self, *args: Any, **kwargs: Any) -> list[Task]:
        """Run standalone tasks: what cannot be pulled is STOPPED when the call returns."""
        tasks = self._prepared(*args, **kwargs)
        for task in tasks:
            self.begin(task, {})
        if refused := next((t for t in tasks if t.stopped_reason.startswith("ECS was")), None):
            for task in tasks:  # a role that cannot be assumed: no task ever existed
                del self.tasks[task.cluster_name][task.task_arn]
            raise EcsClientException(refused.stopped_reason)
        return tasks

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
        group: str | None = None,
        platform_version: str | None = None,
        capacity_provider_strategy: list[dict[str, Any]] | None = None,
    ) -> list[Task]:
        kind = launch_type or self.launch_type(task_definition_str)
        network = self.with_groups(networking_configuration)
        self.placed = self.describe_task_definition(task_definition_str)
        tasks: list[Task] = super().run_task(
            cluster_str, task_definition_str, count, overrides, started_by, tags,
            None if capacity_provider_strategy else kind, network, group, platform_version,
            capacity_provider_strategy,
        )  # fmt: skip
        for task in tasks:
            task.launch_type = kind
            self.furnish(task)
        return tasks

    def begin(self, task: Task, pins: Mapping[str, str]) -> Task:
        """Pull, and run or fail."""
        definition = self.describe_task_definition(task.task_definition_arn)
        network = getattr(task, "network_configuration", None)
        where = task.container_instance_arn
        host = self.host_of(task.cluster_name, task.launch_type, definition, where)
        try:
            digests = pull.attempt(self.order(definition, network, task.id, pins, host))
        except Failed as failed:
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
        if task.launch_type in hosts.KINDS and container is not None:
            task.stopped_reason = "Task failed to start"  # the container alone has the reason

    def end(self, task: Task, reason: str, code: str, container: str | None = None) -> None:
        """Stop *task*; *container* is the one to blame, if any is."""
        now = WORLD.clock()
        if task.last_status != "STOPPED":
            self._leave_host(task)
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

    def _leave_host(self, task: Task) -> None:
        """Give back what *task* has taken of its container instance, if it is on one."""
        hosts = self.container_instances.get(task.cluster_name, {})
        if host := hosts.get((task.container_instance_arn or "").rpartition("/")[2]):
            self.update_container_instance_resources(
                host, task.resource_requirements, removing=True
            )

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
        publish(self, "ECS Task State Change", detail, task.task_arn)

    def stop_task(self, cluster_str: str, task_str: str, reason: str) -> Task:
        task = next(
            t
            for t in self.tasks[self._get_cluster(cluster_str).name].values()
            if t.task_arn.endswith(task_str.rsplit("/", maxsplit=1)[-1])
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
