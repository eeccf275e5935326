"""Policy documents and image manifests, as text."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

PULL_ACTIONS = [
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
    "ecr:BatchCheckLayerAvailability",
]
IMPORT_ACTIONS = ["ecr:CreateRepository", "ecr:BatchImportUpstreamImage"]
LOG_ACTIONS = ["logs:CreateLogStream", "logs:PutLogEvents"]


def allow(
    actions: str | Sequence[str], resource: Any = None, principal: Any = None, **more: Any
) -> dict[str, Any]:
    """Return a statement that allows."""
    made: dict[str, Any] = {"Effect": "Allow", "Action": actions, **more}
    if principal is not None:
        made["Principal"] = principal
    if resource is not None or principal is None:
        made["Resource"] = resource or "*"
    return made


def document(*statements: Mapping[str, Any]) -> str:
    """Return a policy document as text."""
    found = [s for one in statements for s in one.get("Statement", [one])]
    return json.dumps({"Version": "2012-10-17", "Statement": found})


HELM = "application/vnd.cncf.helm.config.v1+json"


@functools.cache
def index(content: str, *platforms: str) -> str:
    """Return an index of images for *platforms*, with the statement that builders add to it."""
    found = [p.split("/") for p in (*platforms, "unknown/unknown")]
    kind = "application/vnd.oci.image"
    return json.dumps({
        "schemaVersion": 2,
        "mediaType": f"{kind}.index.v1+json",
        "manifests": [
            {"mediaType": f"{kind}.manifest.v1+json", "size": 1626,
             "digest": "sha256:" + hashlib.sha256(f"{content}/{os}/{cpu}".encode()).hexdigest(),
             "platform": {"os": os, "architecture": cpu}}
            for os, cpu in found
        ],
    })  # fmt: skip


@functools.cache
def manifest(
    content: str,
    holds: str = "application/vnd.docker.container.image.v1+json",
    size: int = 31_357_624,
) -> str:
    """Return a manifest of *size* bytes of what it *holds*; its digests depend on *content* alone."""

    def digest(part: str) -> str:
        return "sha256:" + hashlib.sha256(f"{content}/{part}".encode()).hexdigest()

    kind = "application/vnd.docker"
    return json.dumps({
        "schemaVersion": 2,
        "mediaType": f"{kind}.distribution.manifest.v2+json",
        "config": {"mediaType": holds, "size": 7023,
                   "digest": digest("config")},
        "layers": [{"mediaType": f"{kind}.image.rootfs.diff.tar.gzip", "size": size,
                    "digest": digest("layer")}],
    })  # fmt: skip
