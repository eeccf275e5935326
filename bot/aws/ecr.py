"""What ECR can tell us. An image that is not in ECR has nothing here, which asks nothing."""

from __future__ import annotations

import json
import re
from typing import Any

from bot.aws.accounts import RegistryAccount, Visit, WorkloadAccount
from bot.aws.client import Door, NotFound, together
from bot.aws.models import regions
from bot.caching import rule_of
from bot.facts import (
    AskedImage,
    CacheRules,
    ImageCopy,
    ImageReference,
    KnownRegistries,
    Namesakes,
    RepositoriesElsewhere,
    Repository,
    RepositoryPolicy,
    TaggedImage,
    Tags,
)
from bot.model import Call, CannotTell, Unknown
from bot.permissions import partition

# DescribeImages knows no order: many must be read to know the newest.
READ_AT_MOST = {"MaxItems": 10_000, "PageSize": 1_000}
KEEP = 1_000
LIBRARY = "library/"

# What ECR allows; any other name, tag or digest is one of nothing, and asking would be an error.
NAME = re.compile(r"(?=.{2,256}$)[a-z0-9]+(?:(?:[./]|__?|-+)[a-z0-9]+)*")
TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
DIGEST = re.compile(r"[a-z0-9]+:[0-9a-f]{32,}")


def repository(there: RegistryAccount, image: ImageReference, known: KnownRegistries) -> Repository:
    if image.registry != "ecr":
        return Repository(image.repository, "", exists=False)
    found = _described(there, image.repository) if real(there.region, known) else None
    if found is None:
        where = f"arn:{partition(there.region)}:ecr:{there.region}:{there.account}"
        return Repository(image.repository, f"{where}:repository/{image.repository}", exists=False)
    immutable = str(found.get("imageTagMutability", "")).startswith("IMMUTABLE")
    key = (found.get("encryptionConfiguration") or {}).get("kmsKey")
    return Repository(
        image.repository, found["repositoryArn"], exists=True, immutable=immutable, key=key
    )


def real(region: str, known: KnownRegistries) -> bool:
    """Tell whether there is such a Region: the name of a host may say anything."""
    return region in regions() or region in {r for _, r in known.places}


def repository_policy(there: RegistryAccount, found: Repository) -> RepositoryPolicy:
    if not found.exists:
        return RepositoryPolicy(None)
    try:
        answer = there.call(
            Call("ecr", "get_repository_policy", {**_of(there), "repositoryName": found.name})
        )
    except NotFound:
        return RepositoryPolicy(None)
    return RepositoryPolicy(json.loads(answer["policyText"]))


def asked_image(there: RegistryAccount, image: ImageReference, found: Repository) -> AskedImage:
    first = _image(there, image) if found.exists else None
    if first is None:
        return AskedImage(exists=False)
    return AskedImage(
        exists=True,
        digest=first["imageDigest"],
        status=first.get("imageStatus"),
        archived_at=first.get("lastArchivedAt"),
        manifest_type=first.get("imageManifestMediaType"),
        artifact_type=first.get("artifactMediaType"),
        size=first.get("imageSizeInBytes"),
    )


def image_copy(here: WorkloadAccount, image: ImageReference, asked: AskedImage) -> ImageCopy:
    """Asked for where the image is there, and in another Region than the task."""
    if (
        not asked.exists
        or image.region in (None, here.region)
        or not NAME.fullmatch(image.repository)
    ):
        return ImageCopy()
    found = _image(here, image)
    return ImageCopy(found["imageDigest"], found.get("imageStatus")) if found else ImageCopy()


def _image(there: Door, image: ImageReference) -> dict[str, Any] | None:
    """Return the details of *image* in the registry *there*."""
    asked = {"imageDigest": image.digest} if image.digest else {"imageTag": image.tag}
    if not (DIGEST.fullmatch(image.digest) if image.digest else TAG.fullmatch(image.tag or "")):
        return None
    params = {**_of(there), "repositoryName": image.repository, "imageIds": [asked]}
    try:
        details = there.call(Call("ecr", "describe_images", params))["imageDetails"]
    except NotFound:
        return None
    return details[0] if details else None


def tags(there: RegistryAccount, found: Repository) -> Tags:
    if not found.exists:
        return Tags(())
    params = {
        **_of(there),
        "repositoryName": found.name,
        "filter": {"tagStatus": "TAGGED"},
        "PaginationConfig": READ_AT_MOST,
    }
    try:
        details = there.pages(Call("ecr", "describe_images", params), "imageDetails")
    except NotFound:
        return Tags(())
    newest = sorted(details, key=lambda d: d["imagePushedAt"], reverse=True)
    items = [
        TaggedImage(tag, d["imageDigest"], d["imagePushedAt"])
        for d in newest
        for tag in d.get("imageTags", ())
    ]
    return Tags(tuple(items[:KEEP]))


def repositories_elsewhere(
    image: ImageReference,
    found: Repository,
    known: KnownRegistries,
    visit: Visit,
    rules: CacheRules | Unknown,
) -> RepositoriesElsewhere:
    """What a cache has yet to bring is looked for nowhere else."""
    cached = isinstance(rules, CacheRules) and rule_of(rules, image.repository) is not None
    if image.registry != "ecr" or found.exists or cached:
        return RepositoriesElsewhere(())
    others = [p for p in known.places if p != (image.account, image.region)]
    return RepositoriesElsewhere(*_looked_up(visit, others, image.repository))


def namesakes(
    image: ImageReference, here: WorkloadAccount, known: KnownRegistries, visit: Visit
) -> Namesakes:
    if image.registry != "docker-hub" or not image.repository.startswith(LIBRARY):
        return Namesakes(())
    places = dict.fromkeys([(here.account, here.region), *known.places])
    return Namesakes(_looked_up(visit, list(places), image.repository.removeprefix(LIBRARY))[0])


def _looked_up(
    visit: Visit, places: list[tuple[str, str]], name: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the ARNs of the repositories called *name*, and the places that could not be read."""

    def look(account: str, region: str) -> str | CannotTell | None:
        try:
            found = _described(visit.read(account, region), name)
        except CannotTell as reason:
            return reason
        return str(found["repositoryArn"]) if found else None

    answers = together(*(lambda p=place: look(*p) for place in places))
    seen = tuple(a for a in answers if isinstance(a, str))
    pairs = zip(places, answers, strict=True)
    return seen, tuple("/".join(p) for p, a in pairs if isinstance(a, CannotTell))


def _described(there: Door, name: str) -> dict[str, Any] | None:
    if not NAME.fullmatch(name):
        return None
    params = {**_of(there), "repositoryNames": [name]}
    try:
        found = there.call(Call("ecr", "describe_repositories", params))["repositories"]
    except NotFound:
        return None
    return found[0] if found else None


def _of(there: Door) -> dict[str, str]:
    return {"registryId": there.account}


COLLECTORS = (
    repository,
    repository_policy,
    asked_image,
    image_copy,
    tags,
    repositories_elsewhere,
    namesakes,
)
