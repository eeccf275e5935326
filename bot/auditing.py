"""The audit stream for people and programs: since when, which events, and each on a line. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from bot.model import Call
from bot.permissions import action

JSON = Any
PAGE = 1000
WIDTH = 80
AGO = re.compile(r"([0-9]{1,5})([mhdw])")
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Stream(Protocol):
    """Where events are kept, in order."""

    def audit_since(self, start: str = "-", count: int = 1000) -> list[JSON]: ...


def start(when: str, now: datetime) -> str:
    """Return the id at which the stream is to be read for *when*; raises ValueError.

    *when* is an age such as ``2h``, or a time, in UTC where it names no zone.
    """
    if ago := AGO.fullmatch(when):
        since = now - timedelta(**{UNITS[ago[2]]: int(ago[1])})
    else:
        try:
            said = datetime.fromisoformat(when)
        except ValueError:
            raise ValueError(
                f"{when}: an age (30m, 2h, 3d) or a time (2026-01-31T09:00Z)"
            ) from None
        since = said if said.tzinfo else said.replace(tzinfo=UTC)
    return str(max(0, int(since.timestamp() * 1000)))


def events(stream: Stream, begin: str = "-") -> Iterator[dict[str, JSON]]:
    """Yield every event from the id *begin* on, oldest first, with the time it was kept ``at``."""
    found = stream.audit_since(begin, PAGE)
    while found:
        yield from ({"id": e["id"], "at": _at(e["id"]).isoformat(), **e} for e in found)
        last = found[-1]["id"]
        found = stream.audit_since(f"({last}", PAGE) if len(found) == PAGE else []


def lines(event: Mapping[str, JSON]) -> list[str]:
    """Return *event* in one line, and one more for each call with the id that CloudTrail has."""
    at = _at(event["id"]).strftime("%Y-%m-%d %H:%M:%S")
    what = f"{event.get('where') or event.get('account', '')} {event.get('cause', '')}"
    found = [f"{at} {event.get('event', ''):<13} {event.get('who') or '-':<11} {what}"]
    found += [_call(call) for call in event.get("calls", ())]
    return [_fitted(line) for line in found]


def _call(call: Mapping[str, JSON]) -> str:
    name = action(Call(call["service"], call["operation"], {}))
    return f"{'':<4}{name:<32} {call.get('request_id') or 'no request id'}"


def _at(identity: str) -> datetime:
    """Return when Redis took the event, which its id tells in milliseconds."""
    return datetime.fromtimestamp(int(identity.partition("-")[0]) / 1000, UTC)


def _fitted(line: str) -> str:
    """Return *line* without what steers a terminal, no wider than one."""
    shown = "".join(c if c.isprintable() else "?" for c in line).rstrip()
    return shown if len(shown) <= WIDTH else shown[: WIDTH - 1] + "…"
