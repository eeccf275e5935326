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


def registry_login(step: Step, door: Door) -> JSON:
    """Return the secret where the step made it and its value was not changed since; never the value.

    One that waits for its deletion has been taken back.
    """
    params = step.do.params
    try:
        found = door.call(Call("secretsmanager", "describe_secret", {"SecretId": params["Name"]}))
    except NotFound:
        return None
    stages = (found.get("VersionIdsToStages") or {}).get(params["ClientRequestToken"], ())
    if "AWSCURRENT" not in stages:
        gone = "scheduled" if found.get("DeletedDate") else "none"
        return {"Name": found.get("Name"), "deletion": gone, "value": "of somebody else"}
    return None if found.get("DeletedDate") else step.after


def log_group(step: Step, door: Door) -> JSON:
    """Return the log group, and whether anything logs to it: then it is no longer what was made.

    The bytes that it stores are counted later, its streams are there at once.
    """
    name = step.do.params["logGroupName"]
    found = door.call(Call("logs", "describe_log_groups", {"logGroupNamePrefix": name}))
    own = next((g for g in found["logGroups"] if g["logGroupName"] == name), None)
    if own is None:
        return None
    asked = {"logGroupName": name, "limit": 1}
    streams = door.call(Call("logs", "describe_log_streams", asked))["logStreams"]
    return {"logGroupName": name, "logStreams": bool(streams)}
