"""What the Web API and the driving side share."""

from __future__ import annotations

from dataclasses import dataclass, field

from playground.workspace import payloads
from playground.workspace.delivery import Delivery
from playground.workspace.limits import Limits
from playground.workspace.manifest import Manifest
from playground.workspace.model import Json, Message, Refusal
from playground.workspace.people import BOT_USER
from playground.workspace.state import State
from playground.workspace.tickets import Tickets


@dataclass(slots=True)
class Core:
    """One workspace: its state, its rules, and the way to the bot."""

    state: State
    manifest: Manifest
    limits: Limits
    tickets: Tickets
    delivery: Delivery
    refusals: list[Refusal] = field(default_factory=list)
    offered: dict[tuple[str, str, str], list[Json]] = field(default_factory=dict)  # to whom, where
    url: str = ""

    def post(self, message: Message) -> Message:
        """Keep *message* and tell the bot, its own messages too, as Slack does."""
        self.state.add(message)
        self.tell(payloads.message_event(self, message))
        called = f"<@{BOT_USER}>" in message.text and message.user != BOT_USER
        if called and not self.state.channels[message.channel].direct:
            self.tell(payloads.mention_event(self, message))
        return message

    def edit(self, before: Message, after: Message) -> Message:
        """Put *after* in the place of *before* and tell the bot."""
        self.state.put(after)
        self.tell(payloads.changed_event(self, before, after))
        return after

    def delete(self, message: Message) -> None:
        """Forget *message* and tell the bot."""
        self.state.remove(message)
        self.tell(payloads.deleted_event(self, message))

    def tell(self, event: Json) -> None:
        """Send *event*, where the app is subscribed to it and a member of the channel."""
        channel = self.state.channels.get(str(event.get("channel")))
        if channel and event["type"] != "app_home_opened" and BOT_USER not in channel.members:
            return
        kind = event["type"]
        if kind == "message":
            kind = "message.im" if channel and channel.direct else "message.channels"
        if self.manifest.subscribed(kind):
            what = "event " + event["type"] + ("/" + event["subtype"] if "subtype" in event else "")
            self.delivery.event(what, payloads.envelope(self, event))

    def refuse(self, method: str, error: str, messages: tuple[str, ...], args: Json) -> None:
        """Remember a call that was not taken, so that a test can find it."""
        with self.state.change():
            self.refusals.append(Refusal(method, error, messages, args))
