"""Where images land: the disk of a task on Fargate, or that of a host in EC2, and how long they take.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-storage.html
"""

from __future__ import annotations

from playground.estate import registry, words
from playground.estate.images import Image
from playground.estate.order import Failed, Order
from playground.estate.world import WORLD

GIB = 1024**3
FARGATE, HOST = 20 * GIB, 30 * GIB  # what is there unless somebody says otherwise
PATIENCE = 2 * 3600  # seconds that an agent gives a pull
UNPACKED = 1.8  # how much larger than its layers an image of ours is on the disk


def free(order: Order) -> float:
    """Return how many bytes there are for the images of a task."""
    if order.host:
        return WORLD.disks.get(order.host.instance, HOST)
    asked = getattr(order.definition, "ephemeral_storage", None) or {}
    return float(asked["sizeInGiB"] * GIB if asked else FARGATE)


def without(left: float, image: Image, digest: str, order: Order, container: str) -> float:
    """Return what is left of *left* bytes with *image* on the disk; raises Failed where it is full."""
    account, region = image.ecr or ("", "")
    wanted = {"imageDigest": digest}
    found = registry.found(account, region, image.repository, wanted) if region else None
    size = registry.size(found) if found else 0
    link = WORLD.links.get(order.host.instance) if order.host else None
    if link and size / link > PATIENCE:
        raise Failed(words.TIMED_OUT, "S5", container)
    remains = left - size * (1 + UNPACKED)
    if size and remains < 0:
        text = words.HOST_NO_SPACE if order.host else words.NO_SPACE
        raise Failed(text.format(digest=digest), "S6", container)
    return remains
