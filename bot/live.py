"""Read what a step would change, in the shape of its *before* and *after*.

The same reading guards a step, completes it after a crash, and guards its undo.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import unquote

from bot import live_ecs, live_hosts, live_vpc
from bot.alike import canonical
from bot.archive import ACTIVATING, ACTIVE
from bot.aws.client import Door, NotFound
from bot.live_aside import log_group, registry_login, scheduled_for_deletion
from bot.live_ecs import GONE
from bot.model import Call, Step, plain

JSON = Any
State = Literal["before", "after", "neither"]


@dataclass(frozen=True, slots=True)
class Live:
    """What stands there now: where that is on the way of the step, and the *value* for people.

    *answer* is what the step's call must have answered, where it was made.
    """

    state: State
    value: JSON
    answer: JSON | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What the journal knows of a step.

    *after* is the step's, now that earlier steps have answered; *answer* is its own; *mark*
    was taken just before its call.
    """

    after: JSON
    answer: JSON | None = None
    mark: JSON = None


def live(step: Step, door: Door, known: Known) -> Live:
    """Return whether *step* is still to be done, was done, or was overtaken."""
    return READERS[step.kind](step, door, known)


def mark(step: Step, door: Door) -> JSON | None:
    """Return what tells the new from the old, for a step that makes something new."""
    if step.kind == "service-deployment":
        return live_ecs.primary(live_ecs.service(step, door))
    if step.kind == "container-agent":
        return live_hosts.agent(step, door)
    if step.kind == "task-definition-revision":
        family, number = step.before["revision"].rsplit(":", 1)
        newest = live_ecs.described(family, door)  # of a family, its newest active revision
        return max(int(number), newest["revision"]) if newest else int(number)
    return None


