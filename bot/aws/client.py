"""The door to AWS: one account, one Region, one set of credentials; failures have types."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    MetadataRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)
from botocore.exceptions import ConnectionError as NoConnection

from bot.model import Call, CannotTell
from bot.permissions import action

T = TypeVar("T")

CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 3},
    connect_timeout=2,
    read_timeout=5,
    max_pool_connections=32,
    user_agent_extra="ecs-pull",
)

EXPIRED = re.compile(
    r"ExpiredToken|RequestExpired|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch"
    r"|InvalidSignature|IncompleteSignature|MissingAuthenticationToken|AuthFailure|InvalidAccessKeyId"
)
THROTTLED = re.compile(
    r"Throttl|RequestLimitExceeded|TooManyRequests|SlowDown|BandwidthLimitExceeded|RateExceeded"
)
DENIED = re.compile(r"AccessDenied|UnauthorizedOperation|AuthorizationError|NotAuthorized|^403$")
ABSENT = re.compile(r"NotFound|NoSuch|^404$")
NO_CREDENTIALS = (
    CredentialRetrievalError,
    MetadataRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)
# ECS has no code of its own for a task definition that is not there.
NO_TASK_DEFINITION = ("describe_task_definition", "ClientException")
EXPLICIT = re.compile(r"(?i)explicit deny(?: in an? ([\w -]{4,40}(?:policy|boundary)))?")
SAYS_ACTION = re.compile(r"not authorized to perform: ([a-z0-9-]+:[A-Za-z]+)")


class NotFound(Exception):  # noqa: N818 - an answer, not a failure
    """AWS answered that the resource does not exist."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Refused(Exception):  # noqa: N818 - AWS's answer
    """A write that AWS refused, or that found no answer although it was tried again."""

    def __init__(
        self, code: str, message: str, *, retryable: bool = False, request_id: str | None = None
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.retryable = retryable
        self.request_id = request_id


class Door(Protocol):
    """One account in one Region with one set of credentials; safe to share between threads."""

    @property
    def account(self) -> str: ...
    @property
    def region(self) -> str: ...
    def call(self, call: Call) -> dict[str, Any]:
        """Make *call*; raises CannotTell, NotFound, and where it writes Refused."""

    def pages(self, call: Call, key: str) -> list[Any]:
        """Make *call* until there are no more pages; return all that they list under *key*."""

    def at(self, region: str) -> Door:
        """Return the same door in another Region."""


class Clients:
    """The clients of one set of credentials, each made once.

    Clients may be shared between threads; the sessions that make them may not.
    """

    def __init__(self, session: Any, endpoint_url: str | None, lock: threading.Lock) -> None:
        self._session = session
        self._endpoint_url = endpoint_url
        self._lock = lock
        self._made: dict[tuple[str, str], Any] = {}
        self._paginators: dict[tuple[str, str, str], Any] = {}

    def get(self, service: str, region: str) -> Any:
        if (client := self._made.get((service, region))) is None:
            with self._lock:
                if (client := self._made.get((service, region))) is None:
                    client = self._session.create_client(
                        service, region, endpoint_url=self._endpoint_url, config=CONFIG
                    )
                    self._made[service, region] = client
        return client

    def paginator(self, service: str, region: str, operation: str) -> Any:
        """Return what pages through *operation*; botocore would make a class of it each time."""
        key = (service, region, operation)
        if (found := self._paginators.get(key)) is None:
            found = self._paginators[key] = self.get(service, region).get_paginator(operation)
        return found


@dataclass(frozen=True, slots=True)
class Boto3Door:
    """A door over boto3. *failure* turns what botocore raises into what our callers know."""

    account: str
    region: str
    clients: Clients
    failure: Callable[[Call, Exception], Exception]
    count: Callable[[], None]

    def call(self, call: Call) -> dict[str, Any]:
        try:
            client = self.clients.get(call.service, self.region)
            self.count()
            answer: dict[str, Any] = getattr(client, call.operation)(**call.params)
        except (ClientError, BotoCoreError) as error:
            raise self.failure(call, error) from error
        return answer

    def pages(self, call: Call, key: str) -> list[Any]:
        found: list[Any] = []
        try:
            paginator = self.clients.paginator(call.service, self.region, call.operation)
            for page in paginator.paginate(**call.params):
                self.count()
                found += page.get(key, [])
        except (ClientError, BotoCoreError) as error:
            self.count()
            raise self.failure(call, error) from error
        return found

    def at(self, region: str) -> Boto3Door:
        return Boto3Door(self.account, region, self.clients, self.failure, self.count)


def read_failure(call: Call, error: Exception) -> Exception:
    """Return what a read that failed means: not there, or not to be told."""
    what = action(call)
    if not isinstance(error, ClientError):
        return CannotTell(_unanswered(call, error))
    code, message = _said(error)
    if EXPIRED.search(code):
        return CannotTell("no credentials")
    if THROTTLED.search(code) or _status(error) == 429:
        return CannotTell(f"throttled {what}")
    if DENIED.search(code) or (_status(error) == 403 and not ABSENT.search(code)):
        return _refused(what, message)
    if ABSENT.search(code) or (call.operation, code) == NO_TASK_DEFINITION:
        return NotFound(code)
    return CannotTell(f"error {code} from {what}")


def _refused(what: str, message: str) -> CannotTell:
    """Return which grant would let us call *what*; none does against an explicit Deny."""
    told = SAYS_ACTION.search(message)
    grant = told[1] if told else what
    if (deny := EXPLICIT.search(message)) is not None:
        return CannotTell(f"denied {grant} by an explicit Deny in a {deny[1] or 'policy'}")
    return CannotTell(f"denied {grant}", grant)


def write_failure(call: Call, error: Exception) -> Exception:
    """Return what a write that failed means: refused, and whether trying again may help."""
    if not isinstance(error, ClientError):
        return Refused("NoAnswer", _unanswered(call, error), retryable=not _ours(error))
    code, message = _said(error)
    if ABSENT.search(code) or (call.operation, code) == NO_TASK_DEFINITION:
        return NotFound(code)
    again = bool(THROTTLED.search(code)) or _status(error) in (429, 500, 502, 503, 504)
    request = error.response.get("ResponseMetadata", {}).get("RequestId")
    return Refused(code, message, retryable=again, request_id=request)


def together(*questions: Callable[[], T]) -> list[T]:
    """Return the answers to *questions*, asked at the same time because none needs another."""
    if len(questions) < 2:
        return [ask() for ask in questions]
    with ThreadPoolExecutor(min(8, len(questions))) as pool:
        return [f.result() for f in [pool.submit(ask) for ask in questions]]


def _ours(error: Exception) -> bool:
    """Tell whether the call never left: credentials or parameters were wrong."""
    return not isinstance(error, (NoConnection, HTTPClientError))


def _unanswered(call: Call, error: Exception) -> str:
    if isinstance(error, NO_CREDENTIALS):
        return "no credentials"
    if _ours(error):
        return f"error {type(error).__name__} from {action(call)}"
    return f"no answer from {call.service}"


def _said(error: ClientError) -> tuple[str, str]:
    said = error.response.get("Error", {})
    return str(said.get("Code", "Unknown")), str(said.get("Message", ""))


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def denied(error: BaseException) -> bool:
    """Tell whether *error* says that AWS refused to answer for want of a permission."""
    return isinstance(error, CannotTell) and error.because.startswith("denied ")
