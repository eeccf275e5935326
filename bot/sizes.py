"""How much room the images of a task take, from what their registries know of them. Pure.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-storage.html
"""

from __future__ import annotations

import math

from bot.facts import ImageSizes, Platform, TaskDefinition

GIB = 1024**3
ROOM = (
    3  # an image takes about its stored size for its layers, and twice that unpacked: our estimate
)
GIVEN, GIVEN_BEFORE = 20, 10  # GiB that a Fargate task gets for images unless it asks for more
OLD = ("1.0.0", "1.1.0", "1.2.0", "1.3.0")  # platform versions of Linux that give no more


def storage(where: Platform, definition: TaskDefinition) -> int:
    """Return how many GiB of ephemeral storage a Fargate task has for its images."""
    if outdated(where, definition):
        return GIVEN_BEFORE
    return int((definition.raw.get("ephemeralStorage") or {}).get("sizeInGiB") or GIVEN)


def outdated(where: Platform, definition: TaskDefinition) -> bool:
    """Tell whether the platform version of Fargate is one that has no larger storage."""
    system = (definition.raw.get("runtimePlatform") or {}).get("operatingSystemFamily") or "LINUX"
    return str(system) == "LINUX" and where.version in OLD


def stored(sizes: ImageSizes) -> int | None:
    """Return the bytes of all images as they are stored, None where one of them is not known."""
    known = [size for _, size in sizes.items if size is not None]
    return sum(known) if known and len(known) == len(sizes.items) else None


def room(size: int) -> int:
    """Return how many GiB images of *size* bytes take once they are unpacked, as an estimate."""
    return math.ceil(size * ROOM / GIB)


def in_gib(size: int) -> str:
    """Return *size* bytes in GiB, as people write it."""
    return f"{size / GIB:.1f}"
