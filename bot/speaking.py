"""How the bot is asked and how it speaks, without saying in which program people chat."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.render.blocks import Message


class NotInChannel(Exception):  # noqa: N818 - Slack's answer
    """The bot cannot speak in this channel."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to post; *alt* says in words what a picture shows."""

    name: str
    content: bytes
    title: str | None = None
    alt: str | None = None


class Speaker(Protocol):
    """How the bot speaks in the workspace."""

    def post(self, channel: str, message: Message, thread: str | None = None) -> str:
        """Post and return the message's timestamp; raises NotInChannel."""

    def update(self, channel: str, ts: str, message: Message) -> None: ...
    def whisper(
        self,
        channel: str,
        user: str,
        message: Message,
        thread: str | None = None,
        url: str | None = None,
    ) -> None:
        """Tell one person alone; *url* is the response_url where there is one."""

    def upload(
        self, channel: str, files: Sequence[Attachment], text: str, thread: str | None = None
    ) -> None:
        """Post *files* with *text*; raises NotInChannel."""

    def locale(self, user: str) -> str | None: ...
    def groups(self, user: str, of: Collection[str]) -> set[str]:
        """Return which of the user groups *of* the user is in."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Where a question came from, and where its answer goes.

    *thread* is what to answer under (None: the bot opens a thread of its own), *message* an
    answer of ours to update in place, *url* the response_url, *aloud* False where the bot
    speaks only when it has understood (pasted texts in channels). *source* names what was said:
    asked again, after an edit or by a job that runs twice, its one answer is updated.
    *unanswered* tells that *thread* has no reply yet: nothing private would be seen in it.
    """

    user: str
    channel: str
    thread: str | None = None
    message: str | None = None
    url: str | None = None
    aloud: bool = True
    by_bot: bool = False
    source: str | None = None
    unanswered: bool = False
