"""The roles as a Terraform module, in the shape that ``terraform fmt`` gives it. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.roles import (
    ALONE,
    BOTH,
    EXTERNAL,
    GENERATED,
    NAME,
    NAMES,
    PRINCIPAL,
    PURPOSE,
    SAYS,
    SESSION,
    Role,
    Words,
    deployed,
)

JSON = Any
WORDS = Words(
    "${local.account}",
    "${local.partition}",
    "${var.bot_principal_arn}",
    "${var.external_id}",
    "${var.role_name}",
)
HEAD = """\
terraform {
  required_version = ">= 1.3"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 4.0"
    }
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
}"""


class Expression(str):
    """HCL, written as it is."""

    __slots__ = ()


class Encoded(dict[str, JSON]):
    """A value that the provider wants as JSON."""


def module(kinds: Sequence[str] = BOTH) -> dict[str, str]:
    """Return a module of the roles of *kinds*: its files by name."""
    roles = deployed(kinds, WORDS)
    files = {
        "variables.tf": _variables(kinds),
        "main.tf": [HEAD, *(text for role in roles for text in _role(role))],
        "outputs.tf": [_output(role) for role in roles],
    }
    return {name: "\n\n".join([GENERATED, *parts]) + "\n" for name, parts in files.items()}


def _variables(kinds: Sequence[str]) -> list[str]:
    both = len(kinds) > 1
    name, default = ("stem", "ecs-pull") if both else ("name", NAMES[kinds[0]])
    found = [
        _variable("bot_principal_arn", {"description": SAYS["principal"]}, PRINCIPAL),
        _variable("external_id", {"description": SAYS["external"]}, EXTERNAL),
        _variable("role_name", {"description": SAYS[name], "default": default}, NAME),
    ]
    if both:
        fields = {"type": Expression("bool"), "description": SAYS["fix"], "default": True}
        found.append(_block('variable "with_fix_role"', _aligned(fields, 1)))
    return found


def _variable(name: str, fields: Mapping[str, JSON], pattern: str) -> str:
    test = Expression(f"can(regex({json.dumps(pattern)}, var.{name}))")
    says = {"condition": test, "error_message": fields["description"]}
    return _block(
        f'variable "{name}"',
        f"{_aligned({'type': Expression('string'), **fields}, 1)}\n\n"
        f"  validation {{\n{_aligned(says, 2)}\n  }}",
    )


def _role(role: Role) -> list[str]:
    kind = role.kind
    count = "  count = var.with_fix_role ? 1 : 0\n\n" if role.optional else ""
    made = {
        "name": role.name,
        "description": PURPOSE[kind],
        "max_session_duration": SESSION,
        "assume_role_policy": Encoded(role.trust),
    }
    owner = Expression(f"aws_iam_role.{kind}{'[0]' if role.optional else ''}.id")
    may = {"name": NAMES[kind], "role": owner, "policy": Encoded(role.policy)}
    return [
        _block(f'resource "aws_iam_role" "{kind}"', count + _aligned(made, 1)),
        _block(f'resource "aws_iam_role_policy" "{kind}"', count + _aligned(may, 1)),
    ]


def _output(role: Role) -> str:
    kind = role.kind
    value = f"one(aws_iam_role.{kind}[*].arn)" if role.optional else f"aws_iam_role.{kind}.arn"
    says = f"{kind}_role of this account in accounts.yaml"
    fields = {"description": says, "value": Expression(value)}
    return _block(f'output "{kind}_role_arn"', _aligned(fields, 1))


def _block(head: str, body: str) -> str:
    return f"{head} {{\n{body}\n}}"


def _hcl(value: JSON, depth: int = 0) -> str:
    """Return *value* as HCL; a text that is one name and nothing else becomes the name."""
    if isinstance(value, Encoded):
        return f"jsonencode({_hcl(dict(value), depth)})"
    if isinstance(value, Mapping):
        return "{\n" + _aligned(value, depth + 1) + "\n" + "  " * depth + "}"
    if isinstance(value, list | tuple):
        return _list([_hcl(v, depth + 1) for v in value], depth)
    alone = ALONE.fullmatch(value) if isinstance(value, str) else None
    return alone[1] if alone else str(value if isinstance(value, Expression) else json.dumps(value))


def _list(items: Sequence[str], depth: int) -> str:
    if len(items) == 1 and "\n" not in items[0]:
        return f"[{items[0]}]"
    pad, end = "  " * (depth + 1), "  " * depth
    return "[\n" + "".join(f"{pad}{item},\n" for item in items) + f"{end}]"


def _aligned(fields: Mapping[str, JSON], depth: int) -> str:
    """Return *fields* with the equals signs of neighbours below each other."""
    pad = "  " * depth
    rows = [
        (k if re.fullmatch(r"\w+", k) else json.dumps(k), _hcl(v, depth)) for k, v in fields.items()
    ]
    lines = []
    for number, (key, text) in enumerate(rows):
        near = [key] if "\n" in text else [k for k, t in _run(rows, number)]
        lines.append(f"{pad}{key:<{max(map(len, near))}} = {text}")
    return "\n".join(lines)


def _run(rows: Sequence[tuple[str, str]], number: int) -> Sequence[tuple[str, str]]:
    """Return the rows of one line each that stand around row *number*."""
    low = high = number
    while low and "\n" not in rows[low - 1][1]:
        low -= 1
    while high + 1 < len(rows) and "\n" not in rows[high + 1][1]:
        high += 1
    return rows[low : high + 1]
