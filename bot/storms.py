"""A failure that other bots repeat: it is answered once, and the answer counts."""

from __future__ import annotations

from datetime import timedelta

from bot.facts import Subject
from bot.question import fingerprint
from bot.speaking import Asked
from bot.store import Store
from bot.symptom import Symptom

STORM = timedelta(minutes=10)


def repeated(store: Store, asked: Asked, symptom: Symptom) -> str | None:
    """Return the message that a storm began with, where another bot repeats it; None else."""
    if not asked.by_bot:
        return None
    key = fingerprint(Subject("", ""), symptom)
    source = asked.source or ""
    count, first = store.storm(asked.channel, key, source, STORM)
    if count == 1 or first == source:
        return None
    # Not the count itself: of jobs side by side the last to write need not be the last counted.
    store.put_thread(asked.channel, f"storm:{first}", {"question": {"text": ""}, "failure": key})
    return first


def size(store: Store, channel: str, first: str | None) -> int:
    """Return how often the failure that *first* told of came in its storm, 1 where it was alone."""
    kept = store.thread(channel, f"storm:{first}") if first else None
    return store.repeats(channel, kept["failure"]) if kept else 1
