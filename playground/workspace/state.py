"""Everything that the workspace holds, behind one lock that wakes whoever waits for a change."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from playground.workspace.model import File, Message, Refused, View
from playground.workspace.people import Channel, channels


class State:
    """The messages, views and files of one workspace."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.changed = threading.Condition(threading.RLock())
        self.version = 0
        self.channels: dict[str, Channel] = channels()
        self.log: dict[str, list[Message]] = {c: [] for c in self.channels}
        self.whispers: dict[str, list[Message]] = {}
        self.homes: dict[str, View] = {}
        self.stacks: dict[str, list[View]] = {}
        self.files: dict[str, File] = {}
        self._ids = itertools.count(1)
        self._last = 0

    @contextmanager
    def change(self) -> Iterator[None]:
        """Hold the lock, then wake everyone who waits."""
        with self.changed:
            yield
            self.version += 1
            self.changed.notify_all()

    def new_id(self, prefix: str) -> str:
        """Return an id that nothing else has."""
        return f"{prefix}{next(self._ids):04d}"

    def ts(self) -> str:
        """Return a time stamp later than any before."""
        with self.changed:
            self._last = max(int(self.clock() * 1_000_000), self._last + 1)
            return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def find(self, channel: str, ts: str) -> Message:
        """Return a message that everyone sees; raises Refused."""
        with self.changed:
            for message in self.log.get(channel, ()):
                if message.ts == ts:
                    return message
        raise Refused("message_not_found")

    def add(self, message: Message) -> Message:
        """Keep a message, or what only one person sees."""
        with self.change():
            self._list(message).append(message)
        return message

    def put(self, message: Message) -> Message:
        """Put *message* in the place of the one with its ts."""
        with self.change():
            where = self._list(message)
            for i, old in enumerate(where):
                if old.ts == message.ts:
                    where[i] = message
        return message

    def remove(self, message: Message) -> None:
        """Forget a message."""
        with self.change():
            where = self._list(message)
            where[:] = [m for m in where if m.ts != message.ts]

    def view(self, view_id: str) -> View | None:
        """Return an open modal or a Home by its id."""
        with self.changed:
            for view in (*itertools.chain(*self.stacks.values()), *self.homes.values()):
                if view.id == view_id:
                    return view
        return None

    def put_view(self, view: View) -> View:
        """Put *view* in the place of the one with its id, if that is still open."""
        with self.change():
            if (home := self.homes.get(view.user)) and home.id == view.id:
                self.homes[view.user] = view
            stack = self.stacks.get(view.user, [])
            stack[:] = [view if v.id == view.id else v for v in stack]
        return view

    def hash(self) -> str:
        """Return a new version mark for a view."""
        return f"{self.ts()}.{next(self._ids):08x}"

    def trouble(self, view: View, words: str) -> None:
        """Tell inside the modal that the bot did not answer as it should."""
        self.put_view(replace(view, trouble=words))

    def _list(self, message: Message) -> list[Message]:
        if message.ephemeral_to:
            return self.whispers.setdefault(message.ephemeral_to, [])
        return self.log[message.channel]
