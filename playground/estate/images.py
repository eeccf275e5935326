"""Image references as Docker splits them, for the estate alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

ECR = re.compile(
    r"(\d{12})\.(?:dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com|dkr-ecr\.([a-z0-9-]+)\.on\.aws)"
)
LIKE_ECR = re.compile(r"\d{12}\.dkr[.-]ecr")
REFERENCE = re.compile(
    r"(?:[A-Za-z0-9][A-Za-z0-9.-]*(?::\d+)?/)?[a-z0-9]+(?:(?:[._/]|__|-+)[a-z0-9]+)*"
    r"(?::\w[\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
)


@dataclass(frozen=True, slots=True)
class Image:
    """*ref* is how containerd names it, ``docker.io/library/`` filled in."""

    ref: str
    host: str
    repository: str
    tag: str | None
    digest: str | None

    @property
    def ecr(self) -> tuple[str, str] | None:
        """Return account and Region of a private ECR registry."""
        found = ECR.fullmatch(self.host)
        return (found[1], found[2] or found[3]) if found else None

    @property
    def resolves(self) -> bool:
        """Tell whether there is such a host; of names that are not like ECR's nobody knows."""
        return self.ecr is not None or not LIKE_ECR.match(self.host)

    @property
    def version(self) -> str:
        return self.digest or self.tag or "latest"


def split(written: str) -> Image:
    """Take a reference apart."""
    name, _, digest = written.partition("@")
    first, slash, rest = name.partition("/")
    has_host = bool(slash) and ("." in first or ":" in first or first == "localhost")
    host, path = (first, rest) if has_host else ("docker.io", name)
    repository, _, tag = path.partition(":")
    if host == "docker.io" and "/" not in repository:
        repository = f"library/{repository}"
    version = tag or ("" if digest else "latest")
    ref = f"{host}/{repository}" + (f":{version}" if version else "")
    return Image(
        f"{ref}@{digest}" if digest else ref, host, repository, version or None, digest or None
    )
