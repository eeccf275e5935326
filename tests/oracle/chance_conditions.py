"""Make up the Condition element of statements, and what the context of a request may hold."""

from __future__ import annotations

from random import Random
from typing import Any

US, THEM = "111122223333", "333344445555"
ROLE = f"arn:aws:iam::{US}:role/app/task"
SESSION = f"arn:aws:sts::{US}:assumed-role/task/0a1b2c"
OTHERS = (
    f"arn:aws:iam::{US}:role/task",
    f"arn:aws:iam::{US}:role/app/other",
    f"arn:aws:iam::{THEM}:role/app/task",
    f"arn:aws:sts::{US}:assumed-role/other/0a1b2c",
)
KEYS: dict[str, tuple[Any, ...]] = {
    "aws:SourceVpce": ("vpce-1", "vpce-2"),
    "aws:SourceVpc": ("vpc-1", "VPC-1"),
    "aws:PrincipalOrgID": ("o-shop", "o-bank"),
    "aws:PrincipalTag/team": ("web", "Web", "w*"),
    "aws:RequestedRegion": ("eu-west-1", "us-east-1"),
    "aws:SourceIp": ("10.0.1.7", "203.0.113.9", "2001:db8::7"),
    "aws:SecureTransport": ("true", "false"),
    "aws:CurrentTime": ("2026-05-01T00:00:00Z", "2024-02-29T12:30:00Z"),
    "aws:MultiFactorAuthAge": ("60", "3600"),
    "aws:PrincipalArn": (ROLE,),
    "aws:PrincipalAccount": (US, THEM),
    "aws:ResourceAccount": (US, THEM),
    "aws:TagKeys": ((), ("team",), ("team", "cost"), ("stage",)),
    "aws:PrincipalOrgPaths": (("o-shop/r-1/ou-1/",), ("o-bank/r-9/",)),
}
MANY = ("aws:TagKeys", "aws:PrincipalOrgPaths")
WORDS = (
    "vpce-1",
    "vpce-*",
    "vpc-1",
    "o-shop",
    "o-????",
    "web",
    "WEB",
    "*",
    "w*",
    "eu-west-1",
    "team",
)
WORDS_OF_SETS = ("team", "cost", "st*", "o-shop/*", "o-bank/r-9/", "Team")
VARIABLES = (
    "${aws:PrincipalTag/team}",
    "${aws:PrincipalOrgID}",
    "${aws:SourceVpc, 'vpc-1'}",
    "${*}",
)


def condition(chance: Random) -> dict[str, Any]:
    block: dict[str, Any] = {}
    for _ in range(chance.choice((1, 1, 2))):
        operator, key, values = chance.choice((_text, _text, _set, _special))(chance)
        block.setdefault(operator, {})[key] = values[0] if len(values) == 1 else values
    return block


def _text(chance: Random) -> tuple[str, str, list[Any]]:
    texts = [k for k in KEYS if k not in MANY]
    key = chance.choice(texts)
    name = chance.choice(("Equals", "Equals", "NotEquals", "Like", "NotLike", "EqualsIgnoreCase"))
    name = "NotEqualsIgnoreCase" if name == "EqualsIgnoreCase" and chance.random() < 0.3 else name
    pool = (*WORDS, *KEYS[key], *KEYS[key], chance.choice(VARIABLES))
    return (
        _maybe(chance, f"String{name}"),
        key,
        [chance.choice(pool) for _ in range(chance.choice((1, 1, 2, 3)))],
    )


def _set(chance: Random) -> tuple[str, str, list[Any]]:
    quantifier = chance.choice(("ForAllValues", "ForAnyValue"))
    name = chance.choice(("StringEquals", "StringLike", "StringNotEquals", "StringNotLike"))
    values = [chance.choice(WORDS_OF_SETS) for _ in range(chance.choice((1, 1, 2, 3)))]
    return f"{quantifier}:{_maybe(chance, name)}", chance.choice(MANY), values


def _special(chance: Random) -> tuple[str, str, list[Any]]:
    kind = chance.choice(("Ip", "Bool", "Null", "Date", "Numeric", "Arn"))
    if kind == "Ip":
        values = [chance.choice(("10.0.0.0/16", "203.0.113.0/24", "2001:db8::/32", "10.0.0.0/8"))]
        return _maybe(chance, chance.choice(("IpAddress", "NotIpAddress"))), "aws:SourceIp", values
    if kind == "Bool":
        values = [chance.choice(("true", "false", True, False))]
        return _maybe(chance, "Bool"), "aws:SecureTransport", values
    if kind == "Null":
        return "Null", chance.choice(list(KEYS)), [chance.choice(("true", "false", True))]
    if kind == "Arn":
        name = chance.choice(("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"))
        pool = (ROLE, f"arn:aws:iam::{US}:role/*", "arn:*:iam::*:role/app/t?sk", *OTHERS)
        return _maybe(chance, name), "aws:PrincipalArn", [chance.choice(pool)]
    order = chance.choice(
        ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
    )
    if kind == "Date":
        values = [
            chance.choice(("2026-05-01T00:00:00Z", "2025-01-01T00:00:00Z", "2024-02-29T12:30:00Z"))
        ]
        return _maybe(chance, f"Date{order}"), "aws:CurrentTime", values
    return (
        _maybe(chance, f"Numeric{order}"),
        "aws:MultiFactorAuthAge",
        [chance.choice(("60", "600", 3600))],
    )


def _maybe(chance: Random, operator: str) -> str:
    return f"{operator}IfExists" if chance.random() < 0.2 else operator
