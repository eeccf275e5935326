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

CONFIGS = (
    "application/vnd.docker.container.image.v1+json",
    "application/vnd.oci.image.config.v1+json",
)


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


def size(image: Any) -> int:
    """Return how many bytes the layers of *image* have as they are stored; an index has none itself."""
    said = json.loads(image.image_manifest)
    parts = [said.get("config", {}), *said.get("layers", ())]
    return sum(p.get("size", 0) for p in parts)


def platform(definition: Any) -> str:
    """Return what a task runs on: what its definition says, or x86 and Linux."""
    said = getattr(definition, "runtime_platform", None) or {}
    os = "windows" if said.get("operatingSystemFamily", "LINUX").startswith("WIN") else "linux"
    return f"{os}/{'arm64' if said.get('cpuArchitecture') == 'ARM64' else 'amd64'}"


def has(image: Any, wanted: str) -> bool:
    """Tell whether *image* can be pulled there; a manifest alone is not looked into."""
    if image.image_manifest_media_type not in INDEXES:
        return True
    listed = [m.get("platform") or {} for m in json.loads(image.image_manifest)["manifests"]]
    return wanted in [f"{p.get('os')}/{p.get('architecture')}" for p in listed]


def unpacks(image: Any) -> bool:
    """Tell whether a container can be made of *image*."""
    return artifact_type(image) in (None, *CONFIGS)


def key_of(repository: Any) -> Any:
    """Return the KMS key that encrypts *repository*; None where it has none of its own."""
    from moto.kms.models import kms_backends

    arn = (repository.encryption_configuration or {}).get("kmsKey", "")
    if not arn:
        return None
    _, _, _, region, account, name = arn.split(":", 5)
    return kms_backends[account][region].keys.get(name.removeprefix("key/"))


def readable(repository: Any) -> bool:
    """Tell whether ECR can decrypt what is in *repository*."""
    encrypted = (repository.encryption_configuration or {}).get("encryptionType") != "AES256"
    key = key_of(repository)
    return not encrypted or (key is not None and key.key_state == "Enabled")


def grant_itself(repository: Any) -> None:
    """Let ECR use the key of a new repository, bound to it: the puller needs no permission for it."""
    if (key := key_of(repository)) is not None:
        key.add_grant(
            "", f"ecr.{repository.region_name}.amazonaws.com", ["Decrypt", "GenerateDataKey"],
            constraints={"EncryptionContextSubset": {"aws:ecr:arn": repository.arn}},
            retiring_principal="",
        )  # fmt: skip


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
