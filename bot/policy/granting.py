"""Write the smallest addition to a policy document that grants a pull; nothing else changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from bot.facts import Document
from bot.policy.conditions import texts

PULL_ACTIONS = (
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
    "ecr:BatchCheckLayerAvailability",
)


def allowing(
    document: Document | None, principal: str, actions: Sequence[str], *, sid: str = "EcsPullBot"
) -> dict[str, Any]:
    """Return *document*, the policy of a resource, with one statement that lets *principal* in.

    A statement of ours for the same actions gets one more principal; every other one stays as
    it is. A *sid* that somebody else uses gets a number, because a Sid is unique.
    """
    merged: dict[str, Any] = dict(document) if document is not None else {"Version": "2012-10-17"}
    inside = merged.get("Statement") or []
    statements: list[Any] = list(inside) if isinstance(inside, (list, tuple)) else [inside]
    merged["Statement"] = statements
    names = (sid if n == 1 else f"{sid}{n}" for n in count(1))
    for name in names:
        taken = [
            n for n, s in enumerate(statements) if isinstance(s, Mapping) and s.get("Sid") == name
        ]
        if not taken:
            statements.append(_statement(name, [principal], actions))
            return merged
        principals = _extendable(statements[taken[0]], actions) if len(taken) == 1 else None
        if principals is None:
            continue
        if principal not in principals:
            wider = {**statements[taken[0]], "Principal": {"AWS": [*principals, principal]}}
            statements[taken[0]] = wider
        return merged
    raise AssertionError(names)


def login_and_read(repository_arn: str | None) -> dict[str, Any]:
    """Return the least inline policy for a pull; the login cannot be scoped to a repository."""
    login = {
        "Sid": "EcrLogin", "Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*",
    }  # fmt: skip
    read = {
        "Sid": "EcrRead", "Effect": "Allow", "Action": list(PULL_ACTIONS), "Resource": repository_arn,
    }  # fmt: skip
    statements = [login, read] if repository_arn else [login]
    return {"Version": "2012-10-17", "Statement": statements}


def joined(*documents: Document | None) -> Document | None:
    """Return one document that says what *documents* say together; None where there is none."""
    found = [d for d in documents if d is not None]
    if len(found) < 2:
        return found[0] if found else None
    inside = [d.get("Statement") for d in found]
    if not all(isinstance(i, (list, tuple, Mapping)) for i in inside):
        return {"Statement": None}  # as it is read: not at all
    listed = [[i] if isinstance(i, Mapping) else list(i or ()) for i in inside]
    return {"Version": "2012-10-17", "Statement": [s for some in listed for s in some]}


def _statement(sid: str, principals: list[str], actions: Sequence[str]) -> dict[str, Any]:
    who: Any = principals[0] if len(principals) == 1 else principals
    return {"Sid": sid, "Effect": "Allow", "Principal": {"AWS": who}, "Action": list(actions)}


def _extendable(statement: Mapping[str, Any], actions: Sequence[str]) -> tuple[str, ...] | None:
    """Return the principals of *statement* where it is one of ours for exactly *actions*."""
    who = statement.get("Principal")
    if not isinstance(who, Mapping) or who.keys() != {"AWS"}:
        return None
    shape = statement.keys() == {"Sid", "Effect", "Principal", "Action"}
    granted = {a.lower() for a in texts(statement.get("Action")) or ()}
    if not shape or statement["Effect"] != "Allow" or granted != {a.lower() for a in actions}:
        return None
    return texts(who["AWS"])
