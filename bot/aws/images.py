"""What is inside an image, as far as its manifest tells. No layer and no config is ever read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from bot.aws.accounts import RegistryAccount, Visit, WorkloadAccount
from bot.aws.client import Door, NotFound, together
from bot.aws.ecs import cluster_of
from bot.aws.reference import split
from bot.facts import (
    AskedImage,
    ImagePlatform,
    ImagePlatforms,
    ImageReference,
    ImageSizes,
    MendedReference,
    OtherPlatforms,
    Platform,
    Recorded,
    StoppedTask,
    Subject,
    TaskDefinition,
    WantedPlatform,
)
from bot.grammar import mended
from bot.media_types import INDEXES
from bot.model import Call, CannotTell, Unknown
from bot.permissions import action
from bot.platforms import ARCHITECTURES, fits
from bot.references import malformed
from bot.symptom import Symptom

FAMILY = "platform-mismatch"
# The families of texts that are about how large an image is.
OF_SIZE = ("disk-full", "pull-cancelled")
HOSTS = {"x86_64": "amd64", "arm64": "arm64"}


def image_platforms(
    there: RegistryAccount, image: ImageReference, asked: AskedImage, said: Recorded, text: Symptom
) -> ImagePlatforms:
    """The platforms of an image that is an index.

    Reading a manifest counts as a pull, which lifecycle rules may look at: it is read only where
    the texts leave the platform open.
    """
    if not asked.exists or asked.status == "ARCHIVED" or asked.manifest_type not in INDEXES:
        return ImagePlatforms(index=False)
    if _told(said, text) and not _of(said, text, FAMILY):
        raise CannotTell("not asked")
    return _listed(there, image.repository, {"imageDigest": asked.digest or ""})


def wanted_platform(
    here: WorkloadAccount,
    subject: Subject,
    task: StoppedTask,
    definition: TaskDefinition,
    where: Platform,
    offered: ImagePlatforms,
) -> WantedPlatform:
    """What the task definition says; else what ECS recorded or takes on Fargate, or the host is."""
    written = definition.raw.get("runtimePlatform") or {}
    family = str(written.get("operatingSystemFamily") or "LINUX")
    os = "windows" if family.startswith("WINDOWS") else "linux"
    if asked := written.get("cpuArchitecture"):
        return WantedPlatform(os, ARCHITECTURES.get(asked, asked.lower()), family)
    if task.cpu_architecture and task.definition == definition.arn:
        ran = task.cpu_architecture
        return WantedPlatform(os, HOSTS.get(ran, ran), family, "recorded")
    if where.launch_type == "FARGATE" or not offered.index:
        return WantedPlatform(os, ARCHITECTURES["X86_64"], family, "default")
    return _of_host(here, subject, task)


def other_platforms(
    definition: TaskDefinition,
    image: ImageReference,
    offered: ImagePlatforms,
    wanted: WantedPlatform | Unknown,
    visit: Visit,
) -> OtherPlatforms:
    if isinstance(wanted, Unknown) or not offered.index or fits(wanted, offered) is not False:
        return OtherPlatforms()
    mine = {c.image for c in definition.containers if c.name == image.container}
    others = [split(c.image, c.name) for c in definition.containers if c.image not in mine]
    found = together(*(lambda o=other: _of_other(o, visit) for other in others))
    return OtherPlatforms(tuple(zip((o.container for o in others), found, strict=True)))


def image_sizes(
    definition: TaskDefinition,
    image: ImageReference,
    asked: AskedImage | Unknown,
    said: Recorded,
    text: Symptom,
    visit: Visit,
    task: StoppedTask | Unknown,
) -> ImageSizes:
    after_fix = isinstance(task, StoppedTask) and task.settled
    if not after_fix and not _of(said, text, *OF_SIZE):
        return ImageSizes()
    known = asked.size if isinstance(asked, AskedImage) else None
    mine = [c.name for c in definition.containers if c.image == image.written]
    others = [split(c.image, c.name) for c in definition.containers if c.name not in mine]
    found = together(*(lambda o=other: _size_of(o, visit) for other in others))
    sizes = dict(zip((o.container for o in others), found, strict=True))
    named = [c.name for c in definition.containers]
    return ImageSizes(tuple((name, sizes.get(name, known)) for name in named))


def mended_reference(
    subject: Subject, definition: TaskDefinition, image: ImageReference, visit: Visit
) -> MendedReference:
    """What a malformed reference was meant to be, if ECR has exactly that and it can be pulled."""
    found = malformed(image, definition)
    meant = found and mended(found[1], subject.account, subject.region)
    there = split(meant, found[0]) if found and meant else None
    if there is None or there.registry != "ecr" or not there.account or not there.region:
        return MendedReference()
    wanted = {"imageDigest": there.digest} if there.digest else {"imageTag": there.tag}
    named = {"registryId": there.account, "repositoryName": there.repository}
    call = Call("ecr", "describe_images", {**named, "imageIds": [wanted]})
    try:
        details = visit.read(there.account, there.region).call(call)["imageDetails"]
    except NotFound:
        return MendedReference()
    active = details and details[0].get("imageStatus", "ACTIVE") == "ACTIVE"
    return MendedReference(meant if active else None)


def _told(said: Recorded, text: Symptom) -> list[Symptom]:
    return [s for s in (said.symptom, text) if s.recognised]


def _of(said: Recorded, text: Symptom, *families: str) -> bool:
    """Tell whether a text speaks of one of *families*."""
    named = {f for s in _told(said, text) for f in (s.family, *s.alternatives)}
    return not named.isdisjoint(families)


def _size_of(image: ImageReference, visit: Visit) -> int | None:
    if image.registry != "ecr" or image.account is None or image.region is None:
        return None
    wanted = {"imageDigest": image.digest} if image.digest else {"imageTag": image.tag or ""}
    named = {"registryId": image.account, "repositoryName": image.repository}
    call = Call("ecr", "describe_images", {**named, "imageIds": [wanted]})
    try:
        details = visit.read(image.account, image.region).call(call)["imageDetails"]
    except (CannotTell, NotFound):
        return None
    return details[0].get("imageSizeInBytes") if details else None


def _of_other(image: ImageReference, visit: Visit) -> ImagePlatforms | None:
    if image.registry != "ecr" or image.account is None or image.region is None:
        return None
    wanted = {"imageDigest": image.digest} if image.digest else {"imageTag": image.tag or ""}
    try:
        return _listed(visit.read(image.account, image.region), image.repository, wanted)
    except (CannotTell, NotFound):
        return None


def _listed(there: Door, repository: str, image: dict[str, str]) -> ImagePlatforms:
    params = {"registryId": there.account, "repositoryName": repository, "imageIds": [image],
              "acceptedMediaTypes": list(INDEXES)}  # fmt: skip
    asked = Call("ecr", "batch_get_image", params)
    answer = there.call(asked)
    if not answer["images"]:
        code = next((f["failureCode"] for f in answer.get("failures", ())), "nothing")
        raise CannotTell(f"error {code} from {action(asked)}")
    entries = json.loads(answer["images"][0]["imageManifest"]).get("manifests", [])
    said = [e.get("platform") for e in entries if not _about_another(e)]
    items = tuple(_platforms(said))
    return ImagePlatforms(index=True, items=items, whole=len(items) == len(said))


def _platforms(said: list[dict[str, Any] | None]) -> Iterator[ImagePlatform]:
    for p in said:
        if p and p.get("os") and p.get("architecture"):
            version = p.get("os.version") or None
            yield ImagePlatform(p["os"], p["architecture"], p.get("variant") or None, version)


def _about_another(entry: dict[str, Any]) -> bool:
    """Tell whether an entry is a statement on another one: builders write an unknown platform."""
    return bool((entry.get("platform") or {}).get("architecture") == "unknown")


def _of_host(here: WorkloadAccount, subject: Subject, task: StoppedTask) -> WantedPlatform:
    if task.container_instance is None:
        raise CannotTell("the container instance is not known")
    parts = task.container_instance.split("/")
    cluster = {"cluster": parts[1]} if len(parts) == 3 else cluster_of(subject)
    asked = {**cluster, "containerInstances": [task.container_instance]}
    try:
        found = here.call(Call("ecs", "describe_container_instances", asked))["containerInstances"]
    except NotFound:
        found = []
    said = {a["name"]: a.get("value", "") for h in found for a in h.get("attributes", ())}
    architecture = said.get("ecs.cpu-architecture")
    if not architecture:
        raise CannotTell("the container instance is gone")
    family = said.get("ecs.os-family") or said.get("ecs.os-type", "linux")
    os = said.get("ecs.os-type", "linux")
    return WantedPlatform(os, HOSTS.get(architecture, architecture), family.upper(), "host")


COLLECTORS = (image_platforms, wanted_platform, other_platforms, image_sizes, mended_reference)
