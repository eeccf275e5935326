"""Tell an incident from talk about one: whether a text is an ECS failure at all."""

from __future__ import annotations

import re
from typing import Literal

import re2

from bot.patterns import PROGRAM, Found, lines_found

Kind = Literal["pull", "near-miss", "negative"]

# Words that say more than the code in front of them does.
_BEFORE_CODES = frozenset({"not-pull:logger", "not-pull:env-file", "not-pull:efs-volume"})
_AT_START = frozenset(
    f"not-pull:container-{step}" for step in ("create", "start", "stop", "inspect")
)
# Words that follow from a failed pull as often as from anything else.
_WEAK = frozenset(
    f"not-pull:{name}"
    for name in (
        "container-exited", "deployment", "agent-error", "registration", "agent-disconnected",
        "placement", "capacity", "health-check",
    )
)  # fmt: skip
_BY_CODE = {
    "CannotCreateContainerError": "not-pull:container-create",
    "CannotStartContainerError": "not-pull:container-start",
    "CannotInspectContainerError": "not-pull:container-inspect",
    "CannotStopContainerError": "not-pull:container-stop",
    "CannotCreateVolumeError": "not-pull:volume",
    "DockerTimeoutError": "not-pull:docker-timeout",
    "ContainerRuntimeTimeoutError": "not-pull:docker-timeout",
    "OutOfMemoryError": "not-pull:oom",
}
_ERROR_FIRST = re.compile(
    r"\W{0,6}(?:RequestError|AccessDenied|UnableToGet|error[: ]|unable to retrieve|.{0,40}`AccessDenied)",
    re.IGNORECASE,
)
_PROGRAM = re2.compile(PROGRAM)
_HAPPENED = re2.compile(r"(?i)retried \d+ time|from daemon|arn:aws|amazonaws\.com|dial tcp")
# A field of an answer that is shown as a table or as an assignment.
_FIELD = re.compile(r"\W{0,9}(?:stopped|status)?[ _]?(?:reason|message|error)\b", re.IGNORECASE)
_LITERAL = re.compile(
    r"\s*[rbuf]{0,2}[\"'].*[\"'][,)\]};]*\s*$|\s*[\"']?[\w-]+[\"']?:\s*(?:re\.compile|/)"
)
_OPENS = re.compile(r"[(\[{]\s*$")
_CLOSES = re.compile(r"\s*[)\]}]+[;,.]?\s*$")
_WORD = re.compile(r"[^\W\d_]{2,}")
_CODE_NAME = re.compile(
    r"Cannot\s?Pull\s?\w*|ContainerPullError|ResourceInitializationError|TaskFailedToStart",
    re.IGNORECASE,
)
_TALK_LENGTH = 3000  # characters of a text that are looked at for the way people write


def without_code(lines: tuple[str, ...]) -> tuple[tuple[str, ...], str | None]:
    """Return *lines* less those of programs and tables, and what was left out: code or docs.

    A stack trace quotes programs too, but it is what happened.
    """
    shown = lines_found(lines)
    if "trace" in shown or not shown & {"program", "table"}:
        return lines, None
    kept: list[str] = []
    left_out: str | None = None
    inside = False
    for line in lines:
        if _FIELD.match(line) and (_HAPPENED.search(line) or line.count("|") in (2, 3)):
            kept.append(line)
        elif _is_table(line) and not _HAPPENED.search(line):
            left_out = "docs"
        elif not line.lstrip().startswith(("#", ">", "{")) and _PROGRAM.search(line[:1000]):
            left_out, inside = "code", inside or _OPENS.search(line[-80:]) is not None
        elif inside and (_LITERAL.match(line[:1000]) or _CLOSES.match(line[:80])):
            inside = _CLOSES.match(line[:80]) is None
        else:
            kept.append(line)
    return (tuple(kept), left_out) if left_out else (lines, None)


def _is_table(line: str) -> bool:
    bars = line.count("|")
    edge = line.lstrip().startswith("|") or line.endswith("|")
    return (bars >= 2 and edge) or line.endswith(" |")


def kind(
    lines: tuple[str, ...], flat: str, seen: Found, named: list[str]
) -> tuple[Kind, str | None]:
    """Return what *flat* is, with the family where that is already decided.

    *named* are its error codes. A failed pull beats the other failures of a task, which
    often only follow from it.
    """
    pulling = any("Pull" in code for code in named)
    cause = bool(seen.pull) or "denial" in seen.context
    ecs = bool(named) or "ecs" in seen.context
    if not pulling and (other := _other_failure(seen, named)):
        around = _surroundings(lines, seen, ecs=ecs)
        return ("negative", around) if around else ("near-miss", other)
    said = pulling or "staged" in seen.context or ("engine" in seen.context and cause)
    said = said or "denial" in seen.context or (cause and ("ecs" in seen.context or _bare(flat)))
    if not said:
        return "negative", "negative:mention" if cause or seen.context else None
    if around := _surroundings(lines, seen, ecs=ecs):
        return "negative", around
    return ("negative", "negative:mention") if _talk(flat, seen, cause=cause) else ("pull", None)


def _other_failure(seen: Found, named: list[str]) -> str | None:
    """Return the near-miss that *seen* shows, unless the words of a pull outweigh it."""
    families = [row.family for row in seen.near]
    if not families:
        return None
    coded = next((f for code in named if (f := _BY_CODE.get(code)) in families), None)
    first = families[0]
    staged = "staged" in seen.context and first not in _BEFORE_CODES
    if staged and not (coded and first in _AT_START):
        return None
    if first in _WEAK and seen.pull and {"engine", "denial"} & seen.context:
        return None
    return first if first in _BEFORE_CODES else coded or first


def _surroundings(lines: tuple[str, ...], seen: Found, *, ecs: bool) -> str | None:
    """Return the negative family that the surroundings of a message stand for, if any."""
    if ecs:
        building = "builder" in seen.context and not {"task", "ecs-word"} & seen.context
        return "negative:build-or-ci" if building else None
    if "kubernetes" in seen.context:
        return "negative:kubernetes"
    if "command" in lines_found(lines):
        return "negative:local-docker"
    if {"build", "builder"} & seen.context:
        return "negative:build-or-ci"
    if {"other-principal", "other-aws"} & seen.context:
        return "negative:other-aws"
    return None


def _bare(flat: str) -> bool:
    """Tell whether *flat*, without any frame, begins with the error itself."""
    start = _ERROR_FIRST.match(flat)
    return start is not None and "." not in start[0]


def _talk(flat: str, seen: Found, *, cause: bool) -> bool:
    """Tell whether *flat* only talks about the error: a title, a thank-you, a how-to."""
    tone = seen.context
    words = len(_WORD.findall(flat[:_TALK_LENGTH]))
    happened = "occurred" in tone
    if "title" in tone and words < 40 and not happened:
        return True
    solved = "solved" in tone and "open" not in tone  # whatever is quoted of it
    if solved or ("past" in tone and "still" not in tone and not happened):
        return True
    if cause:
        return "howto" in tone and not happened and words > 14
    asked = "asking" in tone and not happened and "Error: " not in flat
    if asked or ("howto" in tone and words > 8):
        return True
    rest = _CODE_NAME.sub(" ", flat[:_TALK_LENGTH])
    # Prose that has no cause is an incident only where it quotes what follows the code.
    prose = len(_WORD.findall(rest)) + rest.count("。") * 5 >= 8
    return prose and not happened and "Error: " not in flat
