"""The page: its files, what it shows to one person, and what that person does in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from playground.workspace import doing, showing
from playground.workspace.model import Json, Refused

if TYPE_CHECKING:
    from playground.workspace import Workspace

Panel = Callable[[], Sequence[Mapping[str, Any]]]
HERE = Path(__file__).parent / "static"
SCRIPTS = ("app", "text", "blocks", "messages", "modal", "composer", "panel", "talk")
FILES = {
    "/": ("page.html", "text/html"),
    "/style.css": ("style.css", "text/css"),
    **{f"/{name}.js": (f"{name}.js", "text/javascript") for name in SCRIPTS},
}
SAFE = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}
PATIENCE = 20.0  # seconds that one question for news stays open


class Page:
    """Answers the browser; everything else is not its business."""

    def __init__(self, workspace: Workspace, panel: Panel | None) -> None:
        self._workspace = workspace
        self._panel = showing.SidePanel(panel)
        self._open = True

    def close(self) -> None:
        """Let every browser that waits for news go."""
        self._open = False
        with self._workspace.core.state.change():
            pass

    def __call__(self, request: Request) -> Response | None:
        """Answer *request*; None where there is nothing at this address."""
        if request.method == "GET" and request.path in FILES:
            name, kind = FILES[request.path]
            return Response(
                (HERE / name).read_bytes(), content_type=f"{kind}; charset=utf-8", headers=SAFE
            )
        if request.method == "GET" and request.path == "/favicon.ico":
            return Response(status=204)
        if request.method == "GET" and request.path == "/ui/state":
            return self._news(request.args.get("as", ""), request.args.get("since", -1, type=int))
        if request.method == "GET" and request.path == "/ui/panel":
            return _json(self._panel.rows())
        if request.method == "POST" and request.path == "/ui/do":
            return self._do(request)
        return None

    def _news(self, user: str, since: int) -> Response:
        """Return what *user* sees, as soon as it differs from version *since*."""
        state = self._workspace.core.state
        with state.changed:
            state.changed.wait_for(lambda: state.version != since or not self._open, PATIENCE)
            if state.version == since:
                return Response(status=204)
            return _json(showing.seen(self._workspace, user))

    def _do(self, request: Request) -> Response:
        """Do what a person did; the page alone may ask, so only JSON from the same origin counts."""
        if (
            request.mimetype != "application/json"
            or request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin"
        ):
            return Response(status=403)
        try:
            return _json({"ok": True, "answer": doing.act(self._workspace, request.get_json())})
        except (AssertionError, Refused) as problem:
            return _json({"ok": False, "problem": str(problem)})
        except KeyError as missing:
            return _json({"ok": False, "problem": f"{missing} is missing or unknown"})


def _json(found: Json | list[Json]) -> Response:
    return Response(json.dumps(found), mimetype="application/json", headers=SAFE)
