"""What the app asked for when it was installed; without a manifest, everything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playground.workspace.model import Refused

ROOT = Path(__file__).parent.parent.parent


class Manifest:
    """The parts of ``manifest.json`` that Slack enforces."""

    def __init__(self, given: Mapping[str, Any] | Path | str | None = None) -> None:
        self._all: Mapping[str, Any] = _read(given)
        self.known = bool(self._all)
        found = self._at("oauth_config", "scopes", "bot")
        self.scopes: frozenset[str] | None = frozenset(found or ()) if self.known else None
        self.name = str(self._at("features", "bot_user", "display_name") or "ecs-pull")

    def require(self, scope: str | None) -> None:
        """Raise Refused unless the app has *scope*."""
        if scope and self.scopes is not None and scope not in self.scopes:
            provided = ",".join(sorted(self.scopes))
            raise Refused("missing_scope", needed=scope, provided=provided)

    def has(self, scope: str) -> bool:
        """Tell whether the app has *scope*."""
        return self.scopes is None or scope in self.scopes

    def subscribed(self, event: str) -> bool:
        """Tell whether the app wants events of this name."""
        wanted = self._at("settings", "event_subscriptions", "bot_events")
        return not self.known or event in (wanted or ())

    def command(self, name: str) -> bool:
        """Tell whether the app has this command."""
        known = [c["command"] for c in self._at("features", "slash_commands") or ()]
        return not self.known or name in known

    def shortcuts(self) -> dict[str, str]:
        """Return the message shortcuts: their callback ids and names."""
        if not self.known:
            return {"explain_pull_error": "Explain this pull error"}
        return {
            s["callback_id"]: s["name"]
            for s in self._at("features", "shortcuts") or ()
            if s["type"] == "message"
        }

    def commands(self) -> list[dict[str, str]]:
        """Return the commands with their help."""
        if not self.known:
            hint = "[pasted error | cluster/service | scan | history | accounts | help]"
            said = "Explain a failed image pull"
            return [{"command": "/ecs-pull", "description": said, "usage_hint": hint}]
        return list(self._at("features", "slash_commands") or ())

    def _at(self, *path: str) -> Any:
        found: Any = self._all
        for key in path:
            found = (found or {}).get(key)
        return found


def _read(given: Mapping[str, Any] | Path | str | None) -> Mapping[str, Any]:
    if isinstance(given, Mapping):
        return given
    path = Path(given) if given else ROOT / "manifest.json"
    if given is None and not path.exists():
        return {}
    found: Mapping[str, Any] = json.loads(path.read_text())
    return found
