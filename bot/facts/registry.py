"""The registry: its repositories, images and policies, and the credentials for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.facts.documents import Document


@dataclass(frozen=True, slots=True)
class Repository:
    """The ECR repository, or the fact that there is none (or that the image is not in ECR).

    *key* is the KMS key that encrypts it, where that is not ECR's own encryption.
    """

    name: str
    arn: str
    exists: bool
    immutable: bool = False
    key: str | None = None


@dataclass(frozen=True, slots=True)
class RepositoryPolicy:
    """The repository's own policy; *document* is None when it has none."""

    document: Document | None


@dataclass(frozen=True, slots=True)
class AskedImage:
    """The image under the tag or digest asked for, or the fact that there is none.

    *manifest_type* and *artifact_type* are the media types of its manifest and of what it holds;
    *size* counts the bytes of its layers as they are stored: compressed.
    """

    exists: bool
    digest: str | None = None
    status: str | None = None
    archived_at: datetime | None = None
    manifest_type: str | None = None
    artifact_type: str | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class TaggedImage:
    """One tag of a repository."""

    tag: str
    digest: str
    pushed_at: datetime


@dataclass(frozen=True, slots=True)
class Tags:
    """The tags in the repository, newest first."""

    items: tuple[TaggedImage, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(t.tag for t in self.items)


@dataclass(frozen=True, slots=True)
class RepositoriesElsewhere:
    """ARNs of repositories of the same name in other Regions and accounts the bot may see.

    *unseen* lists the places that could not be read, as ``account/region``.
    """

    arns: tuple[str, ...]
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Namesakes:
    """ECR repositories with the name of a Docker Hub reference that lost its registry host."""

    arns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegistrySecret:
    """The secret with a private registry's credentials: unset, missing, deleted, or there.

    *written* is what the task definition says, *changed_at* when its value last changed, and
    *rotates* whether that happens by itself. Its value is never read.
    """

    written: str | None
    arn: str | None = None
    exists: bool = False
    deleted_at: datetime | None = None
    kms_key: str | None = None
    changed_at: datetime | None = None
    rotates: bool = False