def resolved(value: JSON, answers: Sequence[JSON]) -> JSON:
    """Return *value* with every placeholder replaced by what the earlier step answered."""
    if isinstance(value, Mapping):
        if "$answer" in value:
            number, path = value["$answer"]
            return at(answers[number], path)
        return {k: resolved(v, answers) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [resolved(v, answers) for v in value]
    return value


def at(answer: JSON, path: str) -> JSON:
    """Return what *answer* holds at *path*, None where it holds nothing there."""
    for part in path.split("."):
        answer = answer.get(part) if isinstance(answer, Mapping) else None
    return answer


# --- policies ------------------------------------------------------------------------------


def _repository_policy(step: Step, door: Door, known: Known) -> Live:
    asked = {"repositoryName": step.do.params["repositoryName"]}
    try:
        found = door.call(Call("ecr", "get_repository_policy", asked))["policyText"]
    except NotFound as reason:
        gone = reason.code.startswith("RepositoryNotFound")
        return _compared(step, GONE if gone else None, known)
    return _compared(step, json.loads(found), known)


def _storage_class(step: Step, door: Door, known: Known) -> Live:
    """An image that is being restored is on its way to *after*: that takes up to 20 minutes."""
    image = step.do.params["imageId"]
    asked = {"repositoryName": step.do.params["repositoryName"], "imageIds": [image]}
    try:
        (found,) = door.call(Call("ecr", "describe_images", asked))["imageDetails"]
    except (NotFound, ValueError):
        return _compared(step, GONE, known)
    value = {**image, "imageStatus": (status := found.get("imageStatus", ACTIVE))}
    return Live("after", value) if status == ACTIVATING else _compared(step, value, known)


def _attachment(step: Step, door: Door, known: Known) -> Live:
    asked = Call("iam", "list_attached_role_policies", {"RoleName": step.do.params["RoleName"]})
    try:
        attached = door.pages(asked, "AttachedPolicies")
    except NotFound:
        return _compared(step, GONE, known)
    there = any(p["PolicyArn"] == step.do.params["PolicyArn"] for p in attached)
    return _compared(step, step.after if there else None, known)


def _inline(step: Step, door: Door, known: Known) -> Live:
    asked = {k: step.do.params[k] for k in ("RoleName", "PolicyName")}
    try:
        found = door.call(Call("iam", "get_role_policy", asked))["PolicyDocument"]
    except NotFound:
        return _compared(step, None, known)
    return _compared(step, _document(found), known)


def _trust(step: Step, door: Door, known: Known) -> Live:
    try:
        found = door.call(Call("iam", "get_role", {"RoleName": step.do.params["RoleName"]}))
    except NotFound:
        return _compared(step, GONE, known)
    return _compared(step, _document(found["Role"].get("AssumeRolePolicyDocument")), known)


# --- ECS -----------------------------------------------------------------------------------


def _revision(step: Step, door: Door, known: Known) -> Live:
    """A revision never changes, and a new one takes nothing from anybody.

    So it can be registered while the one it copies is there; and it was, if one is newer than
    the mark and like ours.
    """
    if known.answer is not None:
        made = str(at(known.answer, "taskDefinition.taskDefinitionArn")).rpartition("/")[2]
        found = live_ecs.described(made, door)
        there = found is not None and found.get("status", "ACTIVE") == "ACTIVE"
        return Live("after" if there else "before", live_ecs.changed(step, found), known.answer)
    if known.mark is not None and (found := live_ecs.registered(step, door, known.mark)):
        answer = {"taskDefinition": {"taskDefinitionArn": found["taskDefinitionArn"]}}
        return Live("after", live_ecs.changed(step, found), answer)
    value = live_ecs.changed(step, live_ecs.described(step.before["revision"], door))
    return Live("before" if value == plain(step.before) else "neither", value)


def _service_revision(step: Step, door: Door, known: Known) -> Live:
    found = live_ecs.service(step, door)
    value = {"taskDefinition": found.get("taskDefinition")} if found else GONE
    return _compared(step, value, known)


def _network(step: Step, door: Door, known: Known) -> Live:
    found = live_ecs.service(step, door)
    return _compared(step, found.get("networkConfiguration") if found else GONE, known)


def _deployment(step: Step, door: Door, known: Known) -> Live:
    """A deployment disturbs nobody's: it is made unless there is one newer than the mark."""
    found = live_ecs.service(step, door)
    if not found:
        return Live("neither", GONE)
    primary = live_ecs.primary(found)
    made = known.answer is not None or (known.mark is not None and primary != known.mark)
    return Live("after" if made else "before", {"deployment": primary})


def _agent(step: Step, door: Door, known: Known) -> Live:
    """An agent is updated once for each mark: which version it gets AWS says."""
    value = live_hosts.agent(step, door)
    if value == live_hosts.GONE:
        return Live("neither", value)
    made = known.answer is not None or (known.mark is not None and value != known.mark)
    return Live("after" if made else "before", value)


# --- the VPC -------------------------------------------------------------------------------


def _in_vpc(step: Step, door: Door, known: Known) -> Live:
    try:
        return _compared(step, live_vpc.READERS[step.kind](step, door), known)
    except NotFound:
        return _compared(step, GONE, known)


def _endpoint(step: Step, door: Door, known: Known) -> Live:
    """An endpoint is ours by its tag; one that somebody else made for the service is in the way."""
    value, which = live_vpc.made(step, door)
    if which is None:
        return Live("neither" if value else "before", value)
    answer = {"VpcEndpoint": {"VpcEndpointId": which}}
    return Live("after" if value == step.after else "neither", value, known.answer or answer)


READERS: Mapping[str, Callable[[Step, Door, Known], Live]] = {
    "repository-policy": _repository_policy,
    "image-storage-class": _storage_class,
    "role-policy-attachment": _attachment,
    "role-inline-policy": _inline,
    "role-trust-policy": _trust,
    "task-definition-revision": _revision,
    "service-task-definition": _service_revision,
    "service-network": _network,
    "service-deployment": _deployment,
    "container-instance-status": lambda s, d, k: _compared(s, live_hosts.status(s, d), k),
    "container-agent": _agent,
    "secret-deletion": lambda s, d, k: _compared(s, scheduled_for_deletion(s, d), k),
    "registry-login": lambda s, d, k: _compared(s, registry_login(s, d), k),
    "log-group": lambda s, d, k: _compared(s, log_group(s, d), k),
    **dict.fromkeys(live_vpc.READERS, _in_vpc),
    "vpc-endpoint": _endpoint,
}


# --- pieces --------------------------------------------------------------------------------


def _document(found: JSON) -> JSON:
    """Return a policy of IAM's, which may come as text with its signs escaped."""
    return json.loads(unquote(found)) if isinstance(found, str) else found


def _compared(step: Step, value: JSON, known: Known) -> Live:
    same = canonical(plain(value))
    if same == canonical(plain(known.after)):
        return Live("after", value)
    return Live("before" if same == canonical(plain(step.before)) else "neither", value)
