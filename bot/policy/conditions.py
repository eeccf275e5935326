"""IAM's condition operators, with a third answer for what nobody told us.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache

from bot.policy.matching import (
    NO,
    PLAIN,
    UNREADABLE,
    Context,
    Match,
    arn_like,
    every,
    expand,
    like,
    opposite,
    some,
)

Test = Callable[[str, str], bool | None]


def _number(text: str) -> Decimal | None:
    return Decimal(text) if re.fullmatch(r"[+-]?\d{1,30}(\.\d{1,30})?", text, re.ASCII) else None


def _moment(text: str) -> Decimal | None:
    seconds = _number(text)
    if seconds is not None:
        return seconds
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return Decimal((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _inside(network: str, address: str) -> bool | None:
    try:
        wide = ipaddress.ip_network(network, strict=False)
        return ipaddress.ip_address(address) in wide
    except ValueError:
        return None


def _truth(wanted: str, given: str) -> bool | None:
    both = {wanted.lower(), given.lower()}
    return len(both) == 1 if both <= {"true", "false"} else None


def _ordered(
    read: Callable[[str], Decimal | None], compare: Callable[[Decimal, Decimal], bool]
) -> Test:
    def test(wanted: str, given: str) -> bool | None:
        limit, value = read(wanted), read(given)
        return None if limit is None or value is None else compare(value, limit)

    return test


@cache
def operators() -> Mapping[str, tuple[Test, bool]]:
    """Return what each operator compares, and whether it is the negation of that."""
    alike: dict[str, Test] = {
        "StringEquals": lambda wanted, given: wanted.translate(PLAIN) == given,
        "StringEqualsIgnoreCase": lambda w, given: w.translate(PLAIN).lower() == given.lower(),
        "StringLike": like,
        "ArnEquals": arn_like,
        "ArnLike": arn_like,
        "NumericEquals": _ordered(_number, lambda v, limit: v == limit),
        "DateEquals": _ordered(_moment, lambda v, limit: v == limit),
    }
    table: dict[str, tuple[Test, bool]] = {name: (test, False) for name, test in alike.items()}
    for name, test in alike.items():
        kind = re.match("String|Arn|Numeric|Date", name)
        assert kind is not None
        table[f"{kind[0]}Not{name[kind.end() :]}"] = (test, True)
    for kind_, read in (("Numeric", _number), ("Date", _moment)):
        table[f"{kind_}LessThan"] = (_ordered(read, lambda v, limit: v < limit), False)
        table[f"{kind_}LessThanEquals"] = (_ordered(read, lambda v, limit: v <= limit), False)
        table[f"{kind_}GreaterThan"] = (_ordered(read, lambda v, limit: v > limit), False)
        table[f"{kind_}GreaterThanEquals"] = (_ordered(read, lambda v, limit: v >= limit), False)
    table["Bool"] = (_truth, False)
    table["BinaryEquals"] = (lambda wanted, given: wanted == given, False)
    table["IpAddress"], table["NotIpAddress"] = (_inside, False), (_inside, True)
    return table


OPERATOR = re.compile(r"(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?")


def conditions(block: object, context: Context, *, variables: bool) -> Match:
    """Return whether the Condition *block* of a statement holds in *context*."""
    if not isinstance(block, Mapping) or not all(isinstance(p, Mapping) for p in block.values()):
        return UNREADABLE
    return every(
        _condition(str(operator), str(key), texts(wanted), context, variables=variables)
        for operator, pairs in block.items()
        for key, wanted in pairs.items()
    )


def texts(value: object) -> tuple[str, ...] | None:
    """Return a JSON value of a policy as strings; None where it is of another shape."""
    if isinstance(value, bool):
        return (str(value).lower(),)
    if isinstance(value, (str, int, float)):
        return (str(value),)
    if not isinstance(value, (list, tuple)) or any(isinstance(v, (list, tuple)) for v in value):
        return None
    parts = [texts(v) for v in value]
    return None if None in parts else tuple(t for part in parts for t in part or ())


def _condition(
    operator: str, key: str, wanted: tuple[str, ...] | None, context: Context, *, variables: bool
) -> Match:
    named = OPERATOR.fullmatch(operator)
    quantifier, name, if_exists = named.groups() if named else (None, "", None)
    bare = quantifier is None and if_exists is None
    test, negated = operators().get(name, (None, False))
    if not wanted or not (test or (name == "Null" and bare)):
        return UNREADABLE
    given = context.get(key.lower(), ...)
    if given is ...:
        return Match(None, frozenset({key}))
    if test is None:
        return _null(wanted, absent=not given)
    if given is None or given == ():
        return _without(quantifier, negated=negated, if_exists=bool(if_exists))
    if isinstance(given, tuple) and quantifier is None:
        return UNREADABLE  # AWS does not say how one value is chosen from several
    expandable = variables and name.startswith(("String", "Arn"))
    patterns = [expand(w, context) if expandable else w for w in wanted]
    passed = (_one(test, patterns, v) for v in ((given,) if isinstance(given, str) else given))
    results = (opposite(p) if negated else p for p in passed)
    return some(results) if quantifier == "ForAnyValue" else every(results)


def _without(quantifier: str | None, *, negated: bool, if_exists: bool) -> Match:
    """Return whether a condition holds whose key the request does not have."""
    if quantifier == "ForAnyValue" and if_exists:
        return UNREADABLE  # one half says no, the other yes; AWS does not say which wins
    return Match(if_exists or quantifier == "ForAllValues" or (negated and quantifier is None))


def _null(wanted: tuple[str, ...], *, absent: bool) -> Match:
    asked = {w.lower() for w in wanted}
    return Match(str(absent).lower() in asked) if asked <= {"true", "false"} else UNREADABLE


def _one(test: Test, patterns: list[str | Match], value: str) -> Match:
    """Return whether *value* passes *test* against one of *patterns*.

    A variable without a value may void the whole statement: AWS leaves that open.
    """
    return some(
        Match(test(p, value)) if isinstance(p, str) else UNREADABLE if p is NO else p
        for p in patterns
    )
