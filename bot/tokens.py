"""Cut single names out of a message: error codes, ARNs, image references, registry URLs."""

from __future__ import annotations

import itertools
import re
from typing import NamedTuple

import re2

CODES = {
    code.lower(): code
    for code in (
        "CannotPullContainerError", "CannotPullECRContainerError", "CannotPullImageManifestError",
        "CannotPullContainerAuthError", "ResourceInitializationError", "CannotCreateContainerError",
        "CannotStartContainerError", "CannotInspectContainerError", "CannotStopContainerError",
        "CannotCreateVolumeError", "CannotRemoveContainerError", "CannotDescribeContainerError",
        "CannotListContainersError", "CannotGetDockerClientError", "DockerTimeoutError",
        "CannotGetDockerClientVersionError", "DockerStateError", "ContainerRuntimeTimeoutError",
        "ContainerRuntimeError", "ContainerUnknownError", "OutOfMemoryError", "HostConfigError",
        "TaskStoppedBeforePullBeginError", "SpotInterruptionError", "NoSuchContainerError",
        "EmptyVolumeError", "DockerClientConfigError",
    )
}  # fmt: skip
# A code inside a longer name (QRT4CannotPullContainerError, a-CannotPullContainerError) is a
# container, a service or a class; people also bend the spelling, or a line break splits it.
_CODE = re2.compile(
    r"(?i)(" + "|".join(CODES) + r")|(Cannot ?Pull ?(?:ECR ?)?Container) Error"
    r"|(CannotPull(?:ECR)?Container)|(ContainerPullError)"
)
_ENOUGH = 64
_ARN = re.compile(
    r"arn:aws[\w-]{0,14}:([\w-]{1,40}):([^\s:\"']{0,40}):([^\s:\"']{0,60}):"
    r"((?:<[^<>\s]{1,40}>|[^\s\"'`,;()\[\]{}|<>]){1,600})"
)
DIGEST = re.compile(r"sha256:[0-9a-f]{64}(?![0-9a-f])")
URL = re.compile(r"https?://([\w.*…<>-]{1,253})(:\d{1,5})?(/[^\s\"'`<>()\[\]]{0,1500})?")
_V2 = re.compile(r"/v2/(?:([^\s:@]{1,255}?)/(manifests|blobs)/([^\s\"]{1,160}))?")
_TAIL = ".,:;)\"'`]}*>!?、。"
_ELIDED = ("...", "…")


class Reference(NamedTuple):
    """An image reference, split the way docker does it; nothing is filled in."""

    registry: str | None
    repository: str | None
    tag: str | None
    digest: str | None


class Arn(NamedTuple):
    """An ARN as it stands in the text, masked or not."""

    text: str
    service: str
    region: str
    account: str
    resource: str

    @property
    def whole(self) -> bool:
        """Whether its name is complete: neither cut nor elided."""
        return not self.resource.endswith((*_ELIDED, "/", ":")) and "..." not in self.resource


def codes(flat: str) -> list[tuple[int, str]]:
    """Return the first ECS error codes of *flat* with their places, in the usual spelling."""
    return [
        (m.start(), CODES.get(m[0].replace(" ", "").lower(), "CannotPullContainerError"))
        for m in itertools.islice(_CODE.finditer(flat), _ENOUGH)
        if _stands_alone(flat, m.start(), m.end(), bent=bool(m[2] or m[3]))
    ]


def _stands_alone(flat: str, start: int, end: int, *, bent: bool) -> bool:
    """Tell whether a code is one, and not a part of the name of a container or a class."""
    before, after = flat[max(0, start - 2) : start], flat[end : end + 1]
    if (after[:1].isalnum() and after.isascii()) or after in ("_", "-") or (bent and after != ":"):
        return False
    last = before[-1:]
    if (last.isalnum() and last.isascii()) or (last in ("_", "-", "/") and last):
        return False
    return not (last == "." and before[0].isalnum() and len(before) == 2)


def arns(flat: str) -> list[Arn]:
    """Return the ARNs of *flat*, in order."""
    found = []
    for m in _ARN.finditer(flat) if "arn:aws" in flat else ():
        text = trim(m[0])
        if text.count(":") >= 5:
            found.append(Arn(text, m[1], m[2], m[3], text.split(":", 5)[5]))
    return found


def trim(token: str) -> str:
    """Return *token* without the punctuation that sticks to its end, masks kept."""
    while token and token[-1] in _TAIL and not token.endswith("..."):
        if token[-1] == ">" and "<" in token[-62:]:
            break
        if token[-1] == "*" and token[-2:-1] in ("-", "/", ":", "*"):
            break
        token = token[:-1]
    return token


def split(image: str) -> Reference:
    """Return the parts of *image*."""
    name, _, digest = image.partition("@")
    head, slash, rest = name.partition("/")
    registry = None
    if slash and (head == "localhost" or (("." in head or ":" in head) and head.strip(".…*"))):
        registry, name = head, rest
    path, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:
        path, tag = name, ""
    return Reference(registry, path, tag or None, digest if DIGEST.fullmatch(digest) else None)


def registry_url(url: re.Match[str]) -> Reference | None:
    """Return what a match of URL asks a registry for; None where it is no registry's."""
    path = url[3] or ""
    if not path.startswith("/v2") or path[3:4] not in ("", "/", ":"):
        return None
    registry = url[1] + (url[2] or "")
    v2 = _V2.match(path)
    if not v2 or not v2[1]:
        return Reference(registry, None, None, None)
    value = trim(v2[3])
    if v2[2] == "blobs" or value.startswith("sha256:"):
        return Reference(registry, v2[1], None, value if DIGEST.fullmatch(value) else None)
    return Reference(registry, v2[1], None if value.endswith(_ELIDED) else value, None)
