"""Credentials: the bot's own, and those of the roles that it assumes. Cached, never stored."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import botocore.session
from botocore.credentials import Credentials, DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError, ClientError

from bot.aws.client import Clients, NotFound, Refused, denied, read_failure, write_failure
from bot.aws.models import models
from bot.model import Call, CannotTell, Plan, Step
from bot.permissions import SESSION_POLICY_LIMIT, compact, needed

FIX_SECONDS = 900  # the least that STS knows


@dataclass(frozen=True, slots=True)
class Reader:
    """Reading credentials: their clients, and how to find out early that they cannot be had."""

    clients: Clients
    ready: Callable[[], object]


class Sessions:
    """Makes clients with the credentials of the bot, or of a role that the bot assumes.

    A role is assumed again before its credentials expire, once, however many threads wait for it.
    """

    def __init__(self, own: Any, endpoint_url: str | None) -> None:
        self._endpoint_url = endpoint_url
        self._lock = threading.Lock()
        self.own = self._clients(_Own(own))

    def reading(self, role: str, external_id: str | None, region: str) -> Reader:
        """Return the credentials of *role*; nothing is asked of STS before they are needed."""
        asked = _asked(role, "ecs-pull-read", external_id)

        def assume() -> dict[str, str]:
            given = self._read_role(asked, region)
            return {
                "access_key": given["AccessKeyId"],
                "secret_key": given["SecretAccessKey"],
                "token": given["SessionToken"],
                "expiry_time": given["Expiration"].isoformat(),
            }

        credentials = DeferredRefreshableCredentials(assume, "assume-role")
        return Reader(self._clients(_Given(credentials)), credentials.get_frozen_credentials)

    def fixing(
        self, role: str, external_id: str | None, region: str, policy: str, who: Mapping[str, str]
    ) -> Clients:
        """Return clients that may do what *policy* says, on behalf of *who*; raises Refused."""
        asked = {
            **_asked(role, f"ecs-pull-fix-{who['plan'][:8]}", external_id),
            "DurationSeconds": FIX_SECONDS,
            "Policy": policy,
            "SourceIdentity": plain(who["approver"])[:64],
            "Tags": [{"Key": k, "Value": plain(v)} for k, v in who.items()],
        }
        try:
            given = self._sts(region).assume_role(**asked)["Credentials"]
        except (ClientError, BotoCoreError) as error:
            failure = write_failure(Call("sts", "assume_role", asked), error)
            if isinstance(failure, NotFound):
                failure = Refused(failure.code, str(error))
            raise failure from error
        keys = Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        return self._clients(_Given(keys))

    def _read_role(self, asked: dict[str, Any], region: str) -> dict[str, Any]:
        try:
            given: dict[str, Any] = self._sts(region).assume_role(**asked)["Credentials"]
        except (ClientError, BotoCoreError) as error:
            failure = read_failure(Call("sts", "assume_role", asked), error)
            if denied(failure):
                because = f"role {asked['RoleArn']} could not be assumed"
                raise CannotTell(because, "sts:AssumeRole") from error
            raise failure from error
        return given

    def _sts(self, region: str) -> Any:
        return self.own.get("sts", region)

    def _clients(self, provider: _Given | _Own) -> Clients:
        session = botocore.session.Session()
        session.register_component("data_loader", models())
        session.register_component("credential_provider", provider)
        session.set_config_variable("sts_regional_endpoints", "regional")
        return Clients(session, self._endpoint_url, self._lock)


def policy_for(steps: tuple[Step, ...], plan: Plan) -> str:
    """Return the policy of a session for *steps* of *plan*; raises Refused where STS would."""
    found = compact(needed(steps, plan))
    if len(found) > SESSION_POLICY_LIMIT:
        because = f"the session policy is longer than {SESSION_POLICY_LIMIT} characters"
        raise Refused("PolicyTooLong", because)
    return found


def plain(text: str) -> str:
    """Return *text* with what STS refuses in names and tags replaced."""
    return re.sub(r"[^A-Za-z0-9_=,.@-]", "-", text)


@dataclass(frozen=True, slots=True)
class _Given:
    """Hands botocore the credentials we have."""

    credentials: Any

    def load_credentials(self) -> Any:
        return self.credentials


@dataclass(frozen=True, slots=True)
class _Own:
    """Hands botocore the credentials of boto3's usual chain."""

    session: Any

    def load_credentials(self) -> Any:
        return self.session.get_credentials()


def _asked(role: str, name: str, external_id: str | None) -> dict[str, Any]:
    asked: dict[str, Any] = {"RoleArn": role, "RoleSessionName": name}
    return {**asked, "ExternalId": external_id} if external_id else asked
