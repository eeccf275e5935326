"""HTTP for the estate: connections stay open, as AWS's do, and every answer goes out in one piece.

A caller that opens a connection for each call would measure that, and not the calls.
"""

from __future__ import annotations

import io
import logging
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from email.utils import formatdate
from typing import Any, BinaryIO
from urllib.parse import unquote

from playground.estate.calls import Environ

log = logging.getLogger("playground.estate")

HEAD_LIMIT = 65_536  # bytes of a line
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
FAILED = ("500 INTERNAL SERVER ERROR", [("Content-Length", "0")], b"")
Answered = tuple[str, list[tuple[str, str]], bytes]
App = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class Listener:
    """Answers with a WSGI application on the loopback address, one thread for each connection."""

    def __init__(self, app: App, port: int = 0) -> None:
        self._app = app
        self._socket = socket.create_server(("127.0.0.1", port), backlog=128)
        self.port: int = self._socket.getsockname()[1]
        self._links: dict[socket.socket, threading.Thread] = {}
        self._lock = threading.Lock()
        self._closed = False

    def serve(self) -> None:
        """Take connections until :meth:`stop`."""
        while True:
            try:
                link, _ = self._socket.accept()
            except OSError:  # stopped
                return
            thread = threading.Thread(target=self._attend, args=(link,), daemon=True)
            with self._lock:
                if self._closed:
                    link.close()
                    return
                self._links[link] = thread
            thread.start()

    def stop(self) -> None:
        """Take no more connections, and end those that are open."""
        with self._lock:
            self._closed = True
            links = dict(self._links)
        _shut(self._socket)
        self._socket.close()
        for link in links:
            _shut(link)
        for thread in links.values():
            thread.join(timeout=5)

    def _attend(self, link: socket.socket) -> None:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            with link, link.makefile("rb") as said:
                while self._exchange(link, said):
                    pass
        except (OSError, ValueError):
            log.debug("a connection was lost", exc_info=True)
        finally:
            with self._lock:
                self._links.pop(link, None)

    def _exchange(self, link: socket.socket, said: BinaryIO) -> bool:
        """Answer one request; tell whether the connection stays open."""
        line = said.readline(HEAD_LIMIT).decode("latin1").split()
        if len(line) != 3:
            return False
        method, target, version = line
        headers = _headers(said)
        if headers.get("EXPECT", "").lower() == "100-continue":
            link.sendall(CONTINUE)
        body = _body(said, headers)
        environ = environ_of(self.port, method, target, version, headers, body)
        status, given, content = ask(self._app, environ)
        stays = version == "HTTP/1.1" and headers.get("CONNECTION", "").lower() != "close"
        extra = [
            ("Date", formatdate(usegmt=True)),
            ("Connection", "keep-alive" if stays else "close"),
        ]
        head = "".join(f"{k}: {v}\r\n" for k, v in [*given, *extra])
        said_back = b"" if method == "HEAD" else content
        link.sendall(f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin1") + said_back)
        return stays


def ask(app: App, environ: Environ) -> Answered:
    """Return what *app* answers; that it failed is an answer too."""
    head: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
        head[:] = [status, headers]

    try:
        content = b"".join(app(environ, start))
    except Exception:
        log.exception("the estate failed")
        return FAILED
    return head[0], head[1], content


def environ_of(
    port: int, method: str, target: str, version: str, headers: Mapping[str, str], body: bytes
) -> Environ:
    """Return a request as WSGI has it. *headers* are named as in an environment."""
    path, _, query = target.partition("?")
    environ: Environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(path, "latin1"),
        "QUERY_STRING": query,
        "REQUEST_URI": target,
        "RAW_URI": target,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": version,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers.items():
        environ[name if name == "CONTENT_TYPE" else f"HTTP_{name}"] = value
    environ["CONTENT_LENGTH"] = str(len(body))
    return environ


def _headers(said: BinaryIO) -> dict[str, str]:
    """Return the headers, named as in an environment."""
    found: dict[str, str] = {}
    while (line := said.readline(HEAD_LIMIT)) not in (b"\r\n", b"\n", b""):
        written, _, value = line.decode("latin1").partition(":")
        name = written.strip().upper().replace("-", "_")
        value = value.strip()
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def _body(said: BinaryIO, headers: dict[str, str]) -> bytes:
    """Return the whole body, so that the next request begins where this one ends."""
    if headers.get("TRANSFER_ENCODING", "").lower() != "chunked":
        return said.read(int(headers.get("CONTENT_LENGTH") or 0))
    parts = []
    while size := int(said.readline(HEAD_LIMIT).partition(b";")[0], 16):
        parts.append(said.read(size))
        said.readline(HEAD_LIMIT)
    while said.readline(HEAD_LIMIT) not in (b"\r\n", b"\n", b""):
        pass
    return b"".join(parts)


def _shut(link: socket.socket) -> None:
    """Wake whoever waits on *link*."""
    try:
        link.shutdown(socket.SHUT_RDWR)
    except OSError:
        log.debug("was closed already")
