"""Does one statement of a policy speak about one request: action, resource, principal, conditions.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.policy.conditions import conditions, texts
from bot.policy.matching import (
    NO,
    UNREADABLE,
    YES,
    Context,
    Match,
    arn_like,
    every,
    expand,
    like,
    opposite,
    some,
)

Whom = Literal["nobody", "anybody", "itself", "session"]
"""Whom a document may speak of: nobody (identity policies), or principals. *itself* leaves out
those who are only named as an account, *session* also those who are only named as a role."""

ELEMENTS = frozenset(
    {"Sid", "Effect", "Condition", "Principal", "NotPrincipal"}
    | {"Action", "NotAction", "Resource", "NotResource"}
)


@dataclass(frozen=True, slots=True)
class Request:
    """One call to judge. *principal* is a role's ARN (or a session's, or a service's name).

    *context* holds known values of condition keys and *absent* the keys known to be missing;
    any other key is unknown, and leaves undecided what depends on it.
    *resource_account* is the owner where the ARN does not tell; else the caller's account.
    """

    principal: str
    action: str
    resource: str
    context: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    resource_account: str | None = None
    absent: frozenset[str] = frozenset()

    @property
    def account(self) -> str:
        return _part(self.principal, 4)

    @property
    def owner(self) -> str:
        return self.resource_account or _part(self.resource, 4) or self.account

    @property
    def known(self) -> Context:
        """The context that statements are judged in, with what the request itself tells."""
        known: dict[str, str | tuple[str, ...] | None] = {}
        if self.account:
            known["aws:principalaccount"] = self.account
            known["aws:principaltype"] = "AssumedRole"
            known["aws:principalisawsservice"] = "false"
            known["aws:username"] = None
        if ":role/" in self.principal:
            known["aws:principalarn"] = self.principal
        if self.owner:
            known["aws:resourceaccount"] = self.owner
        known.update(dict.fromkeys((key.lower() for key in self.absent), None))
        known.update((key.lower(), value) for key, value in self.context.items())
        return known


def applies(
    statement: object, request: Request, context: Context, *, whom: Whom, variables: bool
) -> Match:
    """Return whether *statement* speaks about *request*; open where it cannot be read."""
    if not isinstance(statement, Mapping) or not statement.keys() <= ELEMENTS:
        return UNREADABLE
    return every(
        (
            _actions(statement, request.action),
            _resources(statement, request.resource, context if variables else None, whom),
            _principals(statement, request, whom),
            conditions(statement.get("Condition", {}), context, variables=variables),
        )
    )


def _actions(statement: Mapping[str, Any], action: str) -> Match:
    return _listed(statement, "Action", lambda p: Match(like(p.lower(), action.lower())))


def _resources(
    statement: Mapping[str, Any], resource: str, context: Context | None, whom: Whom
) -> Match:
    if whom != "nobody" and not {"Resource", "NotResource"} & statement.keys():
        return YES  # the policy of a repository or a role means what it hangs on

    def one(pattern: str) -> Match:
        filled = pattern if context is None else expand(pattern, context)
        if isinstance(filled, Match):
            return UNREADABLE if filled is NO and "NotResource" in statement else filled
        if filled.startswith("arn:") and filled.count(":") < 5 and "NotResource" in statement:
            return UNREADABLE  # AWS completes a short ARN, but does not say so of exceptions
        return Match(_covers(filled, resource))

    return _listed(statement, "Resource", one)


def _covers(pattern: str, resource: str) -> bool:
    """An ARN that is too short stands for one with wildcards in the parts left out."""
    if not pattern.startswith("arn:") or not resource.startswith("arn:"):
        return like(pattern, resource)
    missing = 5 - pattern.count(":")
    return arn_like(pattern + ":*" * max(0, missing), resource)


def _listed(statement: Mapping[str, Any], name: str, one: Any) -> Match:
    """Return whether element *name*, or the absence from Not*name*, matches."""
    found = [n for n in (name, f"Not{name}") if n in statement]
    patterns = texts(statement[found[0]]) if len(found) == 1 else None
    if not patterns:
        return UNREADABLE
    match = some(one(p) for p in patterns)
    return match if found[0] == name else opposite(match)


# --- principals ----------------------------------------------------------------------------


def _principals(statement: Mapping[str, Any], request: Request, whom: Whom) -> Match:
    found = [n for n in ("Principal", "NotPrincipal") if n in statement]
    if whom == "nobody":
        return UNREADABLE if found else YES
    if len(found) != 1:
        return UNREADABLE
    named = _named(statement[found[0]])
    if named is None:
        return UNREADABLE
    if found[0] == "NotPrincipal":
        others = _others(named, request)
        # Whether such a gift is above a boundary, AWS does not say.
        return UNREADABLE if whom == "session" and others.holds else others
    return some(_is(kind, name, request, whom) for kind, name in named)


def _named(element: object) -> list[tuple[str, str]] | None:
    """Return the principals of an element as pairs of kind and name."""
    if element == "*":
        return [("AWS", "*")]
    if not isinstance(element, Mapping) or not element:
        return None
    lists = {str(kind): texts(names) for kind, names in element.items()}
    if any(not names for names in lists.values()):
        return None
    return [(kind, name) for kind, names in lists.items() for name in names or ()]


def _is(kind: str, name: str, request: Request, whom: Whom = "anybody") -> Match:
    if kind == "AWS" and name == "*":
        return YES
    if kind == "Service":
        return UNREADABLE if "*" in name else Match(name == request.principal)
    if kind != "AWS" or not request.account:
        return NO
    if name == request.account or name.endswith(f"::{request.account}:root"):
        return Match(whom == "anybody")
    if "*" in name or "?" in name:
        return UNREADABLE  # IAM takes no pattern here
    return NO if whom == "session" and ":role/" in name else _same(name, request.principal)


def _same(name: str, principal: str) -> Match:
    """Return whether the role or session called *name* is *principal*."""
    if name == principal:
        return YES
    theirs, ours = _role(name), _role(principal)
    if theirs is None or ours is None or theirs[1:] != ours[1:]:
        return NO
    if theirs[0] == ours[0]:
        return NO  # another session of the role, or a role of that name in another path
    # A session acts for its role; a policy that names one session may mean another task's.
    return YES if theirs[0] == "role" else UNREADABLE


def _others(named: list[tuple[str, str]], request: Request) -> Match:
    """Return whether *request* is somebody else than *named* (NotPrincipal).

    AWS may look at the account, the role and the session one after the other, so the answer
    is certain only when none of them are named, or the account and one of the others.
    """
    either = some(_is(kind, name, request) for kind, name in named)
    if either.holds is False:
        return YES
    itself = some(_is(kind, name, request, "itself") for kind, name in named)
    account = any(
        _is(k, n, request).holds and not _is(k, n, request, "itself").holds for k, n in named
    )
    return NO if account and itself.holds else UNREADABLE


def _role(arn: str) -> tuple[str, str, str] | None:
    """Return kind, account and name of the role that *arn*, of a role or session, belongs to."""
    kind, *path = _part(arn, 5).split("/")
    if kind == "role" and path:
        return kind, _part(arn, 4), path[-1]
    if kind == "assumed-role" and len(path) > 1:
        return kind, _part(arn, 4), path[0]
    return None


def _part(arn: str, index: int) -> str:
    parts = arn.split(":", 5)
    return parts[index] if len(parts) == 6 and parts[0] == "arn" else ""
