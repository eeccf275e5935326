"""Read what a step would change, in the shape of its *before* and *after*.

The same reading guards a step, completes it after a crash, and guards its undo.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal
from urllib.parse import unquote

from bot.aws.client import Door, NotFound
from bot.model import Call, Step, plain

JSON = Any
Answers = Sequence[JSON]
State = Literal["before", "after", "neither"]


def state(step: Step, door: Door, answers: Answers) -> tuple[State, JSON]:
    """Return whether *step* is still to be done, was done, or was overtaken; and the live value."""
    return READERS[step.kind](step, door, answers)


def resolved(value: JSON, answers: Answers) -> JSON:
    """Return *value* with every placeholder replaced by what the earlier step answered."""
    if isinstance(value, Mapping):
        if "$answer" in value:
            number, path = value["$answer"]
            return _at(answers[number], path)
        return {k: resolved(v, answers) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [resolved(v, answers) for v in value]
    return value


def _repository_policy(step: Step, door: Door, _: Answers) -> tuple[State, JSON]:
    asked = {"repositoryName": step.resource.partition("repository/")[2]}
    try:
        answer = door.call(Call("ecr", "get_repository_policy", asked))
    except NotFound:
        return _compared(step, None)
    return _compared(step, json.loads(answer["policyText"]))


def _attachment(step: Step, door: Door, _: Answers) -> tuple[State, JSON]:
    role = step.do.params["RoleName"]
    attached = door.pages(
        Call("iam", "list_attached_role_policies", {"RoleName": role}), "AttachedPolicies"
    )
    wanted = step.do.params["PolicyArn"]
    there = any(p["PolicyArn"] == wanted for p in attached)
    return _compared(step, step.after if there else None)


def _inline(step: Step, door: Door, _: Answers) -> tuple[State, JSON]:
    asked = {k: step.do.params[k] for k in ("RoleName", "PolicyName")}
    try:
        answer = door.call(Call("iam", "get_role_policy", asked))
    except NotFound:
        return _compared(step, None)
    document = answer["PolicyDocument"]
    return _compared(step, json.loads(unquote(document)) if isinstance(document, str) else document)


def _revision(step: Step, door: Door, answers: Answers) -> tuple[State, JSON]:
    """Tell by the newest revision of the family: the old one, ours, or somebody else's."""
    family, number = step.before["revision"].rsplit(":", 1)
    asked = {"taskDefinition": family}
    try:
        found = door.call(Call("ecs", "describe_task_definition", asked))["taskDefinition"]
    except NotFound:
        return "neither", None
    images = {c["name"]: c["image"] for c in found["containerDefinitions"]}
    value = {"revision": f"{found['family']}:{found['revision']}", "images": images}
    ours = {c["name"]: c["image"] for c in step.do.params["containerDefinitions"]}
    if answers and answers[0] is not None and _last(found) == _last_answer(answers):
        return "after", value
    if found["revision"] == int(number):
        return "before", value
    same = images == ours and found.get("executionRoleArn") == step.do.params.get(
        "executionRoleArn"
    )
    # A newer revision with our very content is ours, registered just before a crash.
    return ("after" if same and found["revision"] == int(number) + 1 else "before"), value


def _service_revision(step: Step, door: Door, answers: Answers) -> tuple[State, JSON]:
    live = {"taskDefinition": _service(step, door).get("taskDefinition")}
    after = resolved(step.after, answers) if answers else None
    return _either(live, step.before, after)


def _network(step: Step, door: Door, _: Answers) -> tuple[State, JSON]:
    live = _service(step, door).get("networkConfiguration") or {}
    return _either(_network_of(live), _network_of(step.before), _network_of(step.after))


def _deployment(step: Step, door: Door, _: Answers) -> tuple[State, JSON]:
    deployments = _service(step, door).get("deployments", ())
    primary = next((d["id"] for d in deployments if d["status"] == "PRIMARY"), None)
    live = {"deployment": primary}
    return ("before" if live == plain(step.before) else "after"), live


READERS: Mapping[str, Callable[[Step, Door, Answers], tuple[State, JSON]]] = {
    "repository-policy": _repository_policy,
    "role-policy-attachment": _attachment,
    "role-inline-policy": _inline,
    "task-definition-revision": _revision,
    "service-task-definition": _service_revision,
    "service-network": _network,
    "service-deployment": _deployment,
}


def _service(step: Step, door: Door) -> dict[str, JSON]:
    asked = {"cluster": step.do.params["cluster"], "services": [step.do.params["service"]]}
    found = door.call(Call("ecs", "describe_services", asked)).get("services", [])
    return dict(found[0]) if found else {}


def _network_of(value: Mapping[str, JSON]) -> JSON:
    """Return a network configuration in one order, because AWS keeps none."""
    awsvpc = value.get("awsvpcConfiguration", {})
    return {
        "subnets": sorted(awsvpc.get("subnets", ())),
        "securityGroups": sorted(awsvpc.get("securityGroups", ())),
        "assignPublicIp": awsvpc.get("assignPublicIp", "DISABLED"),
    }


def _compared(step: Step, live: JSON) -> tuple[State, JSON]:
    return _either(live, step.before, step.after)


def _either(live: JSON, before: JSON, after: JSON) -> tuple[State, JSON]:
    if plain(live) == plain(after):
        return "after", live
    return ("before" if plain(live) == plain(before) else "neither"), live


def _last(found: Mapping[str, JSON]) -> str:
    return str(found["taskDefinitionArn"])


def _last_answer(answers: Answers) -> str | None:
    return next((_at(a, "taskDefinition.taskDefinitionArn") for a in answers if a), None)


def _at(answer: JSON, path: str) -> JSON:
    for part in path.split("."):
        answer = answer[part] if isinstance(answer, Mapping) and part in answer else None
    return answer
