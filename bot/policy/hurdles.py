"""What stands between a role and an Allow of its policies: nothing, a condition, or that there is none.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.facts import Document
from bot.policy.conditions import conditions, texts
from bot.policy.deciding import Ruling, identity, statements_in
from bot.policy.statements import Request, Whom, applies

ANYTHING: Document = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"},
}
# Operators that one more value can satisfy, without touching the values that are there.
WIDENED = ("StringEquals", "StringLike", "StringEqualsIgnoreCase", "ArnEquals", "ArnLike")


@dataclass(frozen=True, slots=True)
class Hurdle:
    """One condition that a request does not meet, or that nobody can tell of (*met* None).

    *given* is what the request has there: None where the key is absent, or where *met* is None.
    """

    operator: str
    key: str
    wanted: tuple[str, ...]
    given: str | tuple[str, ...] | None
    met: bool | None


@dataclass(frozen=True, slots=True)
class Conditional:
    """An Allow for the request under conditions that are not surely met; *number* from 0."""

    number: int
    label: str
    hurdles: tuple[Hurdle, ...]


def denies(request: Request, documents: Sequence[Document]) -> Ruling:
    """Return what the Deny statements of *documents* say: explicit-deny, undecided, or allowed."""
    return identity(request, [*documents, ANYTHING])


def grants(request: Request, documents: Iterable[Document]) -> Ruling:
    """Return what the Allow statements of *documents* say: allowed, undecided, or implicit-deny."""
    return identity(request, [_without_deny(d) for d in documents])


def conditional(
    request: Request, document: Document, *, whom: Whom = "nobody"
) -> tuple[Conditional, ...]:
    """Return the Allow statements of *document* that only their conditions keep from *request*."""
    return tuple(_conditional(request, document, whom))


def silent(request: Request, documents: Iterable[Document]) -> bool:
    """Tell whether surely no Allow of *documents* speaks of *request*, under any condition."""
    return all(
        applies(bare, request, request.known, whom="nobody", variables=_variables(d)).holds is False
        for d in documents
        for _, _, bare in _allows(d)
    )


def keys(document: Document) -> frozenset[str]:
    """Return the condition keys that *document* looks at, in lower case."""
    blocks = (s.get("Condition") for _, _, s in statements_in(document) if isinstance(s, Mapping))
    pairs = (p for b in blocks if isinstance(b, Mapping) for p in b.values())
    return frozenset(str(k).lower() for p in pairs if isinstance(p, Mapping) for k in p)


def meeting(
    document: Document, number: int, values: Mapping[tuple[str, str], str]
) -> Document | None:
    """Return *document* whose statement *number* also takes *values*, by operator and key.

    None where one more value would not help: a negation, a comparison.
    """
    inside = document.get("Statement")
    statements = [inside] if isinstance(inside, Mapping) else list(inside or ())
    block = {o: dict(p) for o, p in statements[number].get("Condition", {}).items()}
    for (operator, key), value in values.items():
        if operator.removesuffix("IfExists") not in WIDENED:
            return None
        block[operator][key] = [*(texts(block[operator][key]) or ()), value]
    statements[number] = {**statements[number], "Condition": block}
    return {**document, "Statement": statements[0] if isinstance(inside, Mapping) else statements}


def _conditional(request: Request, document: Document, whom: Whom) -> Iterator[Conditional]:
    variables = _variables(document)
    for number, statement, bare in _allows(document):
        if not applies(bare, request, request.known, whom=whom, variables=variables).holds:
            continue
        open_ = tuple(_hurdles(statement.get("Condition", {}), request, variables=variables))
        if open_:
            yield Conditional(number, str(statement.get("Sid") or number), open_)


def _hurdles(block: object, request: Request, *, variables: bool) -> Iterator[Hurdle]:
    if not isinstance(block, Mapping):
        return
    context = request.known
    for operator, pairs in block.items():
        for key, value in pairs.items() if isinstance(pairs, Mapping) else ():
            met = conditions({operator: {key: value}}, context, variables=variables).holds
            if not met:
                given = context.get(str(key).lower())
                yield Hurdle(str(operator), str(key), texts(value) or (), given, met)


def _allows(document: Document) -> Iterator[tuple[int, Mapping[str, Any], Mapping[str, Any]]]:
    """Yield number and body of each Allow, and its body without conditions."""
    for number, (_, effect, statement) in enumerate(statements_in(document)):
        if effect == "Allow":
            yield number, statement, {k: v for k, v in statement.items() if k != "Condition"}
        elif effect is None:
            yield number, {}, {"?": None}  # cannot be read: it may allow anything


def _without_deny(document: Document) -> Document:
    kept = [s for _, effect, s in statements_in(document) if effect != "Deny"]
    return {**document, "Statement": kept}


def _variables(document: Document) -> bool:
    return document.get("Version") == "2012-10-17"
