"""Whose credentials open which door: the read role and the fix role of each account."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Protocol

import boto3
from botocore.exceptions import BotoCoreError

from bot.aws.client import Boto3Door, Door, read_failure, write_failure
from bot.aws.models import regions
from bot.aws.sessions import Reader, Sessions, policy_for
from bot.aws.shared import Shared, SharedDoor
from bot.config import ConfigError
from bot.facts import ImageReference, Subject
from bot.model import Call, CannotTell, Plan, Step
from bot.permissions import compact

# A person's id and a plan's hash in form alone: the trust policy asks for both.
NOBODY = {"plan": "doctor", "approver": "UDOCTOR", "reference": "doctor"}
NOTHING = {"Effect": "Deny", "Action": "*", "Resource": "*"}
SERVICES = ("ecs", "ecr", "iam", "ec2", "secretsmanager", "logs")


State = Callable[[str], str | None]


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

    An account without a read role is read with the bot's own credentials.
    """

    def __init__(
        self, accounts: AccountBook, *, endpoint_url: str | None = None, session: Any = None
    ) -> None:
        self._accounts = accounts
        self._sessions = Sessions(session or _own_session(), endpoint_url)
        self._readers: dict[str, Reader] = {}
        self._lock = threading.Lock()
        self.shared = Shared()

    def visit(self, seen: Collection[str] | None = None, state: State | None = None) -> Visit:
        """Return the doors of one diagnosis: to the accounts *seen*, to all where None is given.

        With *state*, which names how an account is, it shares what was read of networks lately.
        """
        return Visit(self, seen, state)

    def warm(self, account: str, region: str) -> None:
        """Make the clients of *account* in *region*, and assume its role, ahead of any question."""
        reader = self.reader(account)
        for service in SERVICES:
            reader.clients.get(service, region)
        regions()
        reader.ready()

    def reader(self, account: str) -> Reader:
        """Return the reading credentials of *account*; raises CannotTell for a stranger."""
        found = self._accounts.find(account)
        if found is None:
            raise CannotTell(f"account {account} is not configured")
        with self._lock:
            if found.id not in self._readers:
                self._readers[found.id] = self._reader(found)
            return self._readers[found.id]

    def fix(
        self,
        account: str,
        region: str,
        *,
        approver: str,
        plan: Plan,
        reference: str,
        steps: tuple[Step, ...] | None = None,
    ) -> Door:
        """Return a door that can do what *plan* says in *account*, for 15 minutes, and no more.

        *steps* are those of the plan that it is for, where it is not for all of the account.
        CloudTrail shows *approver* as the source identity of every call. Raises NoFixRole, and
        Refused where the role cannot be assumed.
        """
        found = self._accounts.find(account)
        if found is None or found.fix_role is None:
            raise NoFixRole(account)
        part = tuple(s for s in plan.steps if s.account == found.id and s in (steps or plan.steps))
        who = {"plan": plan.hash[:16], "approver": approver, "reference": reference}
        clients = self._sessions.fixing(
            found.fix_role, found.external_id, region, policy_for(part, plan), who
        )
        return Boto3Door(found.id, region, clients, write_failure, _nothing)

    def own(self, region: str) -> Door:
        """Return the door that the bot's own identity opens."""
        return Boto3Door("", region, self._sessions.own, read_failure, _nothing)

    def try_fix(self, account: str, region: str) -> None:
        """Assume the fix role of *account* as for a fix, with a session that may do nothing.

        Raises NoFixRole, and Refused where the role cannot be assumed.
        """
        found = self._accounts.find(account)
        if found is None or found.fix_role is None:
            raise NoFixRole(account)
        nothing = compact({"Version": "2012-10-17", "Statement": [NOTHING]})
        self._sessions.fixing(found.fix_role, found.external_id, region, nothing, NOBODY)

    def _reader(self, account: AccountSettings) -> Reader:
        if account.read_role is None:
            return Reader(self._sessions.own, _nothing)
        region = account.regions[0] if account.regions else "us-east-1"
        return self._sessions.reading(account.read_role, account.external_id, region)


@dataclass(slots=True)
class Visit:
    """The doors of one diagnosis. *calls* counts what was asked of AWS through them.

    Of *seen* None are all accounts; to any other a door is as shut as to a stranger's.
    """

    doors: Doors
    seen: Collection[str] | None = None
    state: State | None = None
    calls: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _shut: dict[str, CannotTell] = field(default_factory=dict)

    def read(self, account: str, region: str) -> Door:
        """Return the door for reading; raises CannotTell where its role cannot be assumed."""
        if self.seen is not None and account not in self.seen:
            raise CannotTell(f"account {account} is not configured")
        reader = self.doors.reader(account)
        if (known := self._shut.get(account)) is not None:
            raise CannotTell(known.because, known.grant)
        try:
            reader.ready()
        except CannotTell as reason:
            self._shut[account] = reason  # asked once, told to all who need it
            raise
        door = Boto3Door(account, region, reader.clients, read_failure, self._count)
        state = self.state(account) if self.state else None
        return door if state is None else SharedDoor(door, self.doors.shared, state)

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


def _own_session() -> Any:
    """Return the bot's own identity by boto3's usual chain; raises ConfigError."""
    try:
        return boto3.Session()
    except BotoCoreError as error:  # AWS_PROFILE names none, say
        raise ConfigError([f"AWS: {error}"]) from error


def _nothing() -> None:
    """Nothing to count, nothing to prepare."""


COLLECTORS = (workload_account, registry_account)
