"""HTTP: the Web API, response URLs, uploads and downloads; the page is beside them."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.serving import WSGIRequestHandler
from werkzeug.wrappers import Request, Response

from playground.workspace import api
from playground.workspace.content import content
from playground.workspace.core import Core
from playground.workspace.model import File, Json, Message, Refused
from playground.workspace.payloads import mimetype
from playground.workspace.people import BOT_TOKEN
from playground.workspace.talking import show_answer

Page = Callable[[Request], Response | None]


class Handler(WSGIRequestHandler):  # type: ignore[misc]
    """Keeps connections open, sends small answers at once, and says nothing."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        logging.getLogger("playground.workspace").debug(message, *args)


class Site:
    """The WSGI application."""

    def __init__(self, core: Core, page: Page) -> None:
        self._core = core
        self._page = page

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        try:
            response = self._respond(request)
        except HTTPException as error:
            response = error.get_response(environ)
        found: Iterable[bytes] = response(environ, start_response)
        return found

    def _respond(self, request: Request) -> Response:
        head, _, rest = request.path.lstrip("/").partition("/")
        match head:
            case "api":
                return self._call(request, rest)
            case "link":
                self._core.delivery.sockets.serve(request.environ, request.args.get("ticket", ""))
            case "actions":
                return self._respond_url(request, rest.rpartition("/")[2])
            case "upload":
                return self._upload(request, rest.rpartition("/")[2])
            case "files-pri":
                return self._download(request, rest.partition("/")[0])
        found = self._page(request)
        if found is None:
            raise NotFound
        return found

    def _call(self, request: Request, method: str) -> Response:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        try:
            args = arguments(request)
        except ValueError:
            return _json({"ok": False, "error": "invalid_json"})
        given = token if scheme.lower() == "bearer" else str(args.pop("token", ""))
        status, answer, headers = api.call(self._core, method, given, args)
        return _json(answer, status, headers)

    def _respond_url(self, request: Request, name: str) -> Response:
        said: Json = {}
        try:
            said = json.loads(request.get_data(as_text=True))
            respond(self._core, name, said)
        except ValueError:
            return _json({"ok": False, "error": "invalid_json"}, 400)
        except Refused as refused:
            self._core.refuse("response_url", refused.error, refused.messages, said)
            status = refused.status if refused.status != 200 else 400
            found = {"ok": False, "error": refused.error}
            return _json(
                found | {"response_metadata": {"messages": list(refused.messages)}}, status
            )
        return Response("ok", mimetype="text/plain")

    def _upload(self, request: Request, name: str) -> Response:
        with self._core.state.change():
            file = self._core.state.files.get(name)
            if file is None or request.method != "POST":
                raise NotFound
            multipart = request.mimetype == "multipart/form-data"
            data = next(iter(request.files.values())).read() if multipart else request.get_data()
            self._core.state.files[name] = replace(file, content=data)
        return Response(f"OK - {len(data)}", mimetype="text/plain")

    def _download(self, request: Request, name: str) -> Response:
        """Hand out a file to the bot, or to the page, which shows it to everyone."""
        file: File | None = self._core.state.files.get(name)
        if file is None:
            raise NotFound
        bearer = request.headers.get("Authorization")
        page = request.headers.get("Sec-Fetch-Site") == "same-origin"
        allowed = bearer == f"Bearer {BOT_TOKEN}" and self._core.manifest.has("files:read")
        if not (allowed or page):
            return Response(
                "<!DOCTYPE html><title>Sign in</title>", mimetype="text/html"
            )  # as Slack does
        kind = mimetype(file)
        return Response(file.content, mimetype=kind, headers={"X-Content-Type-Options": "nosniff"})


def respond(core: Core, name: str, said: Json) -> None:
    """Do what is asked through a response URL; raises Refused."""
    url = core.tickets.use(name)
    target = _target(core, url.user, url.channel, url.ts, ephemeral=url.ephemeral)
    if said.get("delete_original") and target:
        core.state.remove(target) if url.ephemeral else core.delete(target)
    elif said.get("replace_original") and target:
        parts = content(core.state, said)
        after = replace(target, **parts, edited=None if url.ephemeral else core.state.ts())
        core.state.put(after) if url.ephemeral else core.edit(target, after)
    else:
        show_answer(core, url.user, url.channel, said)


def _target(
    core: Core, user: str, channel: str, ts: str | None, *, ephemeral: bool
) -> Message | None:
    if ts is None:
        return None
    if ephemeral:
        return next((m for m in core.state.whispers.get(user, ()) if m.ts == ts), None)
    return core.state.find(channel, ts)


def arguments(request: Request) -> Json:
    """Return the arguments of a call, from JSON, a form or the address; raises ValueError."""
    found: Json = dict(request.args.items())
    if request.mimetype == "application/json":
        body = json.loads(request.get_data(as_text=True) or "{}")
        if not isinstance(body, dict):
            raise ValueError("not an object")
        return found | body
    return found | dict(request.form.items())


def _json(found: Json, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps(found), status, headers, mimetype="application/json")
