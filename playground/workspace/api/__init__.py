"""The Web API: every method with the scope it needs, and the checks that come before all of them."""

from __future__ import annotations

from collections.abc import Callable

from playground.workspace.api import chat, files, lookups, views
from playground.workspace.core import Core
from playground.workspace.model import Json, Refused
from playground.workspace.people import APP_TOKEN, BOT_TOKEN

Method = Callable[[Core, Json], Json]
METHODS: dict[str, tuple[str | None, Method]] = {
    "auth.test": (None, lookups.auth_test),
    "chat.postMessage": ("chat:write", chat.post_message),
    "chat.postEphemeral": ("chat:write", chat.post_ephemeral),
    "chat.update": ("chat:write", chat.update),
    "chat.delete": ("chat:write", chat.delete),
    "chat.getPermalink": (None, chat.permalink),
    "reactions.add": ("reactions:write", chat.add_reaction),
    "reactions.remove": ("reactions:write", chat.remove_reaction),
    "views.open": (None, views.open_view),
    "views.push": (None, views.push),
    "views.update": (None, views.update),
    "views.publish": (None, views.publish),
    "users.info": ("users:read", lookups.users_info),
    "conversations.info": ("channels:read", lookups.conversations_info),
    "conversations.open": ("im:write", lookups.conversations_open),
    "usergroups.users.list": ("usergroups:read", lookups.group_users),
    "files.getUploadURLExternal": ("files:write", files.upload_url),
    "files.completeUploadExternal": ("files:write", files.complete),
    "apps.connections.open": (None, lookups.connections_open),
}


def call(core: Core, method: str, token: str, args: Json) -> tuple[int, Json, dict[str, str]]:
    """Return status, body and headers of one call."""
    headers = {"x-oauth-scopes": ",".join(sorted(core.manifest.scopes or _all_scopes()))}
    try:
        answer = {"ok": True, **_answer(core, method, token, args)}
    except Refused as refused:
        core.refuse(method, refused.error, refused.messages, args)
        answer = {"ok": False, "error": refused.error}
        extra = dict(refused.extra)
        if wait := extra.pop("retry_after", None):
            headers["Retry-After"] = str(wait)
        if refused.messages:
            answer["response_metadata"] = {"messages": list(refused.messages)}
        return refused.status, answer | extra, headers
    return 200, answer, headers


def _answer(core: Core, method: str, token: str, args: Json) -> Json:
    if method not in METHODS:
        raise Refused("unknown_method", req_method=method)
    scope, answer = METHODS[method]
    if not token:
        raise Refused("not_authed")
    connecting = method == "apps.connections.open"
    if connecting and not token.startswith("xapp-"):
        raise Refused("not_allowed_token_type")
    if token != (APP_TOKEN if connecting else BOT_TOKEN):
        raise Refused("invalid_auth")
    core.manifest.require(scope)
    core.limits.take(method, str(args.get("channel") or ""))
    return answer(core, args)


def _all_scopes() -> set[str]:
    return {scope for scope, _ in METHODS.values() if scope} | {"commands", "app_mentions:read"}
