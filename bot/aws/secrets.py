"""What Secrets Manager can tell us about the registry's credentials, never their value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from bot.aws.accounts import WorkloadAccount
from bot.aws.client import NotFound
from bot.facts import (
    ImageReference,
    KeptSecret,
    KeptSecrets,
    Recorded,
    RegistrySecret,
    TaskDefinition,
)
from bot.logins import free_name
from bot.model import Call, Unknown
from bot.symptom import Symptom

ASKED_FOR, MALFORMED = "registry-credentials-invalid", "secret-malformed"
# Secrets of pull-through caches have other keys than ECS reads, and those of services are theirs.
CACHES = "ecr-pullthroughcache/"
DEFAULT_KEY = "alias/aws/secretsmanager"
SPEAKING = {
    "artifactory", "azurecr", "docker", "dockerconfig", "dockerhub", "ghcr", "gitlab", "harbor",
    "jfrog", "nexus", "ngc", "nvcr", "quay", "registries", "registry",
}  # fmt: skip
OFFERED = 5  # each is one more question to IAM
WORD = re.compile(r"[a-z0-9]+")


def registry_secret(
    here: WorkloadAccount, definition: TaskDefinition, image: ImageReference
) -> RegistrySecret:
    owners = (c for c in definition.containers if c.name == image.container)
    written = next((c.credentials for c in owners), None)
    if not written:
        return RegistrySecret(None)
    arn = written if written.startswith("arn:") else None
    door = here.at(arn.split(":")[3] or here.region) if arn else here
    try:
        found = door.call(Call("secretsmanager", "describe_secret", {"SecretId": written}))
    except NotFound:
        return RegistrySecret(written, arn)
    return RegistrySecret(
        written,
        found["ARN"],
        exists=True,
        deleted_at=found.get("DeletedDate"),
        kms_key=found.get("KmsKeyId"),
        changed_at=found.get("LastChangedDate"),
        rotates=bool(found.get("RotationEnabled")),
    )


def kept_secrets(
    here: WorkloadAccount,
    definition: TaskDefinition,
    image: ImageReference,
    said: Recorded | Unknown,
    asked: Symptom,
) -> KeptSecrets:
    """The secrets that a container without credentials may have been meant to name, or a new one.

    Where the secret that it names is malformed, only a new one takes its place.
    """
    symptoms = [asked, *([] if isinstance(said, Unknown) else [said.symptom])]
    named = any(c.credentials for c in definition.containers if c.name == image.container)
    pointing = MALFORMED if named else ASKED_FOR
    wanted = any(pointing in (s.family, *s.alternatives) for s in symptoms)
    official = image.registry == "docker-hub" and image.repository.startswith("library/")
    if image.registry not in ("docker-hub", "other") or official or not wanted:
        return KeptSecrets()
    every = Call("secretsmanager", "list_secrets", {"IncludePlannedDeletion": True})
    found = here.pages(every, "SecretList")  # a name is taken until its secret is gone for good
    ranked = sorted((s for s in found if _may_be_named(s)), key=lambda s: _distance(s, image))
    fitting = [s for s in ranked if _words(s) & (SPEAKING | _host(image))]
    items = tuple(KeptSecret(s["ARN"], s["Name"]) for s in fitting[:OFFERED])
    return KeptSecrets(() if named else items, free_name(image.host, {s["Name"] for s in found}))


def _may_be_named(secret: Mapping[str, Any]) -> bool:
    """Tell whether a task could read it, once it may read the secret alone."""
    ours = secret.get("KmsKeyId") in (None, DEFAULT_KEY) and not secret.get("OwningService")
    return ours and not secret.get("DeletedDate") and not secret["Name"].startswith(CACHES)


def _distance(secret: Mapping[str, Any], image: ImageReference) -> tuple[int, int, str]:
    """Rank those first that name the registry, then those that name the image."""
    words = _words(secret)
    path = {w for w in WORD.findall(image.repository) if w != "library"}
    return -len(words & _host(image)), -len(words & path), secret["Name"]


def _host(image: ImageReference) -> set[str]:
    """Return the words that tell the registry of *image* from others."""
    if image.registry == "docker-hub":
        return {"docker", "dockerhub", "hub"}
    every = {"com", "io", "net", "org", "dev", "www", "registry", "docker", "aws"}
    return set(WORD.findall(image.host.lower())) - every


def _words(secret: Mapping[str, Any]) -> set[str]:
    tags: Iterable[Mapping[str, str]] = secret.get("Tags", ())
    said = [secret["Name"], secret.get("Description") or ""]
    said += [part for t in tags for part in (t.get("Key", ""), t.get("Value", ""))]
    return set(WORD.findall(" ".join(said).lower()))


COLLECTORS = (registry_secret, kept_secrets)
