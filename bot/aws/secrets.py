"""What Secrets Manager can tell us about the registry's credentials, never their value."""

from __future__ import annotations

from bot.aws.accounts import WorkloadAccount
from bot.aws.client import NotFound
from bot.facts import ImageReference, RegistrySecret, TaskDefinition
from bot.model import Call


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
    )


COLLECTORS = (registry_secret,)
