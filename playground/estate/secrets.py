"""Whether a task's execution role gets a secret or parameter: well written, there, readable, reachable."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from playground.estate import authority, keys, network, policy
from playground.estate.authority import Attached, Principal
from playground.estate.ways import Blocked, Place, Site

WHOLE, WITH_PARTS = (
    7,
    10,
)  # fields of the ARN of a secret, and with key, stage and version behind it
CANNOT_DECRYPT = (
    "AccessDeniedException: The ciphertext refers to a customer master key that does not exist, "
    "does not exist in this region, or you are not allowed to access."
)


class Unreadable(Exception):  # noqa: N818 - an outcome, not an error of ours
    """What Secrets Manager or Systems Manager, or the network, answered.

    *bare*: the agent says it as it is, and does not name the secret before it.
    """

    def __init__(self, said: str, *, bare: bool = False) -> None:
        super().__init__(said)
        self.bare = bare


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
        far = self.written.startswith("arn:")
        return self.written.split(":")[4] if far else self.task_account

    @property
    def region(self) -> str:
        far = self.written.startswith("arn:")
        return self.written.split(":")[3] if far else self.task_region

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

    def read(self, place: Place | Site | None, who: Principal | None) -> None:
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

        name = self.written.rpartition(":parameter")[2].partition(":")[0]
        plain = name.lstrip("/")
        arn = f"arn:aws:ssm:{self.region}:{self.account}:parameter/{plain}"
        _refuse(who, "ssm:GetParameters", arn, None)
        backend = ssm_backends[self.account][self.region]
        there = [n for n in (name, plain, f"/{plain}") if n in backend._parameters]
        if not there:
            raise Unreadable(f"invalid ssm parameters: {name}")
        found = backend._parameters[there[0]][-1]
        about = ("ssm", "PARAMETER_ARN", arn)
        if found.parameter_type == "SecureString" and not keys.decrypts(who, found.keyid, *about):
            raise Unreadable(CANNOT_DECRYPT)

    def _read_secret(self, who: Principal) -> None:
        parts = self.written.split(":")
        if self.written.startswith("arn:") and len(parts) not in (WHOLE, WITH_PARTS):
            raise Unreadable(
                "unexpected ARN format with parameters when trying to retrieve ASM secret",
                bare=True,
            )
        found = find_secret(self.written, self.account, self.region)
        arn = str(found.arn) if found else ":".join(parts[:WHOLE])
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
        json_key, stage, version = (*parts[WHOLE:], "", "", "")[:3]
        value = _version(found, stage, version)
        if not keys.decrypts(who, found.kms_key_id, "secretsmanager", "SecretARN", arn):
            raise Unreadable("AccessDeniedException: Access to KMS is not allowed")
        if json_key:
            _pick(value, json_key)


def _version(found: Any, stage: str, version: str) -> str:
    """Return the value of the version asked for."""
    wanted = stage or "" if version else stage or "AWSCURRENT"
    for number, one in found.versions.items():
        if version in ("", number) and (not wanted or wanted in one["version_stages"]):
            return str(one.get("secret_string") or "")
    said = f"VersionId: {version}" if version else f"staging label: {wanted}"
    raise Unreadable(
        "ResourceNotFoundException: Secrets Manager can't find the specified secret value for "
        f"{said}"
    )


def _pick(value: str, json_key: str) -> None:
    try:
        known = json.loads(value)
    except ValueError:
        first = value[:1]
        words = f"invalid character '{first}' looking for beginning of value"
        raise Unreadable(words, bare=True) from None
    if json_key not in known:
        words = f"retrieved secret from Secrets Manager did not contain json key {json_key}"
        raise Unreadable(words, bare=True)


def _refuse(who: Principal, action: str, arn: str, attached: Attached | None) -> None:
    if why := authority.refusal(who, action, arn, None, attached):
        said = authority.sentence(who, action, arn, why)
        raise Unreadable(f"AccessDeniedException: {said} status code: 400")


def find_secret(name_or_arn: str, owner: str, region: str) -> Any:
    """Return moto's secret; a JSON key after the ARN does not matter here."""
    from moto.secretsmanager.models import secretsmanager_backends

    asked = ":".join(name_or_arn.split(":")[:WHOLE])
    return one_of(secretsmanager_backends[owner][region].secrets, asked)


def value_of(secret: Any) -> str:
    """Return the current value of moto's secret, which it keeps by version."""
    versions = secret.versions.values()
    newest: dict[str, Any] = next(
        (v for v in versions if "AWSCURRENT" in v.get("version_stages", ())), {}
    )
    return str(newest.get("secret_string") or "")


def one_of(secrets: dict[str, Any], asked: str) -> Any:
    """Return the secret that *asked*, a name or an ARN, is taken for.

    A name that ends in a hyphen and six characters makes an ARN a complete one.
    """
    found = dict.values(secrets)
    exact = next((s for s in found if asked in (s.arn, s.name)), None)
    name = asked.rpartition(":")[2]
    if exact or not asked.startswith("arn:") or re.fullmatch(r".+-[A-Za-z0-9]{6}", name):
        return exact
    return next((s for s in found if s.name == name), None)
