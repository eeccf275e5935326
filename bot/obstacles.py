"""What keeps the role that pulls from an action, each obstacle by itself: as AWS decides. Pure.

In one account the role's policies or the repository's suffice, across accounts both must allow; a
Deny wins; a boundary and the organization only cap. So several obstacles may stand at once, and
each is found whatever the others say.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from bot import policy
from bot.entitlement import Bar, Found, Pull, unclear
from bot.facts import Document, NamedPolicy, Permission
from bot.model import Unknown
from bot.policy import Decision, Ruling
from bot.pulling import LOGIN
from bot.sharing import granted, seen_by

# What the evidence knows the value of, and a policy may well name.
REPAIRABLE = ("aws:sourcevpce", "aws:sourcevpc", "aws:requestedregion")
REFUSED = (Decision.IMPLICIT_DENY, Decision.EXPLICIT_DENY)


def denied(pull: Pull) -> Found:
    """Return the Deny statements in the role's own policies."""
    bars: list[Bar] = []
    unknown: list[Unknown] = []
    for action in pull.actions:
        told, p = pull.said(action, "identity"), pull.permission(action)
        spoken = told if told and told.explicit else None
        rulings = [
            (d.name, r) for d, r in _each(pull, action) if r.decision is not Decision.ALLOWED
        ]
        sure = [n for n, r in rulings if r.decision is Decision.EXPLICIT_DENY]
        if sure:
            bars += [Bar(action, "evaluated", n, r.statement) for n, r in rulings if n in sure]
        elif p.decision == "explicit-deny" and p.by in ("identity", None):
            bars.append(Bar(action, "simulated"))
        elif spoken and (rulings or p.keys or p.decision == "undecided"):
            bars.append(Bar(action, "recorded", rulings[0][0] if rulings else spoken.arn))
        elif rulings:
            unknown.append(unclear(action, rulings[0][1].keys))
        elif p.decision == "undecided" and pull.carried is None:
            unknown.append(pull.open(action))
    return Found(tuple(bars), tuple(unknown))


def bounded(pull: Pull) -> Found:
    """Return where the permissions boundary does not allow what a pull takes."""
    boundary = pull.carried.boundary if pull.carried else None
    if pull.carried is not None and boundary is None:
        return Found()
    found = [_by_boundary(pull, boundary, action) for action in pull.actions]
    return Found(
        tuple(f for f in found if isinstance(f, Bar)),
        tuple(f for f in found if isinstance(f, Unknown)),
    )


def _by_boundary(pull: Pull, boundary: NamedPolicy | None, action: str) -> Bar | Unknown | None:
    """Return what *boundary*, which may not have been read, has against *action*."""
    told, p = pull.said(action, "boundary"), pull.permission(action)
    name = pull.role.boundary or (told.arn if told else None)
    if boundary is not None:
        return _read(pull, boundary, action)
    if p.caps.get("boundary") is False:
        return Bar(action, "simulated", name)
    if told and p.decision == "undecided":
        return Bar(action, "recorded", name)
    return pull.open(action) if _may_be_bounded(pull, p) else None


def _read(pull: Pull, boundary: NamedPolicy, action: str) -> Bar | Unknown | None:
    ruling = policy.identity(pull.request(action), [boundary.document])
    refuses = ruling.decision is Decision.IMPLICIT_DENY
    gift = _above(pull, action) if refuses else Decision.IMPLICIT_DENY
    if ruling.decision is Decision.ALLOWED or gift is Decision.ALLOWED:
        return None
    if ruling.decision in REFUSED and gift is not Decision.UNDECIDED:
        return Bar(action, "evaluated", boundary.name, ruling.statement)
    if pull.said(action, "boundary"):
        return Bar(action, "recorded", boundary.name)
    if refuses and isinstance(pull.repository, Unknown):
        return pull.repository
    return unclear(action, ruling.keys)


