"""The job behind ``/ecs-pull scan``: one message in the channel, every service in its thread."""

from __future__ import annotations

from bot import scanner
from bot.conversation import Asked, Conversation, NotInChannel, Speaker
from bot.render import blocks, scans, thread, words
from bot.service import Service


class Surveying:
    """Looks at the accounts that a channel may see, and no others."""

    def __init__(self, service: Service, say: Speaker, talk: Conversation) -> None:
        self.service = service
        self.say = say
        self.talk = talk

    def scan(self, asked: Asked) -> None:
        """Post what fails in the channel's accounts; run twice, it updates the same message."""
        language = self.talk.language(asked.user, asked.channel)
        accounts = self.service.accounts
        seen = accounts.seen_in(asked.channel)
        if not seen:
            self._whisper(asked, "no_accounts", language)
            return
        try:
            posted = self._open(asked, [a.alias for a in seen], language)
        except NotInChannel:
            self._whisper(asked, "not_in_channel", language)
            return
        found = scanner.scan(self.service, scanner.of(seen), asked.channel)
        self.say.update(asked.channel, posted, scans.message(found, accounts, language))
        if self.service.store.first_time(f"scan:{asked.channel}:{posted}"):
            for page in scans.details(found, accounts, language):
                self.say.post(asked.channel, page, posted)

    def _open(self, asked: Asked, aliases: list[str], language: str) -> str:
        """Return the message that this command has got already, else a new one."""
        store, source = self.service.store, asked.source or ""
        if source and (kept := store.thread(asked.channel, source)):
            return str(kept["answer"])
        said = words.message("scan_reading", language, ids=aliases, user=blocks.user(asked.user))
        posted = self.say.post(asked.channel, blocks.message(said, [blocks.section(said)]))
        if source:
            kept = {
                "answer": posted,
                "language": language,
                "report": None,
                "question": {"text": ""},
            }
            store.put_thread(asked.channel, source, kept)
        return posted

    def _whisper(self, asked: Asked, name: str, language: str) -> None:
        said = thread.problem(name, language, {})
        self.say.whisper(asked.channel, asked.user, said, None, asked.url)
