"""What IAM's own simulation says of a role, and what it can be told of the request beforehand.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from bot.aws.accounts import WorkloadAccount
from bot.aws.client import NotFound, together
from bot.facts import Permission
from bot.model import Call, CannotTell

Asked = tuple[str, str]  # action, resource
Contexts = Mapping[str, Mapping[str, tuple[str, ...]]]  # resource -> condition keys of a request
Decided = Literal["allowed", "implicit-deny", "explicit-deny", "undecided"]
DECISIONS: Mapping[str, Decided] = {
    "allowed": "allowed",
    "implicitDeny": "implicit-deny",
    "explicitDeny": "explicit-deny",
}


def simulated(
    here: WorkloadAccount, role: str, asked: tuple[Asked, ...], contexts: Contexts
) -> tuple[Permission, ...]:
    """Ask once for each resource, because only then is all of the answer about that resource."""
    resources = dict.fromkeys(resource for _, resource in asked)

    def about(resource: str) -> list[Any]:
        params = {
            "PolicySourceArn": role,
            "ActionNames": [action for action, of in asked if of == resource],
            "ResourceArns": [resource],
            "ContextEntries": _context(
                role, region_of(resource, asked), contexts.get(resource, {})
            ),
        }
        return here.pages(Call("iam", "simulate_principal_policy", params), "EvaluationResults")

    try:
        said = together(*(lambda r=resource: about(r) for resource in resources))
    except NotFound:
        raise CannotTell(f"role {role} does not exist") from None
    by_resource = dict(zip(resources, said, strict=True))
    return tuple(_simulation(a, r, by_resource[r]) for a, r in asked)


def region_of(resource: str, asked: tuple[Asked, ...]) -> str:
    """Return where *resource* is asked for; the login goes where the repository is."""
    named = (r.split(":")[3] for r in (resource, *(r for _, r in asked)) if r.count(":") > 3)
    return next(named, "")


def _context(role: str, region: str, more: Mapping[str, tuple[str, ...]]) -> list[dict[str, Any]]:
    """Return what is known of any request: IAM tells what its own answer lacks, but not what an SCP's."""
    known = {
        "aws:PrincipalArn": (role,),
        "aws:RequestedRegion": (region,) if region else (),
        "aws:SecureTransport": ("true",),
        **more,
    }
    kinds = {"aws:PrincipalArn": "string", "aws:SecureTransport": "boolean"}
    return [
        {"ContextKeyName": k, "ContextKeyValues": list(v), "ContextKeyType": kinds.get(k, "string")}
        for k, v in known.items()
        if v
    ]


def _simulation(action: str, resource: str, said: Iterable[Mapping[str, Any]]) -> Permission:
    """Find the decision on *action*; its name of the resource may be that of a template."""
    found = next((r for r in said if r["EvalActionName"].lower() == action.lower()), None)
    if found is None:
        return Permission(action, resource, "undecided")
    return _permission(action, resource, found)


def _permission(action: str, resource: str, said: Mapping[str, Any]) -> Permission:
    """Read one result. What concerns a single resource stands with it, not with the whole."""
    (one, *others) = said.get("ResourceSpecificResults") or [{}]
    one = {} if others else one
    decided = one.get("EvalResourceDecision", said["EvalDecision"])
    decision = DECISIONS.get(decided, "undecided")
    keys = tuple(
        dict.fromkeys((*said.get("MissingContextValues", ()), *one.get("MissingContextValues", ())))
    )
    caps = _caps(said, one)
    if decision != "allowed" and keys:  # a condition on the request, which a simulation has not
        return Permission(action, resource, "undecided", None, keys, caps)
    by = next((name for name in ("scp", "boundary") if caps.get(name) is False), "identity")
    return Permission(action, resource, decision, by, keys, caps)


def _caps(said: Mapping[str, Any], one: Mapping[str, Any]) -> dict[str, bool]:
    """Return what the answer tells of the organization and of the boundary: whether each allows it."""
    name = "PermissionsBoundaryDecisionDetail"
    told = {
        "scp": said.get("OrganizationsDecisionDetail", {}).get("AllowedByOrganizations"),
        "boundary": (one.get(name) or said.get(name, {})).get("AllowedByPermissionsBoundary"),
    }
    return {cap: bool(allowed) for cap, allowed in told.items() if allowed is not None}
