"""Whether a missing image is one that another registry should have replicated to this one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.aws.accounts import Visit
from bot.aws.client import Door, NotFound, together
from bot.aws.ecr import DIGEST, NAME, TAG
from bot.facts import (
    AskedImage,
    ImageReference,
    KnownRegistries,
    Replication,
    RepositoriesElsewhere,
    Repository,
)
from bot.model import Call, CannotTell

MOST = 4  # registries that are asked for their rules, to keep a diagnosis within its calls
Place = tuple[str, str]  # account, Region
ORDER = ("FAILED", "IN_PROGRESS", "COMPLETE")


def replication(
    image: ImageReference,
    found: Repository,
    asked: AskedImage,
    elsewhere: RepositoriesElsewhere,
    known: KnownRegistries,
    visit: Visit,
) -> Replication:
    """How far the image has come from a registry that replicates here; asked where it is gone."""
    if image.registry != "ecr" or asked.exists or not _possible(image):
        return Replication()
    places = known.places if found.exists else _candidates(known, elsewhere)
    sources = _likeliest(places, image)[:MOST]
    answers = together(*(lambda p=place: _from(p, image, visit) for place in sources))
    told = [a for a in answers if isinstance(a, Replication)]
    refused = [a for a in answers if isinstance(a, CannotTell)]
    if refused and not told:
        raise refused[0]
    there = [r for r in told if r.status in ORDER]
    return min(there, key=lambda r: ORDER.index(r.status or ""), default=Replication())


def _candidates(known: KnownRegistries, elsewhere: RepositoriesElsewhere) -> Sequence[Place]:
    """Return the places that have a repository of the name, or may have it: no other is a source."""
    having = {(p[4], p[3]) for p in (arn.split(":") for arn in elsewhere.arns)}
    return [p for p in known.places if p in having or "/".join(p) in elsewhere.unseen]


def _likeliest(places: Sequence[Place], image: ImageReference) -> list[Place]:
    """Return the places but that of *image*, those of its account first, then those of its Region."""
    others = (p for p in places if p != (image.account, image.region))
    return sorted(others, key=lambda p: (p[0] != image.account, p[1] != image.region))


def _from(place: tuple[str, str], image: ImageReference, visit: Visit) -> Replication | CannotTell:
    try:
        door = visit.read(*place)
        said = door.call(Call("ecr", "describe_registry", {}))
    except CannotTell as reason:
        return reason
    rules = (said.get("replicationConfiguration") or {}).get("rules", ())
    return _status(door, image) if any(_covers(r, image) for r in rules) else Replication()


def _status(door: Door, image: ImageReference) -> Replication:
    wanted = {"imageDigest": image.digest} if image.digest else {"imageTag": image.tag}
    params = {"repositoryName": image.repository, "imageId": wanted}
    try:
        said = door.call(Call("ecr", "describe_image_replication_status", params))
    except NotFound:  # the source does not have it either
        return Replication()
    for s in said.get("replicationStatuses", ()):
        if (s.get("registryId"), s.get("region")) == (image.account, image.region):
            return Replication(s["status"], door.account, door.region, s.get("failureCode"))
    return Replication()


def _covers(rule: Mapping[str, Any], image: ImageReference) -> bool:
    """Tell whether *rule* sends images of this name to the registry of *image*."""
    targets = [(d["registryId"], d["region"]) for d in rule.get("destinations", ())]
    prefixes = list(_prefixes(rule))
    named = not prefixes or any(image.repository.startswith(p) for p in prefixes)
    return named and (image.account, image.region) in targets


def _prefixes(rule: Mapping[str, Any]) -> Iterator[str]:
    for kept in rule.get("repositoryFilters") or ():
        if kept.get("filterType") == "PREFIX_MATCH":
            yield kept["filter"]


def _possible(image: ImageReference) -> bool:
    version = DIGEST.fullmatch(image.digest) if image.digest else TAG.fullmatch(image.tag or "")
    return bool(version and NAME.fullmatch(image.repository))


COLLECTORS = (replication,)
