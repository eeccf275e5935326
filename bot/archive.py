"""Taking an image out of ECR's archive, and putting it back. Pure.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/restore-image.html
"""

from __future__ import annotations

from bot.facts import ImageReference, Repository
from bot.model import Call, Step

ARCHIVED, ACTIVATING, ACTIVE = "ARCHIVED", "ACTIVATING", "ACTIVE"


def restored(image: ImageReference, repository: Repository, digest: str) -> Step:
    """Return the step that makes the archived image *digest* one that can be pulled."""
    named = {"repositoryName": repository.name, "imageId": {"imageDigest": digest}}
    update = "update_image_storage_class"
    return Step(
        kind="image-storage-class",
        account=image.account or "",
        region=image.region or "",
        resource=repository.arn,
        before={"imageDigest": digest, "imageStatus": ARCHIVED},
        after={"imageDigest": digest, "imageStatus": ACTIVE},
        do=Call("ecr", update, {**named, "targetStorageClass": "STANDARD"}),
        undo=Call("ecr", update, {**named, "targetStorageClass": "ARCHIVE"}),
    )
