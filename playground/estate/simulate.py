"""iam:SimulatePrincipalPolicy and SimulateCustomPolicy, which moto does not have.

As the API does: no resource policies for roles, the truth per resource in
ResourceSpecificResults, and a template of an ARN as the name of the whole result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from playground.estate import authority, policy
from playground.estate.calls import Request
from playground.estate.identity import Refused
from playground.estate.policy import Asked, Document

ACTIONS = ("iam:SimulatePrincipalPolicy", "iam:SimulateCustomPolicy")
NAMES = {"Allow": "allowed", "ImplicitDeny": "implicitDeny", "Deny": "explicitDeny"}


@dataclass(frozen=True, slots=True)
class Simulated:
    """The policies to judge by; *boundary* is None where there is none."""

    documents: tuple[Document, ...]
    boundary: tuple[Document, ...] | None
    context: Mapping[str, tuple[str, ...]]
    scps: tuple[Document, ...] = ()


def simulate(request: Request, account: str) -> bytes:
    """Return the answer as XML; raises Refused for an entity that is not there."""
    case = _case(request, account)
    resources = request.texts("ResourceArns") or ("*",)
    results = "".join(_result(case, a, resources) for a in request.texts("ActionNames"))
    name = request.action.partition(":")[2]
    return (
        f'<{name}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><{name}Result>'
        f"<IsTruncated>false</IsTruncated><EvaluationResults>{results}</EvaluationResults>"
        f"</{name}Result></{name}Response>"
    ).encode()


def _case(request: Request, account: str) -> Simulated:
    given = tuple(policy.parse(t) for t in request.texts("PolicyInputList"))
    boundary = tuple(policy.parse(t) for t in request.texts("PermissionsBoundaryPolicyInputList"))
    context = _context(request)
    source = request.text("PolicySourceArn")
    if source is None:
        return Simulated(given, boundary or None, context)
    entity = _entity(source, account)
    own = getattr(entity, "permissions_boundary_arn", None)
    if own and not boundary:
        boundary = authority.boundary(entity, account)
    context = {"aws:principalarn": (source,), "aws:principalaccount": (account,), **context}
    documents = (*authority.documents(entity, account), *given)
    return Simulated(documents, boundary or None, context, authority.scps(account))


def _entity(arn: str, account: str) -> Any:
    from moto.iam.models import iam_backends

    iam = iam_backends[account]["aws"]
    entities = [*iam.roles.values(), *iam.users.values()]
    found = next((e for e in entities if e.arn == arn), None)
    if found is None or arn.split(":")[4] != account:
        raise Refused("NoSuchEntity", f"The entity with ARN {arn} cannot be found.", 404)
    return found


def _context(request: Request) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, key in request.fields.items():
        if name.startswith("ContextEntries.member.") and name.endswith(".ContextKeyName"):
            values = request.texts(name.removesuffix("Name") + "Values")
            found[str(key).lower()] = values
    return found


def _result(case: Simulated, action: str, resources: tuple[str, ...]) -> str:
    each = {r: _decide(case, action, r) for r in resources}
    worst = min(each.values(), key=("Deny", "ImplicitDeny", "Allow").index)
    missing = _missing(case)
    nothing = "<MissingContextValues></MissingContextValues>"  # that of a resource stands with it
    specific = "".join(
        f"<member><EvalResourceName>{escape(r)}</EvalResourceName><EvalResourceDecision>"
        f"{NAMES[d]}</EvalResourceDecision>{_matched(case, action, r)}{missing}</member>"
        for r, d in each.items()
    )
    return (
        f"<member><EvalActionName>{escape(action)}</EvalActionName>"
        f"<EvalResourceName>{_template(resources[0])}</EvalResourceName>"
        f"<EvalDecision>{NAMES[worst]}</EvalDecision>{_matched(case, action, resources[0])}"
        f"{missing if resources == ('*',) else nothing}"
        f"{_boundary(case, action, resources[0])}{_organization(case, action, resources[0])}"
        f"<ResourceSpecificResults>{specific}</ResourceSpecificResults></member>"
    )


def _decide(case: Simulated, action: str, resource: str) -> policy.Decision:
    limits = [c for c in (case.boundary, case.scps or None) if c is not None]
    return policy.capped(case.documents, limits, Asked(action, resource, (), case.context))


def _boundary(case: Simulated, action: str, resource: str) -> str:
    if case.boundary is None:
        return ""
    asked = Asked(action, resource, (), case.context)
    allowed = str(policy.evaluate(case.boundary, asked) == "Allow").lower()
    return (
        "<PermissionsBoundaryDecisionDetail><AllowedByPermissionsBoundary>"
        f"{allowed}</AllowedByPermissionsBoundary></PermissionsBoundaryDecisionDetail>"
    )


def _organization(case: Simulated, action: str, resource: str) -> str:
    if not case.scps:
        return ""
    asked = Asked(action, resource, (), case.context)
    allowed = str(policy.evaluate(case.scps, asked) == "Allow").lower()
    return (
        "<OrganizationsDecisionDetail><AllowedByOrganizations>"
        f"{allowed}</AllowedByOrganizations></OrganizationsDecisionDetail>"
    )


def _matched(case: Simulated, action: str, resource: str) -> str:
    asked = Asked(action, resource, (), case.context)
    found = [
        f"<member><SourcePolicyId>policy-{n}</SourcePolicyId>"
        "<SourcePolicyType>IAM Policy</SourcePolicyType></member>"
        for n, document in enumerate(case.documents)
        if any(policy.applies(s, asked) for s in policy.statements(document))
    ]
    return f"<MatchedStatements>{''.join(found)}</MatchedStatements>"


def _missing(case: Simulated) -> str:
    """Name the condition keys that the policies look at and nobody supplied."""
    wanted = {k for d in (*case.documents, *(case.boundary or ())) for k in policy.keys(d)}
    missing = sorted(k for k in wanted if k.lower() not in case.context)
    members = "".join(f"<member>{escape(k)}</member>" for k in missing)
    return f"<MissingContextValues>{members}</MissingContextValues>"


def _template(resource: str) -> str:
    if ":repository/" in resource:
        return "arn:${Partition}:ecr:${Region}:${Account}:repository/${RepositoryName}"
    return escape(resource)
