"""Calls from the estate's own process, answered without a connection; all else is as over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from playground.estate.listening import App, ask, environ_of


@dataclass(frozen=True, slots=True)
class Inside:
    """Sends what a client of botocore has signed, in place of its HTTP session."""

    app: App

    def attach(self, client: Any) -> None:
        """Let every call of *client* go straight to the application."""
        client.meta.events.register("before-send", self._send)

    def _send(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        where = urlsplit(request.url)
        target = f"{where.path}?{where.query}" if where.query else where.path
        headers = {
            name.upper().replace("-", "_"): value.decode() if isinstance(value, bytes) else value
            for name, value in {"Host": where.netloc, **request.headers}.items()
        }
        environ = environ_of(
            where.port or 80, request.method, target, "HTTP/1.1", headers, _body(request.body)
        )
        status, given, content = ask(self.app, environ)
        return AWSResponse(request.url, int(status.split()[0]), dict(given), _Content(content))


@dataclass(frozen=True, slots=True)
class _Content:
    """An answer's body, as botocore reads it."""

    content: bytes

    def stream(self) -> Iterator[bytes]:
        yield self.content


def _body(body: Any) -> bytes:
    if isinstance(body, str):
        return body.encode()
    return bytes(body or b"")
