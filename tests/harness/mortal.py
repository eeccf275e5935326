"""Workers that die: after each entry of the journal and after each change of the account.

Between two of these moments a worker writes nothing, so to die anywhere between them is the same.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from bot.aws.accounts import Doors
from bot.aws.client import Door
from bot.fixing import Journal
from bot.model import Call
from bot.store import Store

JSON = Any
READS = ("describe_", "list_", "lookup_", "get_", "batch_get_")
PER_STEP = 3  # begun, heard by AWS, journaled as done


class Killed(BaseException):
    """The worker is gone: nothing of it may catch this."""


def raised() -> NoReturn:
    raise Killed


def kill_9() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass(slots=True)
class Life:
    """Ends at the moment number *left*, from 0, in the way that *end* does."""

    left: int
    end: Callable[[], None] = raised

    def moment(self) -> None:
        self.left -= 1
        if self.left == -1:
            self.end()


@dataclass(slots=True)
class MortalJournal:
    """A journal whose writer may die once an entry is kept."""

    journal: Journal
    life: Life

    def append(self, entry: Mapping[str, JSON]) -> None:
        self.journal.append(entry)
        self.life.moment()

    def entries(self) -> list[dict[str, JSON]]:
        return self.journal.entries()


@dataclass(slots=True)
class MortalDoor:
    """A door behind which AWS has heard every change, whoever lives to learn of it."""

    door: Door
    life: Life

    def call(self, call: Call) -> dict[str, JSON]:
        answer = self.door.call(call)
        if not call.operation.startswith(READS):
            self.life.moment()
        return answer

    def pages(self, call: Call, key: str) -> list[JSON]:
        return self.door.pages(call, key)

    def at(self, region: str) -> MortalDoor:
        return MortalDoor(self.door.at(region), self.life)


class MortalDoors(Doors):
    """Doors of which those of a fix are mortal."""

    life: Life

    def fix(self, *args: Any, **more: Any) -> Door:
        return MortalDoor(super().fix(*args, **more), self.life)


class MortalStore(Store):
    """A store whose journals are mortal."""

    life: Life

    def journal_of(self, fix_id: str) -> Journal:
        return MortalJournal(super().journal_of(fix_id), self.life)
