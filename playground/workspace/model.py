"""The nouns of the workspace: messages, views, files, and what the bot answered."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from playground.workspace import words
from playground.workspace.people import APP, BOT_ID, TEAM

Json = dict[str, Any]
Values = dict[str, dict[str, Json]]


@dataclass(frozen=True, slots=True)
class File:
    """A file that somebody shared."""

    id: str
    name: str
    title: str
    content: bytes
    user: str
    alt: str = ""

    @property
    def text(self) -> str | None:
        """Return the content where it is text."""
        try:
            return self.content.decode()
        except UnicodeDecodeError:
            return None


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it is now; an edit makes another one with the same ts."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    edited: str | None = None
    metadata: Json | None = None
    bot_id: str | None = None
    username: str | None = None
    attachments: list[Json] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    ephemeral_to: str | None = None
    broadcast: bool = False

    @property
    def words(self) -> str:
        """Return all that a person reads in it."""
        shown = [words.visible(self.blocks) if self.blocks else words.plain(self.text)]
        for attachment in self.attachments:
            shown += [words.plain(attachment.get(k) or "") for k in ("pretext", "title", "text")]
            shown.append(words.visible(attachment.get("blocks") or []))
        shown += [file.title for file in self.files]
        return "\n".join(s for s in shown if s)

    @property
    def is_reply(self) -> bool:
        """Tell whether it stands in a thread, below its parent."""
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass(frozen=True, slots=True)
class View:
    """A modal or an App Home, as it is now, with what the person typed into it."""

    id: str
    user: str
    body: Json
    hash: str
    root: str
    previous: str | None = None
    typed: Values = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    trouble: str = ""

    @property
    def blocks(self) -> list[Json]:
        """Return the blocks."""
        return list(self.body["blocks"])

    @property
    def callback_id(self) -> str:
        """Return what the bot calls it."""
        return str(self.body.get("callback_id") or "")

    @property
    def private_metadata(self) -> str:
        """Return what the bot keeps in it."""
        return str(self.body.get("private_metadata") or "")

    @property
    def title(self) -> str:
        """Return the title, of a modal."""
        return str((self.body.get("title") or {}).get("text") or "")

    @property
    def words(self) -> str:
        """Return all that a person reads in it."""
        return "\n".join([words.visible(self.body), *self.errors.values()])

    def to_json(self, values: Values) -> Json:
        """Return it as Slack hands it out."""
        found: Json = {
            "id": self.id, "team_id": TEAM, "app_id": APP, "bot_id": BOT_ID,
            "app_installed_team_id": TEAM, "root_view_id": self.root,
            "previous_view_id": self.previous, "hash": self.hash, "state": {"values": values},
            "callback_id": "", "private_metadata": "", "external_id": "", "title": None,
            "close": None, "submit": None, "clear_on_close": False, "notify_on_close": False,
        }  # fmt: skip
        return found | self.body


@dataclass(frozen=True, slots=True)
class Ack:
    """What the bot answered to one request, and how soon."""

    what: str
    seconds: float
    status: int  # 0: no answer at all
    late: bool
    body: str = ""
    retry: int = 0
    reason: str = ""

    @property
    def ok(self) -> bool:
        """Tell whether Slack would be content."""
        return 200 <= self.status < 300 and not self.late

    @property
    def json(self) -> Json:
        """Return the body where it is an object, else nothing."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call that the workspace did not take."""

    method: str
    error: str
    messages: tuple[str, ...]
    args: Json


class Refused(Exception):  # noqa: N818 - it is an answer
    """Raised inside a method: Slack answers with this error."""

    def __init__(self, error: str, *messages: str, status: int = 200, **extra: Any) -> None:
        super().__init__(error)
        self.error = error
        self.messages = messages
        self.status = status
        self.extra = extra
