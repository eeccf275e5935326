"""May a role do this? IAM's own simulation says; where it must not be asked, we evaluate the policies."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot import policy
from bot.aws.accounts import WorkloadAccount
from bot.aws.client import NotFound, together
from bot.aws.ecs import short
from bot.aws.iam import inline_of, managed_document, managed_of
from bot.aws.simulating import Asked, Contexts, region_of, simulated
from bot.facts import (
    Carried,
    NamedPolicy,
    Permission,
)
from bot.facts.roles import How
from bot.model import Call, CannotTell
from bot.policy import Decision

MANY = 8  # resources: for more of them reading the policies takes fewer calls than simulating


def permissions(
    here: WorkloadAccount, role: str, asked: tuple[Asked, ...], contexts: Contexts | None = None
) -> tuple[tuple[Permission, ...], How, Carried | None]:
    """Ask IAM, and read the policies where its answer leaves a question: what, or whose word it is.

    *contexts* are known keys of the requests, by resource.
    """
    known = contexts or {}
    if not asked:
        return (), "simulated", None
    if len({resource for _, resource in asked}) > MANY:
        with contextlib.suppress(CannotTell):
            carried = _carried(here, short(role))
            return _evaluated(here, role, asked, carried, known), "evaluated", carried
    return _weighed(here, role, asked, known)


def _weighed(
    here: WorkloadAccount, role: str, asked: tuple[Asked, ...], known: Contexts
) -> tuple[tuple[Permission, ...], How, Carried | None]:
    """Return what the simulation says, and where it leaves a question what the policies say."""
    try:
        told = simulated(here, role, asked, known)
    except CannotTell as reason:
        if not reason.because.startswith(("denied ", "error ")):
            raise
        try:
            carried = _carried(here, short(role))
        except CannotTell:
            raise reason from None  # the simulation needs fewer permissions
        return _evaluated(here, role, asked, carried, known), "evaluated", carried
    if all(p.decision == "allowed" or _plain(p) for p in told):
        return told, "simulated", None
    try:
        carried = _carried(here, short(role))
    except CannotTell:
        return told, "simulated", None
    if all(p.decision != "undecided" for p in told):
        return told, "simulated", carried
    evaluated = _evaluated(here, role, asked, carried, known)
    return tuple(map(_under_scp, evaluated, told)), "evaluated", carried


def _plain(p: Permission) -> bool:
    """Tell whether *p* is refused for want of an Allow, and for nothing else."""
    return p.decision == "implicit-deny" and p.by == "identity"


def _under_scp(evaluated: Permission, told: Permission) -> Permission:
    """Return what we decided with what only IAM knows: whether the organization allows it."""
    if "scp" not in told.caps:
        return evaluated
    found = replace(evaluated, caps={**evaluated.caps, "scp": told.caps["scp"]})
    if told.caps["scp"] or found.decision != "allowed":
        return found
    return replace(found, decision="implicit-deny", by="scp")


def _evaluated(
    here: WorkloadAccount,
    role: str,
    asked: tuple[Asked, ...],
    carried: Carried,
    contexts: Contexts,
) -> tuple[Permission, ...]:
    """Decide as IAM would, on all that the role carries."""
    documents = [p.document for p in carried.policies]
    boundary = carried.boundary.document if carried.boundary else None

    def judged(action: str, resource: str) -> Permission:
        # As if the resource were the account's own: what its owner says is another question.
        owner = resource.split(":")[4] if resource != "*" else here.account
        context: dict[str, str | tuple[str, ...]] = {
            "aws:ResourceAccount": owner,
            "aws:SecureTransport": "true",
        }
        region = region_of(resource, asked)
        context |= {"aws:RequestedRegion": region} if region else {}
        keys = contexts.get(resource, {})
        context |= {k: v[0] if len(v) == 1 else v for k, v in keys.items()}
        request = policy.Request(role, action, resource, context, resource_account=here.account)
        ruling = policy.decide(
            request, identity=documents, boundary=boundary, has_resource_policy=False
        )
        by = ruling.by if ruling.by in (None, "identity") else "boundary"  # nothing else was asked
        cap = policy.identity(request, [boundary]).decision if boundary else Decision.UNDECIDED
        caps = {} if cap is Decision.UNDECIDED else {"boundary": cap is Decision.ALLOWED}
        return Permission(action, resource, ruling.decision.value, by, ruling.keys, caps)

    return tuple(judged(action, resource) for action, resource in asked)


def _carried(here: WorkloadAccount, role: str) -> Carried:
    """Read all policies of *role*, and its boundary."""
    readings: tuple[Callable[[], Any], ...] = (
        lambda: _managed(here, role),
        lambda: [NamedPolicy(name, document) for name, document in inline_of(here, role)],
        lambda: _boundary(here, role),
    )
    try:
        managed, inline, boundary = together(*readings)
    except NotFound:
        raise CannotTell(f"a policy of role {role} is gone") from None
    return Carried((*managed, *inline), boundary)


def _managed(here: WorkloadAccount, role: str) -> list[NamedPolicy]:
    def read(arn: str) -> NamedPolicy:
        return NamedPolicy(arn, managed_document(here, arn))

    return together(*(lambda a=arn: read(a) for arn in managed_of(here, role)))


def _boundary(here: WorkloadAccount, role: str) -> NamedPolicy | None:
    found = here.call(Call("iam", "get_role", {"RoleName": role}))["Role"]
    arn = found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return NamedPolicy(arn, managed_document(here, arn)) if arn else None
