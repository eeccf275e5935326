"""Write image references anew: another registry, another tag, another digest. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.facts import ImageReference, TaskDefinition
from bot.grammar import fault
from bot.media_types import INDEXES
from bot.model import Call

_SUFFIX = {"aws-cn": "amazonaws.com.cn"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where an ECR repository lives."""

    partition: str
    account: str
    region: str
    repository: str

    @property
    def host(self) -> str:
        suffix = _SUFFIX.get(self.partition, "amazonaws.com")
        return f"{self.account}.dkr.ecr.{self.region}.{suffix}"


def place(arn: str) -> Place:
    """Return the place that a repository's ARN names."""
    _, partition, _, region, account, resource = arn.split(":", 5)
    return Place(partition, account, region, resource.removeprefix("repository/"))


def in_other_region(image: ImageReference, arns: Iterable[str]) -> tuple[Place, ...]:
    """Return the places of the repository where only the Region of *image* was wrong.

    Where the same Region of another account has it, the account was wrong, and none is given.
    """
    found = tuple(p for p in map(place, arns) if p.region != image.region)
    own = tuple(p for p in found if p.account == image.account)
    wrong_account = any(place(a).region == image.region for a in arns)
    return own or (() if wrong_account else found)


def at(image: ImageReference, there: Place) -> str:
    """Return the reference of the same image in the registry *there*."""
    host = image.host.replace(image.account or "", there.account, 1) if image.account else ""
    host = host.replace(f".{image.region}.", f".{there.region}.", 1) or there.host
    return _written(host, there.repository, image.tag, image.digest)


def tagged(image: ImageReference, tag: str) -> str:
    """Return the reference of *tag* in the repository of *image*."""
    return _written(image.host, image.repository, tag, None)


def on(image: ImageReference, host: str) -> str:
    """Return the same reference at another *host*."""
    return host + image.written[len(image.host) :]


def in_repository(image: ImageReference, repository: str) -> str:
    """Return the reference of the same tag or digest in *repository* of the same registry."""
    return _written(image.host, repository, image.tag, image.digest)


def _written(host: str, repository: str, tag: str | None, digest: str | None) -> str:
    return f"{host}/{repository}" + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")


def described(image: ImageReference, there: Place) -> Call:
    """Return the call that tells whether *there* has the image itself."""
    wanted = {"imageDigest": image.digest} if image.digest else {"imageTag": image.tag}
    where = {"registryId": there.account, "repositoryName": there.repository}
    return Call("ecr", "describe_images", {**where, "imageIds": [wanted]})


def tagged_images(image: ImageReference) -> Call:
    """Return the call that lists the tags of the repository of *image*."""
    where = {"registryId": image.account, "repositoryName": image.repository}
    return Call("ecr", "describe_images", {**where, "filter": {"tagStatus": "TAGGED"}})


def manifest(image: ImageReference) -> Call:
    """Return the call that reads which platforms *image* is for."""
    wanted = {"imageDigest": image.digest} if image.digest else {"imageTag": image.tag}
    where = {"registryId": image.account, "repositoryName": image.repository}
    types = list(INDEXES)
    return Call(
        "ecr", "batch_get_image", {**where, "imageIds": [wanted], "acceptedMediaTypes": types}
    )


def in_ecr(image: ImageReference) -> bool:
    """Tell whether *image* is a reference that ECR can be asked for."""
    return image.registry == "ecr" and fault(image.written) is None


def malformed(image: ImageReference, definition: TaskDefinition) -> tuple[str, str] | None:
    """Return a container of the task whose image is no reference, and what it writes instead."""
    first = sorted(definition.containers, key=lambda c: c.name != image.container)
    return next(((c.name, c.image) for c in first if fault(c.image)), None)


def written(image: ImageReference, definition: TaskDefinition) -> str:
    """Return the reference as the task definition writes it, before ECS pinned a digest."""
    return next((c.image for c in definition.containers if c.name == image.container), "")


def alike(image: ImageReference, definition: TaskDefinition) -> tuple[str, ...]:
    """Return the names of all containers that ask for *image*."""
    old = written(image, definition)
    return tuple(c.name for c in definition.containers if old and c.image == old)


def replaced(image: ImageReference, definition: TaskDefinition, by: str) -> dict[str, str]:
    """Return the new image of every container that asks for *image*, by name of the container."""
    return dict.fromkeys(alike(image, definition), by)
