"""When two values mean the same to AWS. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

JSON = Any
ROOT = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):root")


def canonical(value: JSON) -> JSON:
    """Return a policy or a network so that two that mean the same are equal.

    AWS keeps no order of statements, actions, subnets; one is as good as a list of one, and an
    account as good as its root.
    """
    if isinstance(value, Mapping):
        return {k: canonical(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        found = {json.dumps(canonical(v), sort_keys=True) for v in value}
        return json.loads(found.pop()) if len(found) == 1 else sorted(found)
    if isinstance(value, str) and (root := ROOT.fullmatch(value)):
        return root[1]
    return value


def filled(value: JSON) -> JSON:
    """Return *value* without what is empty, which ECS fills in; named things have no order."""
    if isinstance(value, Mapping):
        kept = {k: filled(v) for k, v in value.items()}
        return {k: v for k, v in kept.items() if v}
    if isinstance(value, (list, tuple)):
        found = [filled(v) for v in value]
        named = all(isinstance(v, Mapping) for v in found)
        return sorted(found, key=lambda v: json.dumps(v, sort_keys=True)) if named else found
    return value
