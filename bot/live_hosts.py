"""What a container instance is now, in the shape of what a step would change of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.aws.client import Door, NotFound
from bot.hosts import UNDER_WAY
from bot.model import Call, Step

JSON = Any
GONE: JSON = {"exists": False}


def status(step: Step, door: Door) -> JSON:
    """Return whether ECS places tasks on the host."""
    found = described(step, door)
    return {"status": found.get("status")} if found else GONE


def agent(step: Step, door: Door) -> JSON:
    """Return the version of the host's agent, None while that is on its way to another one."""
    found = described(step, door)
    if not found:
        return GONE
    on_its_way = found.get("agentUpdateStatus") in UNDER_WAY
    version = (found.get("versionInfo") or {}).get("agentVersion")
    return {"agentVersion": None if on_its_way else version}


def described(step: Step, door: Door) -> Mapping[str, JSON]:
    """Return the container instance as ECS describes it; empty where there is none any more."""
    cluster = {k: v for k, v in step.do.params.items() if k == "cluster"}
    asked = Call(
        "ecs", "describe_container_instances", {**cluster, "containerInstances": [step.resource]}
    )
    try:
        found = door.call(asked)["containerInstances"]
    except NotFound:
        return {}
    return next((h for h in found if h.get("status") != "INACTIVE"), {})
