"""Recorded services that are broken by where they run, or held back by the scheduler."""

from __future__ import annotations

from dataclasses import replace

from bot.facts import (
    AskedImage,
    ClusterHost,
    ClusterHosts,
    Deployment,
    FullDisks,
    HostVolumes,
    ImageSizes,
    OptimizedImages,
    Service,
    StoppedTask,
    Tags,
    TaskDefinition,
)
from bot.hosts import CAPABILITIES
from bot.sizes import GIB
from tests.cases.building import HOST_ARN, NOT_FOUND, UNSEEN, Facts, case, host, image
from tests.cases.healthy import DEFINITION, HEALTHY, URI, WHEN, definition, network

NO_SPACE = (
    "CannotPullContainerError: ref pull has been retried 1 time(s): failed to extract layer "
    "sha256:2d47: write /var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/55/fs/"
    "opt/model.bin: no space left on device: unknown"
)


def sized(gib: float | None) -> Facts:
    """The image with so many GiB."""
    return {ImageSizes: ImageSizes((("app", gib if gib is None else int(gib * GIB)),))}


def held_back(*events: str, running: int = 0, **deployment: object) -> Facts:
    """The service that ECS holds back after its image was missing for a while."""
    found = replace(HEALTHY[Service], running=running, events=events)  # type: ignore[type-var]
    if deployment:
        primary = Deployment("ecs-svc/2", "PRIMARY", DEFINITION, **deployment)  # type: ignore[arg-type]
        found = replace(found, deployments=(primary,))
    return {Service: found, StoppedTask: StoppedTask("arn:task", DEFINITION, stopped_at=WHEN)}


WAS_MISSING = NOT_FOUND.format(URI)
OTHER = DEFINITION.replace(":7", ":8")
WAITS = "(service shop) is unable to consistently start tasks successfully."
BACK = (
    "(service shop) has reached a steady state.",
    "(service shop) (deployment ecs-svc/3) deployment completed.",
    "(service shop) rolling back to deployment ecs-svc/1.",
)
GAVE_UP = "ECS deployment circuit breaker: tasks failed to start."
FIRST, SECOND = HOST_ARN, HOST_ARN.replace("0123456789abcdef", "fedcba9876543210")
AMI = "ami-0abcdef1234567890"
NAME = "al2023-ami-ecs-hvm-2023.0.20240515-kernel-6.1-x86_64"
HUNG = "DockerTimeoutError: Could not transition to pulled; timed out after waiting 2h0m0s"
IDLE = "CannotPullContainerError: inactivity time exceeded timeout while pulling image"


def fleet(*hosts: ClusterHost, running: int = 0) -> Facts:
    """The service on these container instances, waiting for a task."""
    facts = host(network(public=True, default="igw-1"))
    waiting = replace(facts[Service], running=running)  # type: ignore[type-var]
    task = StoppedTask("arn:task", DEFINITION, launch_type="EC2", container_instance=FIRST)
    return facts | {Service: waiting, StoppedTask: task, ClusterHosts: ClusterHosts(hosts)}


def instance(arn: str = FIRST, **more: object) -> ClusterHost:
    """A container instance that can do all that a pull takes."""
    able = {
        "instance": "i-1", "agent": "1.84.0", "capabilities": CAPABILITIES, "image": AMI,
        "architecture": "x86_64", "cpu": 2048, "memory": 3884,
    }  # fmt: skip
    return ClusterHost(arn, **{**able, **more})  # type: ignore[arg-type]


def asking() -> Facts:
    """A task definition that takes an agent which can pull with the execution role."""
    found = definition(URI)
    needs = [{"name": c} for c in CAPABILITIES[:2]]
    return {TaskDefinition: replace(found, raw={**found.raw, "requiresAttributes": needs})}


OLD_AGENT = {"agent": "1.14.0", "capabilities": CAPABILITIES[:1]}
OWN = {OptimizedImages: OptimizedImages(((AMI, NAME),))}
FULL = {
    FullDisks: FullDisks((FIRST,)),
    HostVolumes: HostVolumes((("/dev/xvda", 30),)),
}
HEALTHY_HOSTS: dict[str, Facts] = {
    "fleet": case(fleet(instance(), running=2), asking()),
    "fleet-draining": case(fleet(instance(status="DRAINING"), instance(SECOND)), asking()),
    "fleet-partly-old": case(fleet(instance(**OLD_AGENT), instance(SECOND)), asking()),
    "fleet-large-image": case(fleet(instance()), sized(12)),
}
CASES: dict[str, Facts] = {
    "disk-full": case(fleet(instance(), instance(SECOND)), FULL, text=NO_SPACE),
    "disk-full/busy": case(
        fleet(instance(tasks=1), instance(SECOND), instance(SECOND + "0")), FULL, text=NO_SPACE
    ),
    "disk-full/alone": case(fleet(instance()), FULL, text=NO_SPACE),
    "disk-full/everywhere": case(
        fleet(instance(tasks=3), instance(SECOND)),
        FULL | {FullDisks: FullDisks((FIRST, SECOND))},
        text=NO_SPACE,
    ),
    "agent-outdated": case(fleet(instance(**OLD_AGENT)), asking(), OWN),
    "agent-outdated/own-image": case(
        fleet(instance(**OLD_AGENT), instance(SECOND, connected=False)), asking()
    ),
    "agent-outdated/away": case(fleet(instance(connected=False)), asking()),
    "pull-timed-out": case(fleet(instance()), sized(12), text=HUNG),
    "pull-timed-out/idle": case(fleet(instance()), sized(12), text=IDLE),
    "pull-timed-out/fargate": case(sized(12), text=IDLE),
    "deployment-stalled": case(
        held_back(rollout_state="FAILED", reason=GAVE_UP, failed_tasks=3), text=WAS_MISSING
    ),
    "deployment-stalled/waits": case(held_back(WAITS), text=WAS_MISSING),
    "deployment-stalled/rolled-back": case(
        held_back(*BACK, running=2),
        {StoppedTask: StoppedTask("arn:task", OTHER, stopped_at=WHEN)},
        text=WAS_MISSING,
    ),
    "image-tag-missing/given-up": case(
        held_back(rollout_state="FAILED", reason=GAVE_UP, failed_tasks=3),
        {AskedImage: UNSEEN, Tags: Tags(())},
        text=WAS_MISSING,
    ),
    "ephemeral-storage-too-small": case(image(URI), sized(9), text=NO_SPACE),
    "ephemeral-storage-too-small/unread": case(sized(None), text=NO_SPACE),
    "ephemeral-storage-too-small/fits": case(sized(0.2), text=NO_SPACE),
    "ephemeral-storage-too-small/huge": case(sized(90), text=NO_SPACE),
}
