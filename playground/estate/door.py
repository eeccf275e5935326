"""The door of the estate, a WSGI application: identity, faults and permission come before moto."""

from __future__ import annotations

import io
import random
import re
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from playground.estate import answers, faults, haste, identity, simulate
from playground.estate.authority import Principal, sentence
from playground.estate.calls import ApiCall, Environ, Request, read
from playground.estate.faults import Fault
from playground.estate.identity import Refused
from playground.estate.resources import needs
from playground.estate.world import WORLD

ADMIN_KEY = re.compile(r"\d{12}")
KEPT_CALLS = 50_000
StartResponse = Callable[..., Any]


class Struck(Exception):  # noqa: N818 - a fault, made on purpose
    """A fault hit the call; *answer* goes out in place of moto's."""

    def __init__(self, answer: faults.Answer) -> None:
        super().__init__("a fault")
        self.answer = answer


class Door(ABC):
    """Answers calls.

    An access key of 12 digits is the administrator of that account: never checked, recorded,
    delayed or refused, so that arranging a scenario needs no set-up.
    """

    def __init__(self) -> None:
        self.calls: list[ApiCall] = []
        self.faults: list[Fault] = []
        self.enforcing = True
        self.latency = 0.0
        self.stopped = threading.Event()

    @property
    @abstractmethod
    def url(self) -> str:
        """Return where the estate listens."""

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        request = read(environ, body)
        if request is None:  # nobody signed
            return _send(start_response, _unsigned(environ["PATH_INFO"]))
        try:
            account, who = self._admit(request)
            return self._answer(request, account, who, start_response)
        except Refused as refused:
            shaped = (request.protocol, refused.status, refused.code, refused.message)
            return _send(start_response, faults.error(*shaped))
        except Struck as struck:
            return _send(start_response, struck.answer)
        except NotImplementedError:  # moto's word for an operation it does not have
            words = f"The operation {request.action} is not known to this estate."
            code = "UnknownOperationException" if request.protocol == "json" else "InvalidAction"
            return _send(start_response, faults.error(request.protocol, 400, code, words))

    def _admit(self, request: Request) -> tuple[str, Principal | None]:
        """Return whose account the call is for; raises Refused or Struck."""
        if ADMIN_KEY.fullmatch(request.key):
            return request.key, None
        with WORLD.lock:
            found = identity.owner(request.key)
        if found is None:
            raise Refused("InvalidClientTokenId", identity.BAD_TOKEN)
        if self.latency:
            time.sleep(self.latency)
        who = found.principal
        self._strike(request, who)
        try:
            if self.enforcing:
                with WORLD.lock:
                    identity.check_signature(request, found)
                    identity.authorize(request, found)
        except Refused:
            self._record(request, who, allowed=False)
            raise
        self._record(request, who, allowed=True)
        return who.account, who

    def _strike(self, request: Request, who: Principal) -> None:
        with WORLD.lock:
            hit = next((f for f in self.faults if f.strikes(request.action, who.arn)), None)
        if hit is None:
            return
        if hit.mode == "denied":
            self._record(request, who, allowed=False)
            resource = needs(request, who.account)[0].resource
            why = f"because no identity-based policy allows the {request.action} action"
            raise identity.denied(request, sentence(who, request.action, resource, why))
        if answer := faults.answer(hit, request, self.stopped):
            self._record(request, who, allowed=True)
            raise Struck(answer)

    def _record(self, request: Request, who: Principal, *, allowed: bool) -> None:
        at = datetime.now(UTC)
        self.calls.append(ApiCall(request.action, who.account, who.arn, allowed, at))
        if len(self.calls) > KEPT_CALLS:
            del self.calls[: KEPT_CALLS // 2]

    def _answer(
        self, request: Request, account: str, who: Principal | None, start: StartResponse
    ) -> Iterable[bytes]:
        if request.action in simulate.ACTIONS:
            with WORLD.lock:
                content = simulate.simulate(request, account)
            return _send(start, (200, {"Content-Type": "text/xml"}, content))
        ours = answers.instead(request, account, self.url)
        if ours is not None:
            return _send(start, (200, {"Content-Type": "application/x-amz-json-1.1"}, ours))
        request.environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
        with WORLD.lock:
            status, headers, content = haste.ask(request.environ, request.signed_as)
            key = re.search(rb"<AccessKeyId>(\w+)</AccessKeyId>", content)
            if key and request.action == "sts:AssumeRole":
                identity.remember_session(key[1].decode(), request, who)
        if status.startswith("200"):
            content = answers.complete(request, content)
        kept = [(k, v) for k, v in headers if k.lower() != "content-length"]
        start(status, [*kept, ("Content-Length", str(len(content)))])
        return [content]


def _unsigned(path: str) -> faults.Answer:
    """Serve a layer (its address needs no signature), and refuse all else."""
    if path.startswith("/estate/layers/"):
        content = b'{"architecture": "amd64", "os": "linux"}'
        return 200, {"Content-Type": "application/json"}, content
    words = "Request is missing Authentication Token"
    return faults.error("json", 403, "MissingAuthenticationTokenException", words)


def _send(start_response: StartResponse, answer: faults.Answer) -> Iterable[bytes]:
    status, headers, content = answer
    request_id = f"{random.getrandbits(64):016x}"
    extra = [("x-amzn-RequestId", request_id), ("Content-Length", str(len(content)))]
    start_response(f"{status} -", [*headers.items(), *extra])
    return [content]
