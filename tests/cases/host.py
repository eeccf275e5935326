"""Recorded services that are broken by where they run, or held back by the scheduler."""

from __future__ import annotations

from dataclasses import replace

from bot.facts import AskedImage, Deployment, ImageSizes, Service, StoppedTask, Tags
from bot.sizes import GIB
from tests.cases.building import NOT_FOUND, UNSEEN, Facts, case, image
from tests.cases.healthy import DEFINITION, HEALTHY, URI, WHEN

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
CASES: dict[str, Facts] = {
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
