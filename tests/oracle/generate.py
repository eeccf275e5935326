"""Make up policies and requests, from a seed, such as a broken account might hold."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from bot.policy import Decision, Document, Request, Ruling, decide
from tests.oracle.chance_conditions import (
    KEYS,
    OTHERS,
    ROLE,
    SESSION,
    THEM,
    US,
    VARIABLES,
    condition,
)

ACCOUNTS = (US, f"arn:aws:iam::{US}:root", THEM, f"arn:aws:iam::{THEM}:root")
PULL = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
LOGIN = "ecr:GetAuthorizationToken"
EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


@dataclass(frozen=True)
class Case:
    """One question: a request, and all policies that have a say."""

    request: Request
    identity: Sequence[Document]
    boundary: Document | None = None
    resource_policy: Document | None = None
    session: Document | None = None
    scps: Sequence[Sequence[Document]] = field(default_factory=list)

    def ruling(self) -> Ruling:
        return decide(
            self.request,
            identity=self.identity,
            boundary=self.boundary,
            resource_policy=self.resource_policy,
            limits=[self.session] if self.session else [],
            scps=self.scps,
        )


def cases(seed: int, count: int) -> Iterator[Case]:
    chance = Random(seed)
    for _ in range(count):
        yield case(chance)


def case(chance: Random) -> Case:
    asked = _request(chance)
    hung = _document(chance, asked, resource=True) if asked.resource != "*" else None
    allowed = chance.random
    return Case(
        asked,
        [_document(chance, asked) for _ in range(chance.choice((0, 1, 1, 1, 2)))],
        boundary=_document(chance, asked) if allowed() < 0.25 else None,
        resource_policy=hung if allowed() < 0.6 else None,
        session=_document(chance, asked) if allowed() < 0.1 else None,
        scps=[[_document(chance, asked)]] if allowed() < 0.15 else [],
    )


def forgetful(asked: Case, seed: int) -> Case:
    """Return the same case with some of the context unknown to us."""
    forgotten = {k for k in KEYS if Random(f"{seed}{k}").random() < 0.5}
    request = replace(
        asked.request,
        context={k: v for k, v in asked.request.context.items() if k not in forgotten},
        absent=asked.request.absent - forgotten,
    )
    return replace(asked, request=request)


def disagreements(
    asked: Sequence[Case], answers: Sequence[Decision]
) -> tuple[list[tuple[Case, Decision]], int]:
    """Return the cases that we decide otherwise, and how many we leave undecided.

    Where no policy allows, a Deny that we cannot judge changes the kind of denial, no more.
    """
    ours = [c.ruling().decision for c in asked]
    found = [
        (c, theirs)
        for c, mine, theirs in zip(asked, ours, answers, strict=True)
        if mine not in (theirs, Decision.UNDECIDED)
        and not (_open(c) and {mine, theirs} == {Decision.IMPLICIT_DENY, Decision.EXPLICIT_DENY})
    ]
    return found, sum(mine is Decision.UNDECIDED for mine in ours)


def _open(asked: Case) -> bool:
    """Whether some Deny of the case is undecided: it is, when allowing everything is."""
    return (
        decide(
            asked.request,
            identity=[*asked.identity, EVERYTHING],
            boundary=asked.boundary and _with(asked.boundary),
            resource_policy=_with(asked.resource_policy or {}, Principal="*"),
            limits=[_with(asked.session)] if asked.session else [],
            scps=[[*level, EVERYTHING] for level in asked.scps],
        ).decision
        is Decision.UNDECIDED
    )


def _with(document: Document, **more: str) -> Document:
    inside = document.get("Statement", [])
    statements = inside if isinstance(inside, list) else [inside]
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*", **more}
    return {**document, "Statement": [*statements, everything]}


def _request(chance: Random) -> Request:
    owner = chance.choice((US, US, THEM))
    resource = (
        f"arn:aws:ecr:eu-west-1:{owner}:repository/{chance.choice(('web', 'shop/web', 'api'))}"
    )
    action = chance.choice((*PULL, *PULL, LOGIN))
    context = {k: chance.choice(v) for k, v in KEYS.items() if chance.random() < 0.7}
    context["aws:PrincipalArn"] = ROLE
    # These follow from who asks whom, whatever else is known.
    context["aws:PrincipalAccount"] = US
    context["aws:ResourceAccount"] = US if action == LOGIN else owner
    context = {k: v for k, v in context.items() if v != ()}
    absent = frozenset(k for k in KEYS if k not in context)
    where = "*" if action == LOGIN else resource
    who = chance.choice((ROLE, SESSION))
    return Request(who, action, where, context, None if where == "*" else owner, absent)


def _document(chance: Random, asked: Request, *, resource: bool = False) -> Document:
    statements = [_statement(chance, asked, resource=resource) for _ in range(_few(chance))]
    # The oracle fills in variables whatever the version; AWS does so from 2012-10-17 on.
    old = chance.random() < 0.25 and "${" not in json.dumps(statements)
    version = "2008-10-17" if old else "2012-10-17"
    alone = len(statements) == 1 and chance.random() < 0.3
    return {"Version": version, "Statement": statements[0] if alone else statements}


def _few(chance: Random) -> int:
    return chance.choice((1, 1, 2, 3))


def _statement(chance: Random, asked: Request, *, resource: bool) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": chance.choice(("Allow", "Allow", "Allow", "Deny"))}
    _one_of(chance, statement, "Action", lambda: _action(chance, asked))
    if not resource or chance.random() < 0.1:
        _one_of(chance, statement, "Resource", lambda: _resource(chance, asked))
    if resource:
        name = "NotPrincipal" if chance.random() < 0.1 else "Principal"
        statement[name] = _principal(chance)
    if chance.random() < 0.4:
        statement["Condition"] = condition(chance)
    return statement


def _one_of(chance: Random, statement: dict[str, Any], name: str, one: Callable[[], str]) -> None:
    values = [one() for _ in range(_few(chance))]
    key = f"Not{name}" if chance.random() < 0.1 else name
    statement[key] = values[0] if len(values) == 1 else values


def _action(chance: Random, asked: Request) -> str:
    likely = (
        asked.action,
        "ecr:*",
        "*",
        asked.action.upper(),
        "ecr:Batch*",
        "ecr:?et*",
        "ecr:Get*",
    )
    return chance.choice((*likely, "s3:GetObject", "ecr:PutImage", "ecr:Describe*"))


def _resource(chance: Random, asked: Request) -> str:
    base = f"arn:aws:ecr:eu-west-1:{asked.owner}:repository/"
    likely = ("*", "*", asked.resource, f"{base}*", f"{base}w?b", f"{base}*/web", "arn:aws:ecr:*")
    rare = (
        f"arn:aws:ecr:*:*:repository/{chance.choice(('web', 'api', 'shop*'))}",
        f"arn:aws:ecr:us-*:{asked.owner}:*",
        f"{base}{chance.choice(VARIABLES)}",
        "arn:aws:s3:::bucket/*",
        f"arn:aws:ecr:*/{chance.choice(('web', 'api'))}",
    )
    return chance.choice((*likely, *rare))


def _principal(chance: Random) -> Any:
    if chance.random() < 0.15:
        return "*"
    pool = (ROLE, ROLE, SESSION, *ACCOUNTS, *OTHERS, "*")
    names = [chance.choice(pool) for _ in range(_few(chance))]
    element: dict[str, Any] = {"AWS": names[0] if len(names) == 1 else names}
    if chance.random() < 0.1:
        element["Service"] = "ecs-tasks.amazonaws.com"
    return element
