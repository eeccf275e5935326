"""What is known of an image beyond its name: which platforms it is for, and which one is wanted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ImagePlatform:
    """A platform as an index names it: ``linux``, ``arm64``, ``v8``; on Windows with the build."""

    os: str
    architecture: str
    variant: str | None = None
    os_version: str | None = None


@dataclass(frozen=True, slots=True)
class ImagePlatforms:
    """The platforms that the index of an image lists; one manifest alone lists none.

    *whole* is False where an entry does not say what it is for.
    """

    index: bool
    items: tuple[ImagePlatform, ...] = ()
    whole: bool = True


@dataclass(frozen=True, slots=True)
class OtherPlatforms:
    """The same of the other images of the task, by name of the container; None: cannot be told.

    They are read only where the image itself does not fit.
    """

    items: tuple[tuple[str, ImagePlatforms | None], ...] = ()


@dataclass(frozen=True, slots=True)
class ImageSizes:
    """How many bytes the images of the task have, compressed, by name of the container.

    None: cannot be told. They are read only where the texts speak of space or of time.
    """

    items: tuple[tuple[str, int | None], ...] = ()


@dataclass(frozen=True, slots=True)
class MendedReference:
    """What a malformed reference was surely meant to be: one that ECR has; None where none is sure."""

    written: str | None = None


@dataclass(frozen=True, slots=True)
class WantedPlatform:
    """What the image must be built for. *family* is ECS's word for the operating system.

    *source* tells how it is known: the task definition, ECS's default, or the host.
    """

    os: str
    architecture: str
    family: str = "LINUX"
    source: str = "definition"

    @property
    def name(self) -> str:
        return f"{self.os}/{self.architecture}"


@dataclass(frozen=True, slots=True)
class Expiry:
    """When and by which lifecycle rule the image was removed; *at* is None where none did.

    *by_count* tells that the rule keeps a *number* of images, else it keeps them for so many
    days. *whole* is False where older events were not read.
    """

    at: datetime | None = None
    priority: int | None = None
    digest: str | None = None
    description: str | None = None
    by_count: bool = False
    number: int | None = None
    whole: bool = True


@dataclass(frozen=True, slots=True)
class LifecycleRules:
    """The priorities of those rules of the repository's lifecycle policy that remove images."""

    expiring: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Replication:
    """How far an image has come from the registry that replicates it; None where none does."""

    status: str | None = None
    account: str | None = None
    region: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class ImageCopy:
    """What the task's own registry has in the task's Region of an image of another Region.

    *digest* is None where there is none under the repository and the tag or digest asked for.
    """

    digest: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class RepositoryKey:
    """The KMS key of the repository and its state; *arn* is None where it has no key of its own."""

    arn: str | None = None
    state: str | None = None
    deleted_at: datetime | None = None
    managed: bool = False


@dataclass(frozen=True, slots=True)
class KeyGrants:
    """Whether ECR has a grant of the key for the repository; none is needed where there is no key."""

    held: bool = True
