"""The estate: moto behind one WSGI application, with identity, faults and pulls in front of it."""

from __future__ import annotations

import io
import logging
import random
import re
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.config import Config
from moto.core.base_backend import BackendDict
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from playground.estate import answers, faults, identity, repairs, services, simulate
from playground.estate.authority import Principal
from playground.estate.calls import ApiCall, Environ, Request, read
from playground.estate.faults import Fault
from playground.estate.identity import Refused
from playground.estate.world import WORLD, PullRule

ADMIN_KEY = re.compile(r"\d{12}")
StartResponse = Callable[..., Any]


class Handler(WSGIRequestHandler):
    """Keeps connections open, and says nothing."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        logging.getLogger("playground.estate").debug(message, *args)


class Estate:
    """A small AWS. One per process, because moto's state is the process's own.

    An access key of 12 digits is the administrator of that account: never checked, recorded,
    delayed or refused, so that arranging a scenario needs no set-up.
    """

    def __init__(self) -> None:
        repairs.install()
        services.install()
        self.calls: list[ApiCall] = []
        self.faults: list[Fault] = []
        self.enforcing = True
        self.latency = 0.0
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._server: BaseWSGIServer | None = None
        self._threads: list[threading.Thread] = []
        self._stopped = threading.Event()
        self._clients: dict[tuple[str, str, str], Any] = {}
        self.reset()

    # --- life

    @property
    def url(self) -> str:
        """Return where the estate listens."""
        if self._server is None:
            raise RuntimeError("the estate is not serving yet")
        return f"http://127.0.0.1:{self._server.server_port}"

    def serve(self, port: int = 0) -> None:
        """Listen on the loopback address, in threads of its own; 0 takes any free port."""
        self._server = make_server("127.0.0.1", port, self, threaded=True, request_handler=Handler)
        self._server.daemon_threads = True  # type: ignore[attr-defined]
        self._run(self._server.serve_forever)

    def start_scheduler(self, interval: float = 2.0) -> None:
        """Let the services of all accounts retry by themselves, as ECS does."""

        def rounds() -> None:
            while not self._stopped.wait(interval):
                self.tick(patient=True)

        self._run(rounds)

    def stop(self) -> None:
        """Stop serving and scheduling."""
        self._stopped.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
        for client in self._clients.values():
            client.close()
        for thread in self._threads:
            thread.join(timeout=5)

    def _run(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        self._threads.append(thread)

    def reset(self) -> None:
        """Forget every account."""
        with WORLD.lock:
            BackendDict.reset()
            WORLD.reset()
            services.settings()
        self.calls.clear()
        self.faults.clear()

    # --- steering

    def tick(self, *, patient: bool = False) -> None:
        """Let every service go one round: retry, recover, break again, roll out.

        *patient* leaves out retries that would only repeat a recent failure.
        """
        with WORLD.lock:
            services.tick(patient=patient)

    def deny(self, principal: str, action: str) -> None:
        """Take one permission away: refuse what matches both patterns, until reset."""
        self.faults.append(Fault(action, "denied", count=10**9, principal=principal))

    def allow_all(self) -> None:
        """Take every fault and refusal back."""
        self.faults.clear()

    def add_pull_rule(self, image: str, reason: str) -> None:
        """Let pulls of images that match fail for *reason*; for registries that are not ECR."""
        WORLD.pull_rules.append(PullRule(image, reason))

    def set_clock(self, clock: Callable[[], float]) -> None:
        """Use another clock for tasks and services."""
        WORLD.clock = clock

    def client(self, service: str, account: str, region: str) -> Any:
        """Return a boto3 client of the administrator of *account*."""
        key = (service, account, region)
        if key not in self._clients:
            self._clients[key] = boto3.client(
                service, region_name=region, endpoint_url=self.url, aws_access_key_id=account,
                aws_secret_access_key="estate",
                config=Config(retries={"total_max_attempts": 1}),
            )  # fmt: skip
        return self._clients[key]

    # --- the door

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        request = read(environ, body)
        if request is None:  # nobody signed
            return self._plain(start_response, environ["PATH_INFO"])
        try:
            account, who = self._admit(request)
            return self._answer(request, account, who, start_response)
        except Refused as refused:
            return _send(
                start_response,
                faults.error(request.protocol, refused.status, refused.code, refused.message),
            )
        except _Struck as struck:
            return _send(start_response, struck.answer)

    def _plain(self, start_response: StartResponse, path: str) -> Iterable[bytes]:
        if path.startswith("/estate/layers/"):
            content = b'{"architecture": "amd64", "os": "linux"}'
            return _send(start_response, (200, {"Content-Type": "application/json"}, content))
        message = "Request is missing Authentication Token"
        return _send(
            start_response,
            faults.error("json", 403, "MissingAuthenticationTokenException", message),
        )

    def _admit(self, request: Request) -> tuple[str, Principal | None]:
        """Return whose account the call is for; raises Refused or _Struck."""
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
            why = f"because no identity-based policy allows the {request.action} action"
            start = f"User: {who.arn} is not authorized to perform: {request.action}"
            raise identity.denied(request, f"{start} on resource: * {why}")
        if answer := faults.answer(hit, request, self._stopped):
            self._record(request, who, allowed=True)
            raise _Struck(answer)

    def _record(self, request: Request, who: Principal, *, allowed: bool) -> None:
        at = datetime.now(UTC)
        self.calls.append(ApiCall(request.action, who.account, who.arn, allowed, at))

    def _answer(
        self,
        request: Request,
        account: str,
        who: Principal | None,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        if request.action in simulate.ACTIONS:
            with WORLD.lock:
                content = simulate.simulate(request, account)
            return _send(start_response, (200, {"Content-Type": "text/xml"}, content))
        if (content := answers.instead(request, account, self.url)) is not None:
            head = {"Content-Type": "application/x-amz-json-1.1"}
            return _send(start_response, (200, head, content))
        request.environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
        with WORLD.lock:
            status, headers, content = self._ask_moto(request)
            if request.action == "sts:AssumeRole":
                if key := re.search(rb"<AccessKeyId>(\w+)</AccessKeyId>", content):
                    identity.remember_session(key[1].decode(), request, who)
        if status.startswith("200"):
            content = answers.complete(request, content)
        kept = [(k, v) for k, v in headers if k.lower() != "content-length"]
        start_response(status, [*kept, ("Content-Length", str(len(content)))])
        return [content]

    def _ask_moto(self, request: Request) -> tuple[str, list[tuple[str, str]], bytes]:
        head: list[Any] = []

        def started(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
            head[:] = [status, headers]

        content = b"".join(self._moto(request.environ, started))
        return head[0], head[1], content


class _Struck(Exception):  # noqa: N818 - a fault, made on purpose
    def __init__(self, answer: faults.Answer) -> None:
        super().__init__("a fault")
        self.answer = answer


def _send(start_response: StartResponse, answer: faults.Answer) -> Iterable[bytes]:
    status, headers, content = answer
    request_id = f"{random.getrandbits(64):016x}"
    extra = [("x-amzn-RequestId", request_id), ("Content-Length", str(len(content)))]
    start_response(f"{status} -", [*headers.items(), *extra])
    return [content]
