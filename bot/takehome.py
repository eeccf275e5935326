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
    safe = without_secrets(plan)
    head = SAID + (HIDDEN if plan_to_json(safe) != plan_to_json(plan) else "")
    return {
        "fix.sh": "#!/bin/sh\n" + head + "set -eu\n\n" + awscli.script(safe, places=True) + "\n",
        "fix.tf": head + "\n" + terraform.snippet(safe) + "\n",
        "fix.yaml": head + cloudformation.template(safe),
    }


def without_secrets(plan: Plan) -> Plan:
    """Return *plan* without the values that look like secrets, such as those of an environment."""
    return Plan(tuple(map(_safe, plan.steps)), plan.risk)


def _safe(step: Step) -> Step:
    params = _clean(plain(step.do.params))
    return replace(
        step,
        before=_clean(plain(step.before)),
        after=_clean(plain(step.after)),
        do=Call(step.do.service, step.do.operation, params),
    )


def _clean(value: JSON) -> JSON:
    if isinstance(value, Mapping):
        if set(value) == {"name", "value"}:
            return {
                "name": value["name"],
                "value": _valued(str(value["name"]), str(value["value"])),
            }
        return {k: _clean(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_clean(v) for v in value]
    return redact(value) if isinstance(value, str) else value


def _valued(name: str, value: str) -> str:
    """Return the value of an environment variable, unless it or its name tells of a secret."""
    pair = f"{name}={value}"
    said = redact(pair)
    if said == pair:
        return value
    return said.removeprefix(f"{name}=") if said.startswith(f"{name}=") else "[redacted]"
