"""Read what stands beside a service: a secret's deletion, a log group; for the steps that change them."""

from __future__ import annotations

from typing import Any

from bot.aws.client import Door, NotFound
from bot.model import Call, Step

JSON = Any


def scheduled_for_deletion(step: Step, door: Door) -> JSON:
    """Return whether the secret waits for its deletion; when it was asked for does not matter."""
    asked = {"SecretId": step.do.params["SecretId"]}
    try:
        found = door.call(Call("secretsmanager", "describe_secret", asked))
    except NotFound:
        return {"exists": False}
    return {"deletion": "scheduled" if found.get("DeletedDate") else "none"}


def log_group(step: Step, door: Door) -> JSON:
    """Return the log group with what it holds: one with logs in it is no longer what was made."""
    name = step.do.params["logGroupName"]
    found = door.call(Call("logs", "describe_log_groups", {"logGroupNamePrefix": name}))
    own = next((g for g in found["logGroups"] if g["logGroupName"] == name), None)
    return own and {"logGroupName": name, "storedBytes": own.get("storedBytes", 0)}
