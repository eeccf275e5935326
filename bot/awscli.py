"""The same calls as ``aws`` command lines, for people who prefer their own terminal. Pure."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any

from bot.logins import FILE
from bot.model import TYPED, Call, Plan, plain

PLACEHOLDER = re.compile(r"<[a-z][^<>]*>")


def unfilled(call: Call) -> bool:
    """Tell whether *call* holds a placeholder for what only a person knows."""
    return bool(PLACEHOLDER.search(json.dumps(plain(call.params), ensure_ascii=False)))


def command(call: Call, region: str | None = None) -> str:
    """Return *call* as one ``aws`` command line, quoted for a POSIX shell.

    What an earlier step answers becomes a shell variable, ``"$STEP_1"``.
    """
    words = ["aws", call.service, call.operation.replace("_", "-")]
    if region and call.service != "iam":
        words += ["--region", region]
    for name, value in call.params.items():
        words += _option(name, value)
    return " ".join(words)


def script(plan: Plan, *, places: bool = False) -> str:
    """Return the plan's calls as a shell script, later ones using what earlier ones answer.

    With *places* a comment says of each in which account it is to be made.
    """
    lines = []
    used = set(
        re.findall(r'"\$answer": \[(\d+)', json.dumps([dict(s.do.params) for s in plan.steps]))
    )
    for number, step in enumerate(plan.steps):
        line = command(step.do, step.region)
        if str(number) in used:
            path = _answers(plan, number)
            line = f"STEP_{number + 1}=$({line} --query {path} --output text)"
        if places:
            lines.append(f"# account {step.account}, {step.region}")
        lines.append(line)
    return "\n".join(lines)


def _answers(plan: Plan, number: int) -> str:
    text = json.dumps([dict(s.do.params) for s in plan.steps])
    found = re.search(rf'"\$answer": \[{number}, "([^"]+)"\]', text)
    return shlex.quote(found[1]) if found else "''"


def _option(name: str, value: Any) -> list[str]:
    option = "--" + re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()
    if isinstance(value, bool):
        return [option if value else option.replace("--", "--no-", 1)]
    if isinstance(value, (list, tuple)) and value and all(map(_plain, value)):
        return [option, *map(_quoted, value)]
    if isinstance(value, str) and value.startswith("-"):  # else it reads as an option
        return [f"{option}={_quoted(value)}"]
    return [option, _quoted(value)]


def _plain(value: Any) -> bool:
    """Tell whether *value* can stand in a list of words; others are written as JSON."""
    return isinstance(value, str) and not value.startswith(("-", "[", "{"))


def _quoted(value: Any) -> str:
    if value == TYPED:
        return shlex.quote(FILE)
    if isinstance(value, Mapping) and "$answer" in value:
        return f'"$STEP_{value["$answer"][0] + 1}"'
    if isinstance(value, str):
        return shlex.quote(value)
    return shlex.quote(json.dumps(plain(value), sort_keys=True, ensure_ascii=False))
