"""Whether an image reference is one at all, by the grammar that every registry shares. Pure.

https://github.com/distribution/reference, https://docs.docker.com/reference/cli/docker/image/tag/
"""

from __future__ import annotations

import re
from typing import Literal

from bot.partitions import registry

Fault = Literal[
    "empty", "variable", "scheme", "space", "host", "slash", "upper", "tag-empty", "tag",
    "digest", "long", "other",
]  # fmt: skip

NAME_LIMIT = 255  # characters of host and repository
_LEFT_IN = re.compile(r"[${}<>%]")
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Fa-f:]+\])(?::\d+)?", re.ASCII)
_PART = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*", re.ASCII)
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_DIGEST = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}")
_NO_ACCOUNT = re.compile(r"^(?=\.dkr[.-]ecr)")
_NO_REGION = re.compile(r"^(\d{12}\.dkr[.-]ecr(?:-fips)?)\.\.")


def fault(written: str) -> Fault | None:
    """Return the first thing that makes *written* no reference, None where it is one."""
    name, at, digest = written.partition("@")
    found: tuple[tuple[Fault, bool], ...] = (
        ("empty", not written.strip()),
        ("variable", _LEFT_IN.search(written) is not None),
        ("scheme", _SCHEME.match(written) is not None),
        ("space", re.search(r"\s", written) is not None),
        ("digest", bool(at) and not _digest(digest)),
    )
    return next((kind for kind, holds in found if holds), None) or _in_name(name)


def mended(written: str, account: str, region: str) -> str | None:
    """Return the reference that *written* was surely meant to be; None where that is a guess.

    What is lost without a trace, a tag or the value of a variable, is nobody's to fill in; an
    account, a Region or all of the host that is missing before a repository is the task's own.
    """
    text = _SCHEME.sub("", written.strip())
    text = registry(account, region) + text if text.startswith("/") else text
    text = _NO_REGION.sub(rf"\g<1>.{region}.", _NO_ACCOUNT.sub(account, text))
    name, at, digest = text.partition("@")
    name = re.sub("/{2,}", "/", re.sub(":{2,}", ":", name)).rstrip("/")
    host, slash, path = name.partition("/")
    repository, colon, tag = path.partition(":")
    made = f"{host}{slash}{repository.lower()}{colon}{tag}{at}{digest}"
    return made if made != written and fault(made) is None else None


def _in_name(name: str) -> Fault | None:
    host, path, tag = _taken_apart(name)
    parts = path.split("/")
    found: tuple[tuple[Fault, bool], ...] = (
        ("slash", "" in parts),
        ("tag-empty", tag == ""),
        ("host", host is not None and _HOST.fullmatch(host) is None),
        ("tag", tag is not None and _TAG.fullmatch(tag) is None),
        ("upper", path != path.lower()),
        ("other", any(_PART.fullmatch(p) is None for p in parts)),
        ("other", re.fullmatch("[0-9a-f]{64}", path) is not None and host is None),
        ("long", len(path) + len(host or "") >= NAME_LIMIT),
    )
    return next((kind for kind, holds in found if holds), None)


def _taken_apart(name: str) -> tuple[str | None, str, str | None]:
    """Return host, repository and tag; the first part is a host where it looks like one."""
    first, slash, rest = name.partition("/")
    is_host = bool(slash) and (
        "." in first or ":" in first or first == "localhost" or first != first.lower()
    )
    host, path = (first, rest) if is_host else (None, name)
    before, colon, tag = path.rpartition(":")
    return (host, before, tag) if colon and "/" not in tag else (host, path, None)


def _digest(digest: str) -> bool:
    if not _DIGEST.fullmatch(digest):
        return False
    algorithm, _, value = digest.partition(":")
    return algorithm != "sha256" or re.fullmatch("[0-9a-f]{64}", value) is not None
