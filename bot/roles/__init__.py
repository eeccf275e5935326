"""The two roles of an account: what each may do, and who may assume it. Pure.

The permissions are those of :mod:`bot.permissions`. Both files to deploy, the CloudFormation
template and the Terraform module, are the same values, in which names of the deploying account
stand as ``${...}``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from bot.actions import FIX_ROLE, READ_ROLE
from bot.permissions import Policy, Statement, fix_policy, read_policy

NAMES = {"read": READ_ROLE, "fix": FIX_ROLE}
BOTH = tuple(NAMES)
SESSION = 3600  # seconds; the bot's own role makes it a chain, and that is the most of a chain
PEOPLE = ("U*", "W*")  # how Slack's user ids begin
TAGS = ("plan", "approver", "reference")  # of the session of a fix

ASSUME, SOURCE, TAG = "sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"
ALONE = re.compile(r"\$\{([^{}]+)\}")  # a value that is one name and nothing else
GENERATED = "# Generated from what the code asks of AWS: change it there."
PRINCIPAL = r"^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/[A-Za-z0-9+=,.@_/-]+$"
EXTERNAL = r"^[A-Za-z0-9+=,.@:/_-]{8,1224}$"
NAME = r"^[A-Za-z0-9+=,.@_-]{1,58}$"
SAYS = {
    "principal": "The exact role or user that the bot runs as, never a whole account.",
    "external": "external_id of this account in accounts.yaml: random, 8 characters or more.",
    "name": "The name of the role.",
    "stem": "How the names of both roles begin: -read and -fix are added.",
    "fix": "Without the fix role the bot only explains.",
}
PURPOSE = {
    "read": "Reads what a diagnosis of a failed image pull needs. Cannot write or see a secret.",
    "fix": "Assumed only to apply an approved fix, with a session policy of exactly its calls.",
}


def trust(role: str, principal: str, external_id: str) -> Policy:
    """Return who may assume the role *role* (read, fix): *principal*, who knows *external_id*.

    The fix role opens only in the name of a person in Slack, and with the plan as a tag.
    """
    known = {"StringEquals": {"sts:ExternalId": external_id}}
    if role == "read":
        return _trusting([_allowed(principal, ASSUME, known)])
    named = {"StringLike": {"sts:SourceIdentity": list(PEOPLE)}}
    tagged = {"StringLike": {"aws:RequestTag/plan": "?*"}}
    only = {"ForAllValues:StringEquals": {"aws:TagKeys": list(TAGS)}}
    return _trusting(
        [
            _allowed(
                principal,
                ASSUME,
                {**known, "StringLike": named["StringLike"] | tagged["StringLike"]},
            ),
            _allowed(principal, SOURCE, named),
            _allowed(principal, TAG, {**tagged, **only}),
        ]
    )


def policy(role: str, account: str, *, within: str = "", own: Collection[str] = ()) -> Policy:
    """Return the permissions of the role *role* (read, fix)."""
    if role == "read":
        return read_policy(account, within=within)
    return fix_policy(account, within=within, own=own or tuple(NAMES.values()))


def _trusting(statements: list[Statement]) -> Policy:
    return {"Version": "2012-10-17", "Statement": statements}


def _allowed(principal: str, action: str, condition: Mapping[str, Any]) -> Statement:
    return {
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": action,
        "Condition": dict(condition),
    }


@dataclass(frozen=True, slots=True)
class Words:
    """How a language of deployment names what is known only where it is deployed."""

    account: str
    partition: str
    principal: str
    external: str
    name: str


@dataclass(frozen=True, slots=True)
class Role:
    """One role to deploy; *optional* where it can be left out."""

    kind: str
    name: str
    trust: Policy
    policy: Policy
    optional: bool


def deployed(kinds: Collection[str], words: Words) -> list[Role]:
    """Return the roles of *kinds* in the *words* of a language; one alone has the name as it is."""
    both = len(kinds) > 1
    found = []
    for kind in kinds:
        names = {k: f"{words.name}-{k}" for k in BOTH} if both else {**NAMES, kind: words.name}
        may = policy(kind, words.account, within=words.partition, own=tuple(names.values()))
        trusted = trust(kind, words.principal, words.external)
        found.append(Role(kind, names[kind], trusted, may, both and kind == "fix"))
    return found
