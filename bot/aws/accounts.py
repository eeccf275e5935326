"""Whose credentials open which door: the read role and the fix role of each account."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import boto3
import botocore.loaders
import botocore.session
from botocore.credentials import Credentials, DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError, ClientError

from bot.aws.client import (
    Boto3Door,
    Clients,
    Door,
    Refused,
    denied,
    read_failure,
    write_failure,
)
from bot.facts import ImageReference, Subject
from bot.model import Call, CannotTell, Plan
from bot.permissions import compact, session_policy

SERVICES = ("ecs", "ecr", "iam", "ec2", "secretsmanager")
FIX_SECONDS = 900  # the least that STS knows


class AccountSettings(Protocol):
    """What the doors need of an account of the accounts file."""

    @property
    def id(self) -> str: ...
    @property
    def regions(self) -> tuple[str, ...]: ...
    @property
    def read_role(self) -> str | None: ...
    @property
    def fix_role(self) -> str | None: ...
    @property
    def external_id(self) -> str | None: ...


class AccountBook(Protocol):
    """What the doors need of the accounts file."""

    def find(self, name: str | None) -> AccountSettings | None: ...


class NoFixRole(Exception):  # noqa: N818 - how the account was set up
    """The account has no fix role: it is there for diagnosis only."""

    def __init__(self, account: str) -> None:
        super().__init__(account)
        self.account = account


class Doors:
    """Opens doors to the configured accounts; one for each process.

    Credentials are cached in memory and never stored; a role is assumed again before its
    credentials expire, once, however many threads wait for it.
    """

    def __init__(
        self, accounts: AccountBook, *, endpoint_url: str | None = None, session: Any = None
    ) -> None:
        self._accounts = accounts
        self._endpoint_url = endpoint_url
        self._lock = threading.Lock()
        self._loader = botocore.loaders.create_loader()  # so that each model is read once
        self._own = Clients(
            self._speaking(_Own(session or boto3.Session())), endpoint_url, self._lock
        )
        self._readers: dict[str, _Reader] = {}

    def visit(self) -> Visit:
        """Return the doors of one diagnosis."""
        return Visit(self)

    def warm(self, account: str, region: str) -> None:
        """Make the clients of *account* in *region* ahead of the first question."""
        clients = self.reader(account).clients
        for service in SERVICES:
            clients.get(service, region)

    def reader(self, account: str) -> _Reader:
        """Return the reading credentials of *account*; raises CannotTell for a stranger."""
        found = self._accounts.find(account)
        if found is None:
            raise CannotTell(f"account {account} is not configured")
        with self._lock:
            if found.id not in self._readers:
                self._readers[found.id] = self._reader(found)
            return self._readers[found.id]

    def fix(self, account: str, region: str, *, approver: str, plan: Plan, reference: str) -> Door:
        """Return a door that can do what *plan* says in *account*, for 15 minutes, and no more.

        CloudTrail shows *approver* as the source identity of every call. Raises NoFixRole, and
        Refused where the role cannot be assumed.
        """
        found = self._accounts.find(account)
        if found is None or found.fix_role is None:
            raise NoFixRole(account)
        part = Plan(tuple(s for s in plan.steps if s.account == found.id), plan.risk)
        asked = {
            **_asked(found, found.fix_role, f"ecs-pull-fix-{plan.hash[:8]}"),
            "DurationSeconds": FIX_SECONDS,
            "Policy": compact(session_policy(part)),
            "SourceIdentity": _plain(approver)[:64],
            "Tags": [
                {"Key": "plan", "Value": plan.hash[:16]},
                {"Key": "approver", "Value": _plain(approver)},
                {"Key": "reference", "Value": _plain(reference)},
            ],
        }
        call = Call("sts", "assume_role", asked)
        try:
            given = self._sts(region).assume_role(**asked)["Credentials"]
        except (ClientError, BotoCoreError) as error:
            failure = write_failure(call, error)
            # A role that is not there looks like one that may not be assumed: say it one way.
            raise (
                failure if isinstance(failure, Refused) else Refused("NotFound", str(failure))
            ) from error
        keys = Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        clients = Clients(self._speaking(_Given(keys)), self._endpoint_url, self._lock)
        return Boto3Door(found.id, region, clients, write_failure, _nothing)

    def _reader(self, account: AccountSettings) -> _Reader:
        if account.read_role is None:
            return _Reader(self._own, _nothing)
        assume = self._assuming(account, account.read_role)
        credentials = DeferredRefreshableCredentials(assume, "assume-role")
        clients = Clients(self._speaking(_Given(credentials)), self._endpoint_url, self._lock)
        return _Reader(clients, credentials.get_frozen_credentials)

    def _assuming(self, account: AccountSettings, role: str) -> Callable[[], dict[str, str]]:
        asked = _asked(account, role, "ecs-pull-read")
        region = account.regions[0] if account.regions else "us-east-1"

        def assume() -> dict[str, str]:
            try:
                given = self._sts(region).assume_role(**asked)["Credentials"]
            except (ClientError, BotoCoreError) as error:
                failure = read_failure(Call("sts", "assume_role", asked), error)
                if denied(failure):
                    because = f"role {role} could not be assumed"
                    raise CannotTell(because, "sts:AssumeRole") from error
                raise failure from error
            return {
                "access_key": given["AccessKeyId"],
                "secret_key": given["SecretAccessKey"],
                "token": given["SessionToken"],
                "expiry_time": given["Expiration"].isoformat(),
            }

        return assume

    def _sts(self, region: str) -> Any:
        return self._own.get("sts", region)

    def _speaking(self, provider: _Given | _Own) -> Any:
        """Return a botocore session with the credentials of *provider* and the shared models."""
        session = botocore.session.Session()
        session.register_component("data_loader", self._loader)
        session.register_component("credential_provider", provider)
        session.set_config_variable("sts_regional_endpoints", "regional")
        return session


@dataclass(slots=True)
class Visit:
    """The doors of one diagnosis. *calls* counts what was asked of AWS through them."""

    doors: Doors
    calls: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _shut: dict[str, CannotTell] = field(default_factory=dict)

    def read(self, account: str, region: str) -> Door:
        """Return the door for reading; raises CannotTell where its role cannot be assumed."""
        reader = self.doors.reader(account)
        if (known := self._shut.get(account)) is not None:
            raise CannotTell(known.because, known.grant)
        try:
            reader.ready()
        except CannotTell as reason:
            self._shut[account] = reason  # asked once, told to all who need it
            raise
        return Boto3Door(account, region, reader.clients, read_failure, self._count)

    def _count(self) -> None:
        with self._lock:
            self.calls += 1


@dataclass(frozen=True, slots=True)
class _Account:
    """A door, as a fact: what needs it cannot be told where it cannot be opened."""

    door: Door

    @property
    def account(self) -> str:
        return self.door.account

    @property
    def region(self) -> str:
        return self.door.region

    def call(self, call: Call) -> dict[str, Any]:
        return self.door.call(call)

    def pages(self, call: Call, key: str) -> list[Any]:
        return self.door.pages(call, key)

    def at(self, region: str) -> Door:
        return self.door.at(region)


class WorkloadAccount(_Account):
    """Where the task runs."""

    __slots__ = ()


class RegistryAccount(_Account):
    """Where the image is: the account and the Region that its ECR host names."""

    __slots__ = ()


def workload_account(subject: Subject, visit: Visit) -> WorkloadAccount:
    return WorkloadAccount(visit.read(subject.account, subject.region))


def registry_account(image: ImageReference, here: WorkloadAccount, visit: Visit) -> RegistryAccount:
    if image.registry != "ecr" or image.account is None or image.region is None:
        return RegistryAccount(here.door)  # nothing will be asked of it
    if image.account == here.account:
        return RegistryAccount(here.at(image.region))
    return RegistryAccount(visit.read(image.account, image.region))


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reading credentials: their clients, and how to find out early that they cannot be had."""

    clients: Clients
    ready: Callable[[], object]


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


def _asked(account: AccountSettings, role: str, name: str) -> dict[str, Any]:
    asked: dict[str, Any] = {"RoleArn": role, "RoleSessionName": name}
    return {**asked, "ExternalId": account.external_id} if account.external_id else asked


def _plain(text: str) -> str:
    """Return *text* with what STS refuses in names and tags replaced."""
    return re.sub(r"[^A-Za-z0-9_=,.@-]", "-", text)


def _nothing() -> None:
    """Nothing to count, nothing to prepare."""


COLLECTORS = (workload_account, registry_account)
