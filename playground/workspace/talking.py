"""A person talks: messages, edits, commands, shortcuts, the App Home."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from playground.workspace import payloads
from playground.workspace.content import content
from playground.workspace.core import Core
from playground.workspace.elements import named
from playground.workspace.model import Ack, File, Json, Message, Refused
from playground.workspace.people import (
    APP,
    BOT_ID,
    BOT_USER,
    SLACKBOT,
    TEAM,
    TEAM_DOMAIN,
    VERIFICATION,
    Channel,
    direct,
)
from playground.workspace.typing_in import rich_text, wire

OTHER_BOT = "B01OTHER"


class Talking:
    """What a person does at the keyboard."""

    core: Core

    def say(
        self, user: str, channel: str, text: str, thread_ts: str | None = None,
        files: Sequence[str | bytes | tuple[str, str | bytes]] = (), blocks: list[Json] | None = None,
        *, bot: bool = False, attachments: Sequence[Json] = (),
    ) -> Message:  # fmt: skip
        """Post a message; as another app's when *bot*, which *user* then names."""
        state = self.core.state
        if not bot:
            self._member(user, channel)
        shared = [self._file(user, f) for f in files]
        own = named(blocks, state.new_id("b")) if blocks else rich_text(text, state.new_id("b"))
        message = Message(
            state.ts(), channel, "" if bot else user, text if bot else wire(text),
            blocks or [] if bot else own, thread_ts, bot_id=OTHER_BOT if bot else None,
            username=user if bot else None, attachments=list(attachments), files=shared,
        )  # fmt: skip
        return self.core.post(message)

    def edit(self, user: str, message: Message, text: str) -> Message:
        """Change the words of one's own message."""
        before = self.core.state.find(message.channel, message.ts)
        assert before.user == user, "only one's own messages can be edited"
        state = self.core.state
        words = {"text": wire(text), "blocks": rich_text(text, state.new_id("b"))}
        return self.core.edit(before, replace(before, **words, edited=state.ts()))  # type: ignore[arg-type]

    def command(self, user: str, channel: str, command: str, text: str = "") -> Ack:
        """Type a slash command; what the bot answers at once is shown to the person."""
        where = self._member(user, channel)
        assert self.core.manifest.command(command), f"{command} is not a valid command"
        person = payloads.user_json(user)
        ack = self.core.delivery.form(
            f"command {command}",
            {
                "token": VERIFICATION, "team_id": TEAM, "team_domain": TEAM_DOMAIN, "api_app_id": APP,
                "channel_id": channel, "channel_name": payloads.channel_json(where)["name"],
                "user_id": user, "user_name": person["name"], "command": command, "text": text,
                "is_enterprise_install": "false",
                "response_url": payloads.response_url(self.core, user, channel),
                "trigger_id": self.core.tickets.trigger(user),
            },
        )  # fmt: skip
        self._answered(user, channel, command, ack)
        return ack

    def shortcut(self, user: str, callback_id: str, message: Message) -> Ack:
        """Choose a shortcut in the menu of a message."""
        self._member(user, message.channel)
        assert callback_id in self.core.manifest.shortcuts(), f"there is no shortcut {callback_id}"
        now = self.core.state.find(message.channel, message.ts)
        payload = payloads.interaction("message_action", user) | payloads.in_message(
            self.core, user, now
        )
        for unwanted in ("container", "state"):
            payload.pop(unwanted)
        payload |= {
            "callback_id": callback_id,
            "action_ts": self.core.state.ts(),
            "message_ts": now.ts,
        }
        ack = self.core.delivery.interaction(f"message_action {callback_id}", payload)
        if not ack.ok:
            self._slackbot(user, message.channel, "The app did not respond. Try again?")
        return ack

    def open_home(self, user: str) -> None:
        """Look at the App Home tab."""
        view = self.core.state.homes.get(user)
        self.core.tell(payloads.home_event(self.core, user, direct(user), view))

    def _member(self, user: str, channel: str) -> Channel:
        found = self.core.state.channels.get(channel)
        assert found is not None, f"there is no channel {channel}"
        assert user in found.members, f"{user} is not in {channel}"
        return found

    def _file(self, user: str, given: str | bytes | tuple[str, str | bytes]) -> File:
        name, inside = given if isinstance(given, tuple) else ("snippet.txt", given)
        data = inside.encode() if isinstance(inside, str) else inside
        file = File(self.core.state.new_id("F"), name, name, data, user)
        with self.core.state.change():
            self.core.state.files[file.id] = file
        return file

    def _answered(self, user: str, channel: str, command: str, ack: Ack) -> None:
        """Show the body of an answer to a command, or that none came."""
        if not ack.ok:
            why = "operation_timeout" if ack.late else "dispatch_failed"
            self._slackbot(user, channel, f'{command} failed with the error "{why}"')
            return
        if not ack.body.strip():
            return
        said = ack.json or {"text": ack.body}
        try:
            self._show(user, channel, said)
        except Refused as refused:
            self.core.refuse(f"answer to {command}", refused.error, refused.messages, said)
            self._slackbot(user, channel, f'{command} failed with the error "{refused.error}"')

    def _show(self, user: str, channel: str, said: Json) -> None:
        show_answer(self.core, user, channel, said)

    def _slackbot(self, user: str, channel: str, text: str) -> None:
        self.core.state.add(
            Message(
                self.core.state.ts(),
                channel,
                SLACKBOT,
                text,
                ephemeral_to=user,
                username="Slackbot",
            )
        )


def show_answer(core: Core, user: str, channel: str, said: Json) -> None:
    """Show what the bot answered to a command or a response URL; raises Refused.

    Without ``thread_ts`` it stands in the channel, even where somebody acted in a thread.
    """
    parts = content(core.state, said)
    aloud = said.get("response_type") == "in_channel"
    message = Message(
        core.state.ts(), channel, BOT_USER, parts["text"], parts["blocks"],
        said.get("thread_ts"), bot_id=BOT_ID, attachments=parts["attachments"],
        ephemeral_to=None if aloud else user,
    )  # fmt: skip
    if aloud:
        core.post(message)
    else:
        core.state.add(message)
