"""Decide what a set of IAM policy documents says about one request.

Written for the estate alone and on purpose apart from the bot's own evaluator, so that a mistake
in one of them shows as a disagreement.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import functools
import ipaddress
import json
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

Decision = Literal["Allow", "ImplicitDeny", "Deny"]
Document = Mapping[str, Any]
Context = Mapping[str, tuple[str, ...]]
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
    return _read(text) if isinstance(text, str) else text


@functools.lru_cache(maxsize=1024)
def _read(text: str) -> Document:
    """Read a document, which nobody changes, once."""
    return dict(json.loads(text))


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
        for written, tests in statement.get("Condition", {}).items()
        for key, wanted in tests.items()
        if not _holds(written, asked.context.get(key.lower()), _list(wanted), asked)
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
    return arn_like(pattern, asked.resource, asked.context)


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


VARIABLE = re.compile(r"\$\{([^}]+)\}")


def like(pattern: str, value: str, context: Context | None = None) -> bool:
    """Tell whether *value* matches a pattern with ``*``, ``?`` and, given a context, variables."""
    if "$" not in pattern and "*" not in pattern and "?" not in pattern:
        return pattern == value
    return _pattern(_filled(pattern, context)).fullmatch(value) is not None


def arn_like(pattern: str, value: str, context: Context) -> bool:
    """Compare two ARNs part by part; parts that *pattern* leaves out are any."""
    hidden = VARIABLE.sub(lambda found: found[0].replace(":", "\0"), pattern)
    want, have = hidden.split(":", 5), value.split(":", 5)
    if len(have) < 6 or want == ["*"]:
        return like(pattern, value, context)
    want += ["*"] * (6 - len(want))
    pairs = zip(want, have, strict=True)
    return all(like(w.replace("\0", ":"), h, context) for w, h in pairs)


def _filled(pattern: str, context: Context | None) -> tuple[tuple[str, bool], ...]:
    """Return the parts of a pattern, each with whether its wildcards are meant as such."""
    parts = VARIABLE.split(pattern)
    if context is None or len(parts) == 1:
        return ((pattern, True),)
    return tuple(
        (part, True) if number % 2 == 0 else (_value(part, context), False)
        for number, part in enumerate(parts)
    )


def _value(variable: str, context: Context) -> str:
    """Return what a policy variable stands for; one without a value stays, and matches nothing."""
    if variable in ("*", "?", "$"):
        return variable
    name, _, default = variable.partition(",")
    values = context.get(name.strip().lower())
    return values[0] if values else default.strip().strip("'") or f"${{{variable}}}"


@functools.lru_cache(maxsize=4096)
def _pattern(parts: tuple[tuple[str, bool], ...]) -> re.Pattern[str]:
    def regular(text: str, *, wild: bool) -> str:
        escaped = re.escape(text)
        return escaped.replace(r"\*", ".*").replace(r"\?", ".") if wild else escaped

    return re.compile("".join(regular(text, wild=wild) for text, wild in parts), re.DOTALL)


def _list(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _holds(written: str, have: tuple[str, ...] | None, wanted: list[Any], asked: Asked) -> bool:
    quantifier, _, rest = written.rpartition(":")
    name = rest.removesuffix("IfExists")
    want = [str(w).lower() if isinstance(w, bool) else str(w) for w in wanted]
    negated = "Not" in name
    if name == "Null":
        return (have is None) == (want[0] == "true")
    if have is None:
        if quantifier:
            return quantifier == "ForAllValues"
        return negated or rest.endswith("IfExists")
    test = _operator(name, asked.context)
    outcomes = [any(test(value, w) for w in want) != negated for value in have]
    every = quantifier == "ForAllValues" or (negated and quantifier != "ForAnyValue")
    return all(outcomes) if every else any(outcomes)


def _operator(name: str, context: Context) -> Callable[[str, str], bool]:
    """Return the comparison of an operator, without its negation."""
    positive = name.replace("Not", "")
    if positive in ("ArnLike", "ArnEquals"):
        return lambda value, want: arn_like(want, value, context)
    if positive == "StringLike":
        return lambda value, want: like(want, value, context)
    if positive.startswith("String"):
        fold = str.lower if positive.endswith("IgnoreCase") else str
        return lambda value, want: fold(value) == fold(_plain(want, context))
    return OPERATORS[positive]


def _plain(want: str, context: Context) -> str:
    return "".join(text for text, _ in _filled(want, context))


def _moment(text: str) -> datetime:
    if re.fullmatch(r"\d+", text):
        return datetime.fromtimestamp(int(text), UTC)
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _in_network(value: str, network: str) -> bool:
    return ipaddress.ip_address(value) in ipaddress.ip_network(network, strict=False)


def _comparisons(kind: str, read: Callable[[str], Any]) -> dict[str, Callable[[str, str], bool]]:
    """Return the five comparisons of numbers or dates."""

    def comparison(compare: Callable[[Any, Any], bool]) -> Callable[[str, str], bool]:
        return lambda value, want: compare(read(value), read(want))

    suffixes = {
        "Equals": operator.eq, "LessThan": operator.lt, "LessThanEquals": operator.le,
        "GreaterThan": operator.gt, "GreaterThanEquals": operator.ge,
    }  # fmt: skip
    return {f"{kind}{suffix}": comparison(compare) for suffix, compare in suffixes.items()}


OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "Bool": lambda value, want: value.lower() == want.lower(),
    "IpAddress": _in_network,
    **_comparisons("Numeric", float),
    **_comparisons("Date", _moment),
}