def organized(pull: Pull) -> Found:
    """Return where a policy of an organization refuses what a pull takes.

    Nobody but IAM sees an SCP of the role's organization, and only the error an RCP of the
    registry's.
    """
    bars: list[Bar] = []
    unknown: list[Unknown] = []
    for action in pull.actions:
        told, p = pull.said(action, "scp", "rcp"), pull.permission(action)
        if told and not (told.policy == "scp" and p.caps.get("scp")):
            bars.append(Bar(action, "recorded", told.arn, told.policy))
        elif p.caps.get("scp") is False:
            bars.append(Bar(action, "simulated", None, "scp"))
        elif p.decision == "undecided" and "scp" not in p.caps and pull.carried is None:
            unknown.append(pull.open(action))
    return Found(tuple(bars), tuple(unknown))


def conditioned(pull: Pull) -> Found:
    """Return the Allow statements in the role's policies that only their conditions keep from counting."""
    bars: list[Bar] = []
    unknown: list[Unknown] = []
    for action in pull.actions:
        p = pull.permission(action)
        if pull.carried is None or p.decision == "allowed":
            unknown += [pull.open(action)] if p.decision == "undecided" else []
            continue
        request, documents = pull.request(action), pull.carried.policies
        ruling = policy.grants(request, [d.document for d in documents])
        found = [(d.name, c) for d in documents for c in policy.conditional(request, d.document)]
        if ruling.decision is Decision.ALLOWED or not found:
            unread = ruling.decision is Decision.UNDECIDED
            unknown += [unclear(action, ruling.keys)] if unread else []
            continue
        seen = seen_by(pull.circumstances)
        given, open_ = granted(pull.image, pull.role, pull.repository, [action], seen)
        told = pull.said(action, "identity")
        if action != LOGIN and (given or open_):
            unknown += open_
        elif ruling.decision is Decision.IMPLICIT_DENY or (told and not told.explicit):
            how = "evaluated" if ruling.decision is Decision.IMPLICIT_DENY else "recorded"
            bars += [Bar(action, how, name, c.label, c) for name, c in found]
        else:
            unknown.append(unclear(action, ruling.keys))
    return Found(tuple(bars), tuple(unknown))


def repaired(pull: Pull) -> tuple[NamedPolicy, Document] | None:
    """Return the inline policy whose conditions alone are in the way, and it with what is true added.

    None where that is not certain to help, or where there is more than one way to do it.
    """
    found = conditioned(pull)
    places = {(b.policy, b.condition.number) for b in found.bars if b.condition}
    policies = pull.carried.policies if pull.carried else ()
    named = next((p for p in policies if p.inline and p.name in {n for n, _ in places}), None)
    if len(places) != 1 or found.unknown or named is None:
        return None
    hurdles = {h for b in found.bars for h in (b.condition.hurdles if b.condition else ())}
    values = {(h.operator, h.key): h.given for h in hurdles if isinstance(h.given, str)}
    if len(values) != len(hurdles) or any(k.lower() not in REPAIRABLE for _, k in values):
        return None
    document = policy.meeting(named.document, places.pop()[1], values)
    return (named, document) if document and _helps(pull, named, document) else None


def _helps(pull: Pull, named: NamedPolicy, document: Document) -> bool:
    policies = pull.carried.policies if pull.carried else ()
    documents = [document if p is named else p.document for p in policies]
    asked = (pull.request(b.action) for b in conditioned(pull).bars)
    return all(policy.grants(r, documents).decision is Decision.ALLOWED for r in asked)


def _each(pull: Pull, action: str) -> list[tuple[NamedPolicy, Ruling]]:
    policies = pull.carried.policies if pull.carried else ()
    return [(d, policy.denies(pull.request(action), [d.document])) for d in policies]


def _above(pull: Pull, action: str) -> Decision:
    """Return whether the repository lets the session itself, or everybody, in: no boundary caps that."""
    request = pull.request(action)
    if action == LOGIN or request.account != request.owner:
        return Decision.IMPLICIT_DENY
    if isinstance(pull.repository, Unknown):
        return Decision.UNDECIDED
    nothing: Document = {"Statement": []}
    shared = pull.repository.document
    return policy.decide(request, identity=[], boundary=nothing, resource_policy=shared).decision


def _may_be_bounded(pull: Pull, p: Permission) -> bool:
    """Tell whether a boundary may refuse what nobody could decide."""
    bare = pull.role.kind == "execution-role" and pull.role.boundary is None
    return p.decision == "undecided" and "boundary" not in p.caps and not bare
