"""The media types of what a registry can hold, and which of them are images that run. Pure.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-manifest-formats.html
"""

from __future__ import annotations

from typing import Literal

Kind = Literal["helm", "signature", "sbom", "attestation", "cache", "other"]

DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
INDEXES = (DOCKER_LIST, OCI_INDEX)
SCHEMA_1 = (
    "application/vnd.docker.distribution.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
)
# What the manifest of an image may hold; early versions of Docker wrote the last one.
CONFIGS = (
    "application/vnd.docker.container.image.v1+json",
    "application/vnd.oci.image.config.v1+json",
    "application/octet-stream",
)
_KINDS: tuple[tuple[str, Kind], ...] = (
    ("helm", "helm"),
    ("signature", "signature"),
    ("cosign", "signature"),
    ("notary", "signature"),
    ("spdx", "sbom"),
    ("cyclonedx", "sbom"),
    ("sbom", "sbom"),
    ("in-toto", "attestation"),
    ("cache", "cache"),
)


def kind(artifact_type: str) -> Kind:
    """Return what sort of artifact *artifact_type* stands for."""
    low = artifact_type.lower()
    return next((name for word, name in _KINDS if word in low), "other")
