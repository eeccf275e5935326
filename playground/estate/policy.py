"""Decide what a set of IAM policy documents says about one request.

Written for the estate alone and on purpose apart from the bot's own evaluator, so that a mistake
in one of them shows as a disagreement.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import fnmatch
import functools
import ipaddress
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Decision = Literal["Allow", "ImplicitDeny", "Deny"]
Document = Mapping[str, Any]
NOTHING: Document = {"Statement": []}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. *principals* are all names its maker goes by; context keys are lower case."""

    action: str
    resource: str
    principals: tuple[str, ...] = ()
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def parse(text: str | Document | None) -> Document:
    """Return a policy document, also from its text."""
    if not text:
        return NOTHING
    return dict(json.loads(text)) if isinstance(text, str) else text


def evaluate(documents: Iterable[Document], asked: Asked) -> Decision:
    """Return what *documents* say together, whoever they are attached to."""
    effects = {s["Effect"] for d in documents for s in statements(d) if applies(s, asked)}
    return "Deny" if "Deny" in effects else "Allow" if "Allow" in effects else "ImplicitDeny"


def capped(
    documents: Iterable[Document], limits: Iterable[Iterable[Document]], asked: Asked
) -> Decision:
    """Return what *documents* say under a boundary and session policies: each must allow as well."""
    verdicts = [evaluate(documents, asked), *(evaluate(each, asked) for each in limits)]
    if "Deny" in verdicts:
        return "Deny"
    return "Allow" if set(verdicts) == {"Allow"} else "ImplicitDeny"


def statements(document: Document) -> list[Document]:
    found = document.get("Statement", [])
    return [found] if isinstance(found, Mapping) else list(found)


def applies(statement: Document, asked: Asked) -> bool:
    """Tell whether *statement* speaks about this request."""
    return (
        _named(statement, "Action", asked, _same_action)
        and _named(statement, "Resource", asked, _same_resource)
        and _principal(statement, asked)
        and not unmet(statement, asked)
    )


def unmet(statement: Document, asked: Asked) -> list[str]:
    """Return the condition keys of *statement* that this request does not meet."""
    return [
        key
        for operator, tests in statement.get("Condition", {}).items()
        for key, wanted in tests.items()
        if not _holds(operator, asked.context.get(key.lower()), _list(wanted), asked)
    ]


def keys(document: Document) -> set[str]:
    """Return every condition key that *document* looks at."""
    found = (s.get("Condition", {}).values() for s in statements(document))
    return {key for tests in found for test in tests for key in test}


def _named(
    statement: Document, part: str, asked: Asked, same: Callable[[str, Asked], bool]
) -> bool:
    if f"Not{part}" in statement:
        return not any(same(pattern, asked) for pattern in _list(statement[f"Not{part}"]))
    # The policy of a repository and of a role's trust names no resource: it means its own.
    if part not in statement:
        return part == "Resource"
    return any(same(pattern, asked) for pattern in _list(statement[part]))


def _same_action(pattern: str, asked: Asked) -> bool:
    return like(pattern.lower(), asked.action.lower())


def _same_resource(pattern: str, asked: Asked) -> bool:
    return like(_filled(pattern, asked), asked.resource)


def _principal(statement: Document, asked: Asked) -> bool:
    if "NotPrincipal" in statement:
        return not _is_one_of(statement["NotPrincipal"], asked)
    return "Principal" not in statement or _is_one_of(statement["Principal"], asked)


def _is_one_of(named: str | Document, asked: Asked) -> bool:
    if isinstance(named, str):
        return named == "*"
    written = [
        value for kind in ("AWS", "Service", "Federated") for value in _list(named.get(kind))
    ]
    return any(value == "*" or value in asked.principals for value in written)


@functools.lru_cache(maxsize=4096)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(fnmatch.translate(pattern.replace("[", "[[]")))


def like(pattern: str, value: str) -> bool:
    """Tell whether *value* matches a pattern with ``*`` and ``?``."""
    return pattern == "*" or bool(_pattern(pattern).match(value))


def _filled(pattern: str, asked: Asked) -> str:
    """Fill policy variables such as ``${aws:username}`` in."""

    def value(found: re.Match[str]) -> str:
        name, _, default = found[1].partition(",")
        if name in "*?$":
            return name
        values = asked.context.get(name.strip().lower())
        return values[0] if values else default.strip().strip("'") or found[0]

    return re.sub(r"\$\{([^}]+)\}", value, pattern)


def _list(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _holds(operator: str, have: tuple[str, ...] | None, wanted: list[Any], asked: Asked) -> bool:
    quantifier, _, rest = operator.rpartition(":")
    name = rest.removesuffix("IfExists")
    want = [str(w).lower() if isinstance(w, bool) else _filled(str(w), asked) for w in wanted]
    if name == "Null":
        return (have is None) == (want[0] == "true")
    if have is None:
        return rest.endswith("IfExists") or quantifier == "ForAllValues" or _negated(name)
    if quantifier == "ForAllValues":
        return all(_any(name, value, want) for value in have)
    if quantifier == "ForAnyValue" or not _negated(name):
        return any(_any(name, value, want) for value in have)
    return all(_any(name, value, want) for value in have)


def _negated(name: str) -> bool:
    return name.startswith("NotIp") or "Not" in name


def _any(name: str, value: str, want: list[str]) -> bool:
    """Compare one value with the wanted ones; a negated operator must hold against all of them."""
    test, negated = _operator(name)
    return any(test(value, w) for w in want) != negated


def _operator(name: str) -> tuple[Callable[[str, str], bool], bool]:
    if name in OPERATORS:
        return OPERATORS[name], False
    positive = name.replace("NotEquals", "Equals").replace("NotLike", "Like")
    return OPERATORS[positive.replace("NotIp", "Ip")], True


def _in_network(value: str, network: str) -> bool:
    return ipaddress.ip_address(value) in ipaddress.ip_network(network, strict=False)


OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda value, want: value == want,
    "StringEqualsIgnoreCase": lambda value, want: value.lower() == want.lower(),
    "StringLike": lambda value, want: like(want, value),
    "ArnEquals": lambda value, want: like(want, value),
    "ArnLike": lambda value, want: like(want, value),
    "Bool": lambda value, want: value.lower() == want.lower(),
    "NumericEquals": lambda value, want: float(value) == float(want),
    "NumericLessThan": lambda value, want: float(value) < float(want),
    "NumericLessThanEquals": lambda value, want: float(value) <= float(want),
    "NumericGreaterThan": lambda value, want: float(value) > float(want),
    "NumericGreaterThanEquals": lambda value, want: float(value) >= float(want),
    "DateEquals": lambda value, want: value == want,
    "DateLessThan": lambda value, want: value < want,
    "DateGreaterThan": lambda value, want: value > want,
    "IpAddress": _in_network,
}
