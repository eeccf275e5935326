"""Split an image reference as Docker splits it. Pure."""

from __future__ import annotations

import re

from bot.facts import ImageReference
from bot.model import Registry

ECR_HOST = re.compile(
    r"(?P<account>\d{12})\.dkr[.-]ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)"
    r"\.(?:amazonaws\.com(?:\.cn)?|on\.aws|on\.amazonwebservices\.com\.cn)",
    re.IGNORECASE | re.ASCII,  # else a long s is an s, and a digit of any script a digit
)
DOCKER_HUB = ("docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com")


def split(written: str, container: str) -> ImageReference:
    """Return *written* taken apart; whatever it says, it never raises."""
    name, _, digest = written.partition("@")
    host, path = _host(name)
    path, tag = _tag(path)
    registry = _registry(host)
    if registry == "docker-hub":
        host, path = "docker.io", path if "/" in path else f"library/{path}"
    ecr = ECR_HOST.fullmatch(host)
    return ImageReference(
        written=written,
        container=container,
        registry=registry,
        host=host,
        repository=path,
        tag=tag or (None if digest else "latest"),
        digest=digest or None,
        account=ecr["account"] if ecr else None,
        region=ecr["region"].lower() if ecr else None,
    )


def same_image(one: ImageReference, other: ImageReference) -> bool:
    """Tell whether both mean the same repository, and the same tag where both name one."""
    if (one.host.lower(), one.repository) != (other.host.lower(), other.repository):
        return False
    return one.tag == other.tag or other.digest is not None or one.digest is not None


def _host(name: str) -> tuple[str, str]:
    """Split off the first part where Docker takes it for a host; else it is Docker Hub's."""
    first, slash, rest = name.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost" or first != first.lower()):
        return first, rest
    return "docker.io", name


def _tag(path: str) -> tuple[str, str | None]:
    """Split off the tag: what follows a colon of the last part."""
    before, colon, tag = path.rpartition(":")
    return (before, tag) if colon and "/" not in tag else (path, None)


def _registry(host: str) -> Registry:
    if ECR_HOST.fullmatch(host):
        return "ecr"
    if host.lower() in ("public.ecr.aws", "ecr-public.aws.com"):
        return "ecr-public"
    return "docker-hub" if host.lower() in DOCKER_HUB else "other"
