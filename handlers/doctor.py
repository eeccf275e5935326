"""``python -m handlers.doctor``: the command behind ``python -m bot doctor``, which knows Slack too."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from io import TextIOWrapper
from pathlib import Path
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from bot.config import LANGUAGES, Settings, read_env_file
from bot.doctor import examine
from bot.doctor.check import Check, unclear, well, wrong
from bot.render import checks as shown
from bot.render.terminal import console
from handlers.speaker import client

MANIFEST = Path(__file__).parent.parent / "manifest.json"
AWAY = (SlackClientError, URLError, OSError)


def main(argv: list[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Check everything and print it; returns 1 if anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m bot doctor", description="Check the set-up.")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--lang", choices=LANGUAGES, default="en")
    args = parser.parse_args(argv)
    if isinstance(sys.stdout, TextIOWrapper):  # whatever the locale
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    found = examine({**read_env_file(Path(".env")), **environ}, slack)
    if args.json:
        said = shown.published(found, args.lang)
        sys.stdout.write(json.dumps(said, ensure_ascii=False, indent=2) + "\n")
    else:
        shown.show(console(sys.stdout), found, args.lang)
    return 1 if any(c.ok is False for c in found) else 0


def slack(found: Settings) -> list[Check]:
    """Check the tokens, and the scopes that were granted against those of the manifest."""
    if not found.slack_bot_token:
        return [unclear("slack", "slack_unset")]
    web = client(found.slack_bot_token, found.slack_api_url)
    try:
        said = web.auth_test()
    except SlackApiError as error:
        return [wrong("slack", "slack_refused", {"because": _error(error)})]
    except AWAY:
        return [wrong("slack", "slack_away", {"url": web.base_url})]
    context = {"bot": said.get("user") or "–", "team": said.get("team") or "–"}
    checks = [well("slack", "slack_ok", context), _scopes(said)]
    return checks + ([_app_token(web, found.slack_app_token)] if found.slack_app_token else [])


def _scopes(said: SlackResponse) -> Check:
    headers = {str(k).lower(): v for k, v in said.headers.items()}
    granted = headers.get("x-oauth-scopes")
    if granted is None:
        return unclear("slack-scopes", "scopes_unknown")
    wanted = json.loads(MANIFEST.read_text("utf-8"))["oauth_config"]["scopes"]["bot"]
    missing = sorted(set(wanted) - {s.strip() for s in str(granted).split(",")})
    if missing:
        return wrong("slack-scopes", "scopes_missing", {"ids": missing})
    return well("slack-scopes", "scopes_ok", {"count": len(wanted)})


def _app_token(web: WebClient, token: str) -> Check:
    """Ask for the address of a socket, which opens none."""
    try:
        web.apps_connections_open(app_token=token)
    except SlackApiError as error:
        return wrong("slack-socket", "socket_refused", {"because": _error(error)})
    except AWAY:
        return unclear("slack-socket", "socket_unknown")
    return well("slack-socket", "socket_ok")


def _error(error: SlackApiError) -> str:
    return str(error.response.get("error", "unknown"))


def _quietly() -> int:
    """Run the command; a closed pipe and Ctrl-C are no errors to tell of."""
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 1
    return status


if __name__ == "__main__":
    sys.exit(_quietly())
