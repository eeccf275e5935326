"""What IAM decides, and which policy made it decide so.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from bot.facts import Document
from bot.policy.matching import NO, UNREADABLE, Match, every, opposite, some
from bot.policy.statements import Request, Whom, applies

UNREAD: Document = {"Statement": None}
"""Stands for a document that exists and could not be read: whatever it decides is undecided."""


class Decision(Enum):
    """What policies say to a request."""

    ALLOWED = "allowed"
    IMPLICIT_DENY = "implicit-deny"
    EXPLICIT_DENY = "explicit-deny"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision and what made it.

    *by* is identity, boundary, resource, session, endpoint or scp; *statement* its Sid, or its number
    from 0; *keys* are the condition keys whose values would decide what is undecided.
    """

    decision: Decision
    by: str | None = None
    statement: str | None = None
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Layer:
    """What the documents of one kind say to a request."""

    name: str
    allow: Match
    deny: Match
    allowed_by: str | None = None
    denied_by: str | None = None


def identity(request: Request, documents: Sequence[Document]) -> Ruling:
    """Return what the policies attached to the caller say."""
    layer = _layer("identity", documents, request, "nobody")
    return _ruling(layer.allow, [layer], [layer])


def resource(request: Request, document: Document | None) -> Ruling:
    """Return what the policy of the resource says; None: it has no policy."""
    layer = _layer("resource", _present(document), request, "anybody")
    return _ruling(layer.allow, [layer], [layer])


_resource = resource  # where a parameter has its name


def decide(
    request: Request,
    *,
    identity: Sequence[Document],  # the name of the layer
    boundary: Document | None = None,
    resource_policy: Document | None = None,
    has_resource_policy: bool | None = None,
    limits: Sequence[Document] = (),
    scps: Sequence[Sequence[Document]] = (),
) -> Ruling:
    """Return what AWS decides when all these documents speak.

    *limits* (session policies, and endpoint policies, which name principals) and *scps* (the
    documents of each level of the organization) only cap, each on its own; what the resource
    gives to the session itself, or to everybody, is above a boundary.
    *has_resource_policy* without *resource_policy* means that there is one nobody could read;
    a KMS key always has one, and False leaves it out.
    """
    key = has_resource_policy is not False and request.action.lower().startswith("kms:")
    if resource_policy is None and (has_resource_policy or key):
        resource_policy = UNREAD
    hung = _present(resource_policy if boundary is None else _bounded(resource_policy))
    grants = _layer("identity", identity, request, "nobody")
    shared = _layer("resource", hung, request, "anybody")
    direct = _layer("resource", hung, request, "itself")
    both = every((grants.allow, shared.allow))
    if request.account != request.owner:
        first, permitted, free = (grants, shared), both, NO
    else:
        first = (direct, grants) if direct.allow.holds or key else (grants, direct)
        permitted = some((direct.allow, both if key else grants.allow))
        free = _layer("resource", hung, request, "session").allow
    inner = [_layer("boundary", [d], request, "nobody") for d in _present(boundary)]
    outer = _limits(request, limits, scps, free)
    capped = every((permitted, *(c.allow for c in inner)))
    allow = every((some((capped, free)), *(c.allow for c in outer)))
    said = [x for x in first if permitted.holds is False or x.allow.holds is not False]
    return _ruling(allow, [*said, *inner, *outer], [grants, shared, *inner, *outer])


def _limits(
    request: Request,
    limits: Sequence[Document],
    scps: Sequence[Sequence[Document]],
    free: Match,
) -> list[_Layer]:
    """Return what caps everything. *free*: the resource gives to the session or to everybody.

    Such a gift may be above a session policy: AWS's pages and others' evaluators differ.
    """
    layers = [_layer("scp", level, request, "nobody") for level in scps]
    for document in limits:
        if _names_principals(document):
            layers.append(_layer("endpoint", [document], request, "anybody"))
            continue
        cap = _layer("session", [document], request, "nobody")
        above = NO if free.holds is False else UNREADABLE
        layers.append(replace(cap, allow=some((cap.allow, above))))
    return layers


def assuming(
    service: str,
    context: Mapping[str, str | tuple[str, ...]],
    absent: frozenset[str] = frozenset(),
) -> Request:
    """Return the request by which *service* assumes a role."""
    known = {"aws:PrincipalIsAWSService": "true", "aws:PrincipalServiceName": service, **context}
    return Request(service, "sts:AssumeRole", "*", known, None, absent)


