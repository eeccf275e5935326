"""Whether a task's execution role gets a secret: there, not deleted, readable, reachable."""

from __future__ import annotations

from typing import Any

from playground.estate import authority, network, policy
from playground.estate.authority import Attached, Principal
from playground.estate.network import Blocked, Place

READ = "secretsmanager:GetSecretValue"


class Unreadable(Exception):  # noqa: N818 - an outcome, not an error of ours
    """What Secrets Manager, or the network, answered."""


def read_secret(
    value_from: str, region: str, account: str, place: Place | None, who: Principal | None
) -> None:
    """Raise Unreadable where the secret cannot be read; a bare name is one of the same account."""
    owner, where = (
        (value_from.split(":")[4], value_from.split(":")[3])
        if ":" in value_from
        else (
            account,
            region,
        )
    )
    service = "ssm" if ":ssm:" in value_from else "secretsmanager"
    if place:
        path = network.way(place, service, where, f"{service}.{where}.amazonaws.com")
        if isinstance(path, Blocked):
            raise Unreadable(
                "RequestCanceled: request context canceled caused by: context deadline exceeded. "
                "Please check your task network configuration."
            )
    if who is None:
        raise Unreadable("NoCredentialProviders: no valid providers in chain")
    if service == "secretsmanager":
        _secret(value_from, owner, where, who)


def _secret(value_from: str, owner: str, region: str, who: Principal) -> None:
    found = find_secret(value_from, owner, region)
    arn = found.arn if found else value_from
    attached = Attached(owner, policy.parse(found.policy) if found and found.policy else None)
    why = authority.refusal(who, READ, arn, None, attached)
    if why:
        raise Unreadable(f"AccessDeniedException: {authority.sentence(who, READ, arn, why)}")
    if found is None:
        raise Unreadable(
            "ResourceNotFoundException: Secrets Manager can't find the specified secret."
        )
    if found.deleted_date is not None:
        raise Unreadable(
            "InvalidRequestException: You can't perform this operation on the secret because it "
            "was marked for deletion."
        )
    key = found.kms_key_id
    if key and not key.startswith("alias/aws/"):
        full = key if key.startswith("arn:") else f"arn:aws:kms:{region}:{owner}:key/{key}"
        if authority.refusal(who, "kms:Decrypt", full):
            raise Unreadable("AccessDeniedException: Access to KMS is not allowed")


def find_secret(name_or_arn: str, owner: str, region: str) -> Any:
    """Return moto's secret; a JSON key after the ARN does not matter here."""
    from moto.secretsmanager.models import secretsmanager_backends

    asked = ":".join(name_or_arn.split(":")[:7])
    return secretsmanager_backends[owner][region].secrets.get(asked)
