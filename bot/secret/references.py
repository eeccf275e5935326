"""Take apart what a task definition writes for a secret or a parameter, as ECS takes it apart. Pure.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot.facts import (
    Container,
    DescribedSecret,
    ImageReference,
    TaskDefinition,
    WantedSecret,
    WantedSecrets,
)
from bot.facts.secret import Place, Store
from bot.permissions import partition

JSON = Any

WHOLE, WITH_PARTS = 7, 10  # fields of a secret's ARN: alone, and with key, stage and version
ACCOUNT = re.compile(r"\d{12}")
COMPLETE = re.compile(r"(?P<name>.+)-[A-Za-z0-9]{6}", re.DOTALL)
OF_AWS = (
    "/aws/"  # what AWS itself keeps, and secrets that are asked for as parameters: listed nowhere
)
CURRENT = "AWSCURRENT"


def wanted(
    definition: TaskDefinition, image: ImageReference | None, account: str, region: str
) -> WantedSecrets:
    """Return what the containers ask for, but not the credentials with which *image* is pulled."""
    judged = {c.credentials for c in definition.containers if image and c.name == image.container}
    found: list[WantedSecret] = []
    for container in definition.containers:
        for place, variable, written in _written(container, definition.raw):
            if place != "repositoryCredentials" or written not in judged:
                blank = WantedSecret(container.name, place, variable, written, "secretsmanager")
                found.append(parsed(blank, account, region))
    return WantedSecrets(tuple(found))


def _written(container: Container, raw: Mapping[str, JSON]) -> Iterator[tuple[Place, str, str]]:
    for secret in container.secrets:
        yield "secrets", secret.name, secret.value_from
    said: list[dict[str, JSON]] = raw.get("containerDefinitions", [])
    own = next((c for c in said if c.get("name") == container.name), {})
    for option in (own.get("logConfiguration") or {}).get("secretOptions") or ():
        yield "secretOptions", option["name"], option["valueFrom"]
    if container.credentials:
        yield "repositoryCredentials", "credentialsParameter", container.credentials


def parsed(blank: WantedSecret, account: str, region: str) -> WantedSecret:
    """Return *blank* with all that its *written* form says; a bare name is of *account* and *region*."""
    written = blank.written
    if written != written.strip():
        return replace(blank, fault="blanks", repaired=written.strip())
    if not written.startswith("arn:"):
        if blank.place == "repositoryCredentials":
            return replace(blank, account=account, region=region, name=written, arn=written)
        return _parameter(blank, written, account, region, partition(region))
    parts = written.split(":")
    if len(parts) < WHOLE - 1 or not parts[3] or not ACCOUNT.fullmatch(parts[4]):
        return replace(blank, store=_store(parts), fault="parts")
    if parts[2] == "ssm":
        kind, _, name = ":".join(parts[5:]).partition("/")
        found = _parameter(blank, name, parts[4], parts[3], parts[1])
        return found if kind == "parameter" and name else replace(found, fault="parts")
    return _secret(blank, parts)


def _store(parts: list[str]) -> Store:
    return "ssm" if parts[2:3] == ["ssm"] else "secretsmanager"


def _secret(blank: WantedSecret, parts: list[str]) -> WantedSecret:
    place = replace(blank, account=parts[4], region=parts[3])
    if parts[2] != "secretsmanager" or parts[5] != "secret" or not parts[6:7] or not parts[6]:
        return replace(place, fault="parts")
    found = replace(place, name=parts[6], arn=":".join(parts[:WHOLE]))
    if len(parts) == WHOLE:
        return found
    if len(parts) < WITH_PARTS:
        return replace(
            found, fault="colons", repaired=blank.written + ":" * (WITH_PARTS - len(parts))
        )
    if len(parts) > WITH_PARTS:
        return replace(found, fault="parts")
    json_key, stage, version = (p or None for p in parts[WHOLE:])
    return replace(found, json_key=json_key, stage=stage, version=version)


def _parameter(
    blank: WantedSecret, written: str, account: str, region: str, part: str
) -> WantedSecret:
    """Return a parameter; what stands behind a colon is a version or a label of it."""
    name, _, version = written.partition(":")
    arn = f"arn:{part}:ssm:{region}:{account}:parameter/{name.removeprefix('/')}"
    place = replace(blank, store="ssm", account=account, region=region, arn=arn)
    return replace(place, name=name, version=version or None)


def once(items: Iterable[WantedSecret]) -> tuple[WantedSecret, ...]:
    """Return the first reference to each secret or parameter."""
    return tuple({w.arn: w for w in reversed(tuple(items))}.values())[::-1]


def looks_complete(wanted: WantedSecret) -> re.Match[str] | None:
    """Tell whether Secrets Manager takes the name in an ARN for one with its six last characters."""
    return COMPLETE.fullmatch(wanted.name) if wanted.arn.startswith("arn:") else None


def key_arn(kms_key: str | None, owner: str) -> str | None:
    """Return the ARN of a key or alias of the resource *owner*; None for the default of AWS."""
    if not kms_key or ":alias/aws/" in kms_key or kms_key.startswith("alias/aws/"):
        return None
    if kms_key.startswith("arn:"):
        return kms_key
    _, part, _, region, account, *_ = owner.split(":")
    tail = kms_key if kms_key.startswith(("alias/", "key/")) else f"key/{kms_key}"
    return f"arn:{part}:kms:{region}:{account}:{tail}"


def rewritten(wanted: WantedSecret, secret: str) -> str:
    """Return the reference to the same part and version of the secret with the ARN *secret*."""
    return secret + wanted.written.removeprefix(wanted.arn)


def has_version(wanted: WantedSecret, found: DescribedSecret) -> bool | None:
    """Tell whether the version asked for is there; None where its labels do not tell."""
    if wanted.stage and wanted.version and wanted.version in found.versions:
        return wanted.stage in found.versions[wanted.version]
    if wanted.version:
        return True if wanted.version in found.versions else None
    return any((wanted.stage or CURRENT) in stages for stages in found.versions.values())
