"""Read what ECS has of a service and of the revisions of its task definition; for the steps that change them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.alike import filled
from bot.aws.client import Door, NotFound
from bot.model import Call, Step

JSON = Any

LOOK_BACK = 10  # revisions that others may have registered since ours
GONE: JSON = {"exists": False}  # the resource itself, not only what the step changes of it


def service(step: Step, door: Door) -> dict[str, JSON]:
    """Return the service as ECS describes it; empty where there is none any more."""
    cluster = {k: v for k, v in step.do.params.items() if k == "cluster"}
    asked = {**cluster, "services": [step.do.params["service"]]}
    try:
        found = door.call(Call("ecs", "describe_services", asked)).get("services", [])
    except NotFound:
        return {}
    return next((dict(s) for s in found if s.get("status") != "INACTIVE"), {})


def primary(service: Mapping[str, JSON]) -> str | None:
    deployments = service.get("deployments", ())
    return next((str(d["id"]) for d in deployments if d["status"] == "PRIMARY"), None)


def described(revision: str, door: Door) -> dict[str, JSON] | None:
    """Return a revision with its tags; the newest active one, where *revision* is a family."""
    asked = {"taskDefinition": revision, "include": ["TAGS"]}
    try:
        found = door.call(Call("ecs", "describe_task_definition", asked))
    except NotFound:
        return None
    return {**found["taskDefinition"], "tags": found.get("tags", [])}


def registered(step: Step, door: Door, since: int) -> dict[str, JSON] | None:
    """Return our revision that is newer than *since*; others may have registered theirs after it."""
    family = step.before["revision"].rsplit(":", 1)[0]
    newest = described(family, door)
    last = newest["revision"] if newest else since
    numbers = range(last, max(since, last - LOOK_BACK), -1)
    candidates = (described(f"{family}:{number}", door) for number in numbers)
    return next((found for found in candidates if found and _ours(step, found)), None)


def changed(step: Step, found: Mapping[str, JSON] | None) -> JSON:
    """Return a revision in the shape of the step's *before*: only the fields that it changes."""
    if found is None:
        return GONE
    fields = step.before.get("containers", {})
    containers = {
        c["name"]: {f: c.get(f) for f in fields[c["name"]]}
        for c in found["containerDefinitions"]
        if c["name"] in fields
    }
    own = {"revision": f"{found['family']}:{found['revision']}", "containers": containers}
    return {k: own.get(k, found.get(k)) for k in step.before}


def _ours(step: Step, found: Mapping[str, JSON]) -> bool:
    """Tell whether *found* is, to the last field and with its mark, what the step registers."""
    asked = {k: v for k, v in step.do.params.items() if k != "tags"}
    same = all(filled(found.get(k)) == filled(v) for k, v in asked.items())
    marked = all(tag in found["tags"] for tag in step.do.params.get("tags", ()))
    return same and marked and found.get("status", "ACTIVE") == "ACTIVE"
