"""Who is who: auth.test, users, conversations, user groups."""

from __future__ import annotations

from playground.workspace.api.chat import channel_of
from playground.workspace.content import truth
from playground.workspace.core import Core
from playground.workspace.model import Json, Refused
from playground.workspace.people import (
    APP,
    BOT_ID,
    BOT_USER,
    GROUPS,
    TEAM,
    TEAM_NAME,
    USERS,
    User,
    direct,
)


def auth_test(core: Core, args: Json) -> Json:
    return {
        "url": f"{core.url}/", "team": TEAM_NAME, "user": core.manifest.name, "team_id": TEAM,
        "user_id": BOT_USER, "bot_id": BOT_ID, "app_id": APP, "is_enterprise_install": False,
    }  # fmt: skip


def users_info(core: Core, args: Json) -> Json:
    bot = User(BOT_USER, core.manifest.name, "", is_bot=True)
    found = next((u for u in (*USERS, bot) if u.id == args.get("user")), None)
    if found is None:
        raise Refused("user_not_found")
    person = {
        "id": found.id, "team_id": TEAM, "name": found.name.lower(), "real_name": found.shown,
        "deleted": False, "is_bot": found.is_bot, "is_admin": False, "is_app_user": False,
        "tz": "Asia/Tokyo" if found.locale == "ja-JP" else "Europe/London",
        "profile": {"display_name": found.name, "real_name": found.shown, "title": found.title},
    }  # fmt: skip
    return {"user": person | ({"locale": found.locale} if truth(args, "include_locale") else {})}


def conversations_info(core: Core, args: Json) -> Json:
    found = channel_of(core, args)
    if found.direct:
        other = next(m for m in found.members if m != BOT_USER)
        return {"channel": {"id": found.id, "is_im": True, "is_channel": False, "user": other}}
    return {
        "channel": {
            "id": found.id, "name": found.name, "name_normalized": found.name, "is_channel": True,
            "is_im": False, "is_private": False, "is_archived": False,
            "is_member": BOT_USER in found.members, "context_team_id": TEAM,
            "topic": {"value": found.topic}, "num_members": len(found.members),
        }
    }  # fmt: skip


def conversations_open(core: Core, args: Json) -> Json:
    users = args.get("users") or ""
    wanted = users if isinstance(users, list) else str(users).split(",")
    if len(wanted) != 1 or direct(wanted[0]) not in core.state.channels:
        raise Refused("user_not_found")
    return {"channel": {"id": direct(wanted[0])}, "no_op": True, "already_open": True}


def group_users(core: Core, args: Json) -> Json:
    if args.get("usergroup") not in GROUPS:
        raise Refused("no_such_subteam")
    return {"users": list(GROUPS[str(args["usergroup"])][1])}


def connections_open(core: Core, args: Json) -> Json:
    """Return the address of one connection of Socket Mode."""
    where = core.url.replace("http://", "ws://")
    return {"url": f"{where}/link/?ticket={core.delivery.sockets.ticket()}"}
