"""Who is asking, from where, and in which language to answer at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.config import Accounts, ChannelDefault
from bot.render.words import language_of

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Where:
    """One request's user and channel."""

    user: str
    channel: str

    def language(self, accounts: Accounts) -> str:
        """Return the channel's language; the person's own is looked up by the job."""
        return language_of(accounts.channels.get(self.channel, ChannelDefault()).language)


def of_command(command: JSON) -> Where:
    return Where(command["user_id"], command["channel_id"])


def of_action(body: JSON) -> Where:
    """Return who clicked and where; a click in a modal or on Home has no channel."""
    channel = body.get("channel") or {}
    container = body.get("container") or {}
    return Where(body["user"]["id"], channel.get("id") or container.get("channel_id") or "")
