"""Recorded services that are broken by where they run, or held back by the scheduler."""

from __future__ import annotations

from bot.facts import ImageSizes
from bot.sizes import GIB
from tests.cases.building import Facts, case, image
from tests.cases.healthy import URI

NO_SPACE = (
    "CannotPullContainerError: ref pull has been retried 1 time(s): failed to extract layer "
    "sha256:2d47: write /var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/55/fs/"
    "opt/model.bin: no space left on device: unknown"
)


def sized(gib: float | None) -> Facts:
    """The image with so many GiB."""
    return {ImageSizes: ImageSizes((("app", gib if gib is None else int(gib * GIB)),))}


CASES: dict[str, Facts] = {
    "ephemeral-storage-too-small": case(image(URI), sized(9), text=NO_SPACE),
    "ephemeral-storage-too-small/unread": case(sized(None), text=NO_SPACE),
    "ephemeral-storage-too-small/fits": case(sized(0.2), text=NO_SPACE),
    "ephemeral-storage-too-small/huge": case(sized(90), text=NO_SPACE),
}