def trusts(
    document: Document,
    *,
    service: str,
    context: Mapping[str, str | tuple[str, ...]],
    absent: frozenset[str] = frozenset(),
) -> Ruling:
    """Return whether a role's trust policy lets *service* assume it."""
    return resource(assuming(service, context, absent), document)


def missing(
    document: Document | None,
    principal: str,
    actions: Sequence[str],
    resource: str,
    *,
    context: Mapping[str, str | tuple[str, ...]] | None = None,
    absent: frozenset[str] = frozenset(),
) -> tuple[str, ...]:
    """Return the *actions* that *document*, the policy of *resource*, surely does not allow."""
    denied = {Decision.IMPLICIT_DENY, Decision.EXPLICIT_DENY}
    asked = Request(principal, "", resource, context or {}, None, absent)
    return tuple(
        a for a in actions if _resource(replace(asked, action=a), document).decision in denied
    )


def _bounded(document: Document | None) -> Document | None:
    """Return *document* as it acts on a role with a boundary: NotPrincipal spares nobody there.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    """
    if not isinstance(document, Mapping):
        return document

    def acting(effect: str | None, statement: Any) -> Any:
        if effect != "Deny" or "NotPrincipal" not in statement or "Principal" in statement:
            return statement
        return {k: v for k, v in statement.items() if k != "NotPrincipal"} | {"Principal": "*"}

    return {**document, "Statement": [acting(e, s) for _, e, s in statements_in(document)]}


def _names_principals(document: Document) -> bool:
    found = (s for _, _, s in statements_in(document))
    return any(isinstance(s, Mapping) and s.keys() & {"Principal", "NotPrincipal"} for s in found)


def _present(document: Document | None) -> list[Document]:
    return [] if document is None else [document]


def _layer(name: str, documents: Iterable[Document], request: Request, whom: Whom) -> _Layer:
    context = request.known
    said: dict[str, list[Match]] = {"Allow": [], "Deny": []}
    first: dict[str, str] = {}
    for document in documents:
        variables = isinstance(document, Mapping) and document.get("Version") == "2012-10-17"
        for label, effect, statement in statements_in(document):
            match = applies(statement, request, context, whom=whom, variables=variables)
            for e in (effect,) if effect else ("Allow", "Deny"):
                said[e].append(match if effect else UNREADABLE)
                if match.holds and effect:
                    first.setdefault(e, label)
    return _Layer(
        name, some(said["Allow"]), some(said["Deny"]), first.get("Allow"), first.get("Deny")
    )


def statements_in(document: object) -> Iterator[tuple[str, str | None, Any]]:
    """Give label, effect and body of each statement; effect None where that cannot be read."""
    inside = document.get("Statement") if isinstance(document, Mapping) else None
    listed = [inside] if isinstance(inside, Mapping) else inside
    if not isinstance(listed, (list, tuple)):
        yield "0", None, None
        return
    for number, statement in enumerate(listed):
        effect = statement.get("Effect") if isinstance(statement, Mapping) else None
        label = statement.get("Sid") if isinstance(statement, Mapping) else None
        yield str(label or number), effect if effect in ("Allow", "Deny") else None, statement


def _ruling(allow: Match, needed: Sequence[_Layer], heard: Sequence[_Layer]) -> Ruling:
    """Weigh: a Deny wins; then what no layer in *needed* lacks is allowed."""
    for layer in heard:
        if layer.deny.holds:
            return Ruling(Decision.EXPLICIT_DENY, layer.name, layer.denied_by)
    if allow.holds is False:
        lacking = next((layer for layer in needed if layer.allow.holds is False), needed[0])
        return Ruling(Decision.IMPLICIT_DENY, lacking.name)
    certain = every((allow, *(opposite(layer.deny) for layer in heard)))
    if certain.holds:
        return Ruling(Decision.ALLOWED, needed[0].name, needed[0].allowed_by)
    unsure = (x.name for x in (*needed, *heard) if None in (x.allow.holds, x.deny.holds))
    return Ruling(Decision.UNDECIDED, next(unsure, None), None, tuple(sorted(certain.keys)))
