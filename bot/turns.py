"""One answer of ours: what was asked, what it is about and where it stands; kept for its buttons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bot.facts import Subject
from bot.question import Question
from bot.render.blocks import Message
from bot.report import Report, report_to_json, symptom_from_json, symptom_to_json
from bot.searching import How
from bot.speaking import Asked
from bot.symptom import Symptom

Kept = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and the place of its answer, message *where*.

    *subject* is what it is about, None where nothing tells; *how* says what it was taken for.
    """

    asked: Asked
    question: Question
    symptom: Symptom
    language: str
    where: str
    subject: Subject | None = None
    how: How = "named"

    @property
    def key(self) -> str:
        """Return what the buttons of the answer carry."""
        return f"{self.asked.channel}:{self.where}"

    @property
    def names(self) -> tuple[str, ...]:
        """Return under which names it is kept: our answer, and what was said."""
        return tuple(filter(None, (self.where, self.asked.source)))

    def to_json(self, report: Report | None, said: Message | None, repeats: int) -> dict[str, Any]:
        return {
            "question": asdict(self.question),
            "symptom": symptom_to_json(self.symptom),
            "subject": self.subject and asdict(self.subject),
            "how": self.how,
            "report": report and report_to_json(report),
            "language": self.language,
            "thread": self.asked.thread or self.where,
            "user": self.asked.user,
            "source": self.asked.source,
            "answer": self.where,
            "said": said,
            "repeats": repeats,
        }


def turn_from(kept: Kept, channel: str, user: str | None = None) -> Turn:
    """Return what was kept of an answer in *channel*, as if *user* asked again."""
    where = kept["answer"]
    return Turn(
        Asked(user or kept["user"], channel, kept["thread"], where, source=kept["source"]),
        Question(**kept["question"]),
        symptom_from_json(kept["symptom"]),
        kept["language"],
        where,
        Subject(**kept["subject"]) if kept["subject"] else None,
        kept.get("how", "named"),
    )
