"""What ECR does with an image beyond keeping it: the archive, and what kind of thing it is.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive_restore_image.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from playground.estate.calls import Request
from playground.estate.identity import Refused
from playground.estate.world import WORLD

ACTIVE, ARCHIVED, ACTIVATING = "ACTIVE", "ARCHIVED", "ACTIVATING"
INDEXES = {
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.index.v1+json",
}


def found(account: str, region: str, repository: str, image: Mapping[str, Any]) -> Any:
    """Return the image that *image* names by digest or tag; None where there is none."""
    from moto.ecr.models import ecr_backends

    kept = ecr_backends[account][region].repositories.get(repository)
    return next((i for i in (kept.images if kept else ()) if _is(i, image)), None)


def status(image: Any) -> str:
    """Return the status of *image*; what is being restored is active after a while."""
    if getattr(image, "archived", None) is not None:
        return ARCHIVED
    until = getattr(image, "restored_at", 0.0)
    return ACTIVATING if WORLD.clock() < until else ACTIVE


def archived_at(image: Any) -> float | None:
    """Return when *image* was last archived."""
    at: float | None = getattr(image, "last_archived", None)
    return at


def artifact_type(image: Any) -> str | None:
    """Return the media type of what the manifest of *image* holds; an index has none."""
    config = json.loads(image.image_manifest).get("config", {})
    return str(config["mediaType"]) if "mediaType" in config else None


def update_storage_class(request: Request, account: str, _: str) -> dict[str, Any]:
    """Move an image to the archive or out of it."""
    wanted = request.fields["imageId"]
    name, target = str(request.text("repositoryName")), request.text("targetStorageClass")
    owner = request.text("registryId") or account
    image = found(owner, request.region, name, wanted)
    if image is None:
        words = f"The image with imageId {wanted} does not exist within the repository {name}"
        raise Refused("ImageNotFoundException", words, 400)
    if (status(image) == ARCHIVED) == (target == "ARCHIVE"):
        words = f"The image is already in the storage class {target}"
        raise Refused("ImageStorageClassUpdateNotSupportedException", words, 400)
    if target == "ARCHIVE":
        image.archived = image.last_archived = WORLD.clock()
    else:
        image.archived, image.restored_at = None, WORLD.clock() + WORLD.restoring
    said = {"registryId": owner, "repositoryName": name, "imageId": wanted}
    return {**said, "imageStatus": status(image)}


def _is(image: Any, wanted: Mapping[str, Any]) -> bool:
    if digest := wanted.get("imageDigest"):
        return bool(image.image_digest == digest)
    return wanted.get("imageTag") in image.image_tags
