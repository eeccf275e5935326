"""How secrets are made readable again: the least policy, a repaired reference, what was deleted. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.facts import (
    AttachedPolicies,
    Document,
    ExecutionRole,
    LogGroup,
    Service,
    Subject,
    TaskDefinition,
    WantedSecret,
)
from bot.model import Call, Plan, Step, Unknown
from bot.policy_steps import inline
from bot.remedies import by_policy, merged
from bot.secret.rights import DECRYPT, READ, READ_PARAMETERS
from bot.steps import revision, then_redeploy

JSON = Any
POLICY = "EcsPullBotSecretRead"
SHORTEST, LONGEST = 7, 30  # days that Secrets Manager waits before it deletes
DAY = 86_400


def secret_read(arns: Sequence[str]) -> Document:
    """Return the least policy to read these secrets."""
    return _document("SecretRead", READ, arns)


def parameter_read(arns: Sequence[str]) -> Document:
    """Return the least policy to read these parameters."""
    return _document("ParameterRead", READ_PARAMETERS, arns)


def decrypt(key: str, via: Sequence[str]) -> Document:
    """Return the least policy to decrypt with *key*, through the services *via* alone."""
    made = _document("SecretDecrypt", DECRYPT, [key])
    only = {"StringEquals": {"kms:ViaService": _one_or_all(via)}}
    return {**made, "Statement": [{**made["Statement"][0], "Condition": only}]}


def grant(
    subject: Subject,
    service: Service,
    role: ExecutionRole,
    attached: AttachedPolicies,
    documents: Sequence[Document],
) -> Plan | None:
    """Give the execution role *documents* in an inline policy of the bot's own; None where it has them."""
    before = attached.inline.get(POLICY)
    document = before
    for wanted in documents:
        document = merged(document, wanted)
    if document is None or document == before:
        return None
    step = inline(subject, role, attached, document, POLICY)
    return Plan(then_redeploy(step, service=service), "low")


def by_hand(role: ExecutionRole, document: Document) -> Call:
    """Return the call that gives *role* the policy, for a person."""
    return by_policy(role.name, POLICY, document)


def shared(arn: str, role: ExecutionRole, before: Document | Unknown | None) -> Call:
    """Return the call with which its owner lets *role* of another account read the secret *arn*.

    It replaces the whole policy, so one that could not be read is left for its owner to add to.
    """
    who = {"AWS": role.arn or "<execution role arn>"}
    ours = {"Effect": "Allow", "Principal": who, "Action": READ, "Resource": "*"}
    if isinstance(before, Unknown):
        text = f"<that policy with this statement added> {json.dumps(ours, sort_keys=True)}"
        return Call(
            "secretsmanager", "put_resource_policy", {"SecretId": arn, "ResourcePolicy": text}
        )
    said = (before or {}).get("Statement") or []
    statements = [*(said if isinstance(said, list) else [said]), ours]
    text = json.dumps({"Version": "2012-10-17", "Statement": statements}, sort_keys=True)
    named = {"SecretId": arn, "ResourcePolicy": text}
    return Call("secretsmanager", "put_resource_policy", named)


def with_references(
    service: Service, definition: TaskDefinition, wanted: Mapping[WantedSecret, str]
) -> Plan | None:
    """Return the plan for a revision in which each of *wanted* is written anew."""
    changes: dict[str, dict[str, JSON]] = {}
    for container in definition.raw.get("containerDefinitions", ()):
        own = {w: new for w, new in wanted.items() if w.container == container["name"]}
        if fields := _fields(container, own):
            changes[container["name"]] = fields
    steps = revision(service, definition, changes)
    return Plan(steps, "medium") if steps else None


def _fields(container: Mapping[str, JSON], wanted: Mapping[WantedSecret, str]) -> dict[str, JSON]:
    """Return the fields of *container* that change, whole, as ECS takes them."""
    found: dict[str, JSON] = {}
    logging = container.get("logConfiguration") or {}
    if new := _at("secrets", wanted):
        found["secrets"] = _replaced(container.get("secrets", ()), new)
    if new := _at("secretOptions", wanted):
        options = _replaced(logging.get("secretOptions", ()), new)
        found["logConfiguration"] = {**logging, "secretOptions": options}
    if new := _at("repositoryCredentials", wanted):
        found["repositoryCredentials"] = {"credentialsParameter": next(iter(new.values()))}
    return found


def _at(place: str, wanted: Mapping[WantedSecret, str]) -> dict[tuple[str, str], str]:
    return {(w.variable, w.written): new for w, new in wanted.items() if w.place == place}


def _replaced(said: Sequence[Mapping[str, JSON]], new: Mapping[tuple[str, str], str]) -> list[JSON]:
    return [{**s, "valueFrom": new.get((s["name"], s["valueFrom"]), s["valueFrom"])} for s in said]


def restored(wanted: WantedSecret, arn: str, deleted_at: datetime, now: datetime) -> Step:
    """Return the step that calls off the deletion of a secret, in the account that owns it.

    Deleted again it waits as long as it had left; where AWS tells when it was deleted and not
    when it will be gone, as long as it may.
    """
    left = math.ceil((deleted_at - now).total_seconds() / DAY)
    window = min(LONGEST, max(SHORTEST, left)) if left > 0 else LONGEST
    again = {"SecretId": arn, "RecoveryWindowInDays": window}
    return Step(
        kind="secret-deletion",
        account=wanted.account,
        region=wanted.region,
        resource=arn,
        before={"deletion": "scheduled"},
        after={"deletion": "none"},
        do=Call("secretsmanager", "restore_secret", {"SecretId": arn}),
        undo=Call("secretsmanager", "delete_secret", again),
    )


def created(subject: Subject, group: LogGroup) -> Step:
    """Return the step that makes a log group; it is taken back only while it holds no log."""
    named = {"logGroupName": group.name}
    return Step(
        kind="log-group",
        account=subject.account,
        region=group.region,
        resource=group.arn,
        before=None,
        after={**named, "logStreams": False},
        do=Call("logs", "create_log_group", named),
        undo=Call("logs", "delete_log_group", named),
    )


def _document(sid: str, action: str, arns: Sequence[str]) -> Document:
    statement = {"Sid": sid, "Effect": "Allow", "Action": action, "Resource": _one_or_all(arns)}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _one_or_all(values: Sequence[str]) -> JSON:
    only = list(dict.fromkeys(values))
    return only[0] if len(only) == 1 else only
