"""ECS services: they start tasks, roll out, retry, recover and say so in their events."""

from __future__ import annotations

import functools
import random
from collections.abc import Collection
from typing import Any

from moto.ecs.exceptions import EcsClientException
from moto.ecs.models import Service, Task, ecs_backends
from moto.moto_api import state_manager

from playground.estate import breaking, hosts, pull
from playground.estate.announcing import CROWDED, IMPAIRED, say
from playground.estate.order import Failed, Order
from playground.estate.tasks import Tasks
from playground.estate.world import WORLD

PATIENCE = 60.0  # how long the scheduler waits before it tries the very same thing again
ROLLS = ("task_definition", "network_configuration", "platform_version", "force_new_deployment")


class Ecs(Tasks):
    """All of ECS: tasks, and the scheduler of services."""

    __module__ = Tasks.__module__

    def create_service(self, *args: Any, **kwargs: Any) -> Service:
        *before, asked = args  # the last one that moto hands over by position
        kind = asked or self.launch_type(args[3])
        args = (*before, "EC2" if kind == "EXTERNAL" else kind)  # moto has no such service
        network = kwargs.get("network_configuration")
        kwargs["network_configuration"] = self.with_groups(network)
        service = super().create_service(*args, **kwargs)
        service.launch_type, service.created_at = kind, WORLD.clock()
        service.deployments, service.events, service.pins = [], [], {}
        service.last_try, service.last_reason = 0.0, None
        self._active(service.task_definition)
        self._roll_out(service)
        return service

    def update_service(self, service_properties: dict[str, Any]) -> Service:
        asked = {k: v for k, v in service_properties.items() if v is not None}
        if "network_configuration" in asked:
            asked["network_configuration"] = self.with_groups(asked["network_configuration"])
        if "task_definition" in asked:
            asked["task_definition"] = self._active(asked["task_definition"])
        rolls = any(asked.get(name) for name in ROLLS)
        service = super().update_service({**asked, "force_new_deployment": False})
        if rolls:
            self._roll_out(service)
        else:
            self.reconcile(service)
        return service

    def delete_service(self, cluster_name: str, service_name: str, force: bool) -> Service:  # noqa: FBT001 - moto's own
        service = super().delete_service(cluster_name, service_name, force)
        service.desired_count = 0
        self.reconcile(service)
        service.status = "INACTIVE"
        return service

    def _active(self, name: str) -> str:
        definition = self.describe_task_definition(name)
        if definition.status != "ACTIVE":
            raise EcsClientException("TaskDefinition is inactive")
        return str(definition.arn)

    def _roll_out(self, service: Service) -> None:
        """Begin a new deployment; older ones stay ACTIVE until it is done."""
        now = WORLD.clock()
        for older in service.deployments:
            older["status"], older["updatedAt"] = "ACTIVE", now
        identity = f"ecs-svc/{random.randrange(10**18, 10**19)}"
        service.deployments.insert(0, {
            "id": identity, "status": "PRIMARY", "taskDefinition": service.task_definition,
            "desiredCount": service.desired_count, "pendingCount": 0, "runningCount": 0,
            "failedTasks": 0, "createdAt": now, "updatedAt": now,
            "launchType": service.launch_type, "platformFamily": "Linux",
            "platformVersion": service.platform_version or "1.4.0",
            "networkConfiguration": service.network_configuration or None,
            "rolloutState": "IN_PROGRESS",
            "rolloutStateReason": f"ECS deployment {identity} in progress.",
        })  # fmt: skip
        service.pins[identity] = {}
        service.last_reason = None
        self.reconcile(service)

    def reconcile(self, service: Service, *, patient: bool = False) -> None:
        """One round of the scheduler: replace what would fail, start what is missing."""
        primary = service.deployments[0]
        primary["desiredCount"] = service.desired_count
        for task in self.running(service):
            if self._draining(task):
                self._scale_in(task, primary)
            elif failed := self._would_fail(service, task):
                self.end(task, f"Task stopped by the estate: {failed.reason}", "UserInitiated")
        missing = service.desired_count - len(self.running(service, primary))
        again = patient and self._same_again(service, primary)
        if missing > 0 and not breaking.given_up(primary) and not again:
            service.last_try = WORLD.clock()
            for _ in range(missing):
                self._start(service, primary)
            if back := breaking.ended(service, primary):
                service.task_definition = back
                self._roll_out(service)
                return
        for task in self.running(service, primary)[max(service.desired_count, 0) :]:
            self._scale_in(task, primary)
        if len(self.running(service, primary)) >= service.desired_count:
            self._settle(service, primary)
        self._count(service)

    def running(self, service: Service, deployment: dict[str, Any] | None = None) -> list[Task]:
        """Return the running tasks of a service, or of one of its deployments."""
        return [
            t
            for t in self.tasks.get(service.cluster_name, {}).values()
            if t.group == f"service:{service.name}"
            and t.last_status == "RUNNING"
            and (deployment is None or t.started_by == deployment["id"])
        ]

    def _order(self, service: Service, deployment: dict[str, Any], task: str) -> Order:
        definition = self.describe_task_definition(deployment["taskDefinition"])
        network = deployment["networkConfiguration"]
        host = self.host_of(service.cluster_name, service.launch_type, definition)
        return self.order(definition, network, task, service.pins[deployment["id"]], host)

    def _failure(self, order: Order) -> Failed | None:
        try:
            pull.attempt(order)
        except Failed as failed:
            return failed
        return None

    def _would_fail(self, service: Service, task: Task) -> Failed | None:
        """Tell whether a running task could not be started again, so that an undo shows."""
        found = next((d for d in service.deployments if d["id"] == task.started_by), None)
        return self._failure(self._order(service, found, task.id)) if found else None

    def _draining(self, task: Task) -> bool:
        """Tell whether the host of *task* is given up by whoever looks after it."""
        found = self.hosts_of(task.cluster_name)
        ours = (h for h in found if h.container_instance_arn == task.container_instance_arn)
        return any(h.status == "DRAINING" for h in ours)

    def _same_again(self, service: Service, deployment: dict[str, Any]) -> bool:
        """Tell whether trying now would only repeat a recent failure."""
        failed = self._failure(self._order(service, deployment, "probe"))
        stage = (failed.stage, failed.container) if failed else None
        recent = WORLD.clock() - service.last_try < PATIENCE
        return failed is not None and recent and stage == service.last_reason

    def _start(self, service: Service, deployment: dict[str, Any]) -> None:
        """Start one task of *deployment*; the first one resolves its tags to digests."""
        pins = service.pins[deployment["id"]]
        failed = self._failure(self._order(service, deployment, "probe"))
        service.last_reason = (failed.stage, failed.container) if failed else None
        if failed and failed.stage == "S1":  # no task ever exists then
            deployment["failedTasks"] += 1
            reason = f"failed to launch a task with (error {failed.reason})."
            say(service, reason, "SERVICE_TASK_CONFIGURATION_FAILURE", "ERROR")
            return
        there = self.hosts_of(service.cluster_name)
        definition = self.describe_task_definition(deployment["taskDefinition"])
        if service.launch_type in hosts.KINDS and not any(
            hosts.takes(h, definition) for h in there
        ):
            words = hosts.unplaced(there, definition)
            say(service, words, "SERVICE_TASK_PLACEMENT_FAILURE", "ERROR")
            return
        placed = self._prepared(
            service.cluster_name, deployment["taskDefinition"], 1, None, deployment["id"],
            service.tags if service.propagate_tags == "SERVICE" else None, service.launch_type,
            deployment["networkConfiguration"], group=f"service:{service.name}",
        )  # fmt: skip
        if not placed:
            say(service, CROWDED, "SERVICE_TASK_PLACEMENT_FAILURE", "ERROR")
            return
        (task,) = placed
        self.begin(task, pins)
        say(service, f"has started 1 tasks: (task {task.id}).")
        if task.last_status == "RUNNING":
            pins |= {c.name: c.image_digest for c in task.containers if c.image_digest}
            return
        deployment["failedTasks"] += 1
        say(service, f"was unable to place a task. Reason: {task.stopped_reason}.")
        say(service, IMPAIRED, "SERVICE_TASK_START_IMPAIRED", "WARN")

    def _scale_in(self, task: Task, deployment: dict[str, Any]) -> None:
        words = f"Scaling activity initiated by (deployment {deployment['id']})"
        self.end(task, words, "ServiceSchedulerInitiated")

    def _settle(self, service: Service, primary: dict[str, Any]) -> None:
        """The new deployment has all its tasks: stop what the older ones still run."""
        for task in self.running(service):
            if task.started_by != primary["id"]:
                self._scale_in(task, primary)
        service.deployments = [primary]
        service.pins = {primary["id"]: service.pins[primary["id"]]}
        if primary["rolloutState"] != "COMPLETED" or service.running_count != service.desired_count:
            primary["rolloutState"] = "COMPLETED"
            primary["rolloutStateReason"] = f"ECS deployment {primary['id']} completed."
            primary["updatedAt"] = WORLD.clock()
            say(service, f"(deployment {primary['id']}) deployment completed.")
            say(service, "has reached a steady state.", "SERVICE_STEADY_STATE")

    def _count(self, service: Service) -> None:
        for deployment in service.deployments:
            running = len(self.running(service, deployment))
            deployment["runningCount"] = running
            deployment["pendingCount"] = 0
        service.running_count, service.pending_count = len(self.running(service)), 0
        cluster = self._get_cluster(service.cluster_name)
        tasks = self.tasks.get(cluster.name, {}).values()
        cluster.running_tasks_count = sum(t.last_status == "RUNNING" for t in tasks)
        cluster.pending_tasks_count = 0


def tick(names: Collection[str], *, patient: bool) -> None:
    """Let every service of every account, or those named, go one round."""
    for account in list(ecs_backends.values()):
        for backend in list(account.values()):
            for service in list(backend.services.values()):
                asked = not names or service.name in names
                if asked and service.status == "ACTIVE" and service.deployments:
                    backend.reconcile(service, patient=patient)


@functools.cache
def install() -> None:
    """Repair moto's ECS, once per process."""
    ecs_backends.backend = Ecs
    breaking.install()


def settings() -> None:
    """Keep running tasks RUNNING; moto stops them after four looks. Lost whenever moto is reset."""
    transition = {"progression": "manual", "times": 10**9}
    state_manager.set_transition("ecs::task", transition)
