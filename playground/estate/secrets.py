"""Whether a task's execution role gets a secret or parameter: there, readable, reachable."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from playground.estate import authority, network, policy
from playground.estate.authority import Attached, Principal
from playground.estate.network import Blocked, Place


class Unreadable(Exception):  # noqa: N818 - an outcome, not an error of ours
    """What Secrets Manager or Systems Manager, or the network, answered."""


@dataclass(frozen=True, slots=True)
class Source:
    """A secret or parameter as a task definition writes it, and where the task is.

    A bare name is one of the task's own account and Region.
    """

    written: str
    task_account: str
    task_region: str
    parameter: bool

    @property
    def account(self) -> str:
        return self.written.split(":")[4] if ":" in self.written else self.task_account

    @property
    def region(self) -> str:
        return self.written.split(":")[3] if ":" in self.written else self.task_region

    def login(self) -> tuple[str, str]:
        """Return user and password of a registry, as the agent reads them; raises Unreadable."""
        found = find_secret(self.written, self.account, self.region)
        value = value_of(found) if found else ""
        if not value:
            raise Unreadable("authorization data: empty secrets value")
        try:
            keys = {k.lower(): v for k, v in json.loads(value).items()}
        except (ValueError, AttributeError):
            keys = {"username": None}
        parts = [keys.get(name, "") for name in ("username", "password")]
        if not all(isinstance(part, str) for part in parts):
            wrong = "authorization data: unable to unmarshal secret value, invalid schema"
            raise Unreadable(wrong)
        for name, part in zip(("username", "password"), parts, strict=True):
            if not part:
                raise Unreadable(f"{name}: AuthorizationData is malformed, empty field")
        return parts[0], parts[1]

    def read(self, place: Place | None, who: Principal | None) -> None:
        """Raise Unreadable where the execution role does not get the value."""
        service = "ssm" if self.parameter else "secretsmanager"
        if place:
            path = network.way(
                place, service, self.region, f"{service}.{self.region}.amazonaws.com"
            )
            if isinstance(path, Blocked):
                raise Unreadable(
                    "RequestCanceled: request context canceled caused by: context deadline "
                    "exceeded. Please check your task network configuration."
                )
        if who is None:
            raise Unreadable("NoCredentialProviders: no valid providers in chain")
        if self.parameter:
            self._read_parameter(who)
        else:
            self._read_secret(who)

    def _read_parameter(self, who: Principal) -> None:
        from moto.ssm.models import ssm_backends

        name = self.written.rpartition(":parameter")[2]
        plain = name.lstrip("/")
        arn = f"arn:aws:ssm:{self.region}:{self.account}:parameter/{plain}"
        _refuse(who, "ssm:GetParameters", arn, None)
        known = ssm_backends[self.account][self.region]._parameters
        if not {name, plain, f"/{plain}"} & known.keys():
            raise Unreadable(f"invalid ssm parameters: {name}")

    def _read_secret(self, who: Principal) -> None:
        found = find_secret(self.written, self.account, self.region)
        arn = str(found.arn) if found else self.written
        attached = policy.parse(found.policy) if found and found.policy else None
        _refuse(who, "secretsmanager:GetSecretValue", arn, Attached(self.account, attached))
        if found is None:
            raise Unreadable(
                "ResourceNotFoundException: Secrets Manager can't find the specified secret."
            )
        if found.deleted_date is not None:
            raise Unreadable(
                "InvalidRequestException: You can't perform this operation on the secret because "
                "it was marked for deletion."
            )
        key = found.kms_key_id
        if key and not key.startswith("alias/aws/"):
            prefix = f"arn:aws:kms:{self.region}:{self.account}:key/"
            full = key if key.startswith("arn:") else prefix + key
            if authority.refusal(who, "kms:Decrypt", full):
                raise Unreadable("AccessDeniedException: Access to KMS is not allowed")


def _refuse(who: Principal, action: str, arn: str, attached: Attached | None) -> None:
    if why := authority.refusal(who, action, arn, None, attached):
        said = authority.sentence(who, action, arn, why)
        raise Unreadable(f"AccessDeniedException: {said} status code: 400")


def find_secret(name_or_arn: str, owner: str, region: str) -> Any:
    """Return moto's secret; a JSON key after the ARN does not matter here."""
    from moto.secretsmanager.models import secretsmanager_backends

    asked = ":".join(name_or_arn.split(":")[:7])
    return secretsmanager_backends[owner][region].secrets.get(asked)


def value_of(secret: Any) -> str:
    """Return the current value of moto's secret, which it keeps by version."""
    versions = secret.versions.values()
    newest: dict[str, Any] = next(
        (v for v in versions if "AWSCURRENT" in v.get("version_stages", ())), {}
    )
    return str(newest.get("secret_string") or "")
