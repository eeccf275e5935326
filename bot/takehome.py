"""A plan as files, for teams that change their accounts only through code. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot import awscli, cloudformation, terraform
from bot.model import Call, Plan, Step, plain, plan_to_json
from bot.redact import redact

JSON = Any
SAID = "# Proposed by ecs-pull; nothing has changed yet.\n"
HIDDEN = "# Values that look like secrets are left out as [redacted]: fill them in.\n"


def files(plan: Plan) -> dict[str, str]:
    """Return the files by their names; what looks like a secret does not leave with them."""
    safe, hidden = without_secrets(plan), note(plan)
    head = SAID + hidden
    return {
        "fix.sh": "#!/bin/sh\n" + head + "set -eu\n\n" + awscli.script(safe, places=True) + "\n",
        "fix.tf": head + "\n" + terraform.snippet(safe) + "\n",
        "fix.yaml": head + cloudformation.template(safe),
    }


def note(plan: Plan) -> str:
    """Return the comment that says that values of *plan* are left out; empty where none are."""
    return HIDDEN if plan_to_json(without_secrets(plan)) != plan_to_json(plan) else ""


def without_secrets(plan: Plan) -> Plan:
    """Return *plan* without the values that look like secrets, such as those of an environment."""
    return Plan(tuple(map(_safe, plan.steps)), plan.risk)


def _safe(step: Step) -> Step:
    params = cleaned(plain(step.do.params))
    return replace(
        step,
        before=cleaned(plain(step.before)),
        after=cleaned(plain(step.after)),
        do=Call(step.do.service, step.do.operation, params),
    )


def cleaned(value: JSON) -> JSON:
    """Return *value* without what looks like a secret in it."""
    if isinstance(value, Mapping):
        if set(value) == {"name", "value"}:
            return {
                "name": value["name"],
                "value": _valued(str(value["name"]), str(value["value"])),
            }
        return {k: cleaned(v) for k, v in value.items()}
    if isinstance(value, list):
        return [cleaned(v) for v in value]
    return redact(value) if isinstance(value, str) else value


def _valued(name: str, value: str) -> str:
    """Return the value of an environment variable, unless it or its name tells of a secret."""
    pair = f"{name}={value}"
    said = redact(pair)
    if said == pair:
        return value
    return said.removeprefix(f"{name}=") if said.startswith(f"{name}=") else "[redacted]"
