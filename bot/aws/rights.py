"""May a role pull? IAM's own simulation says; where it must not be asked, we evaluate the policies."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from bot import policy
from bot.aws.accounts import WorkloadAccount
from bot.aws.client import NotFound, together
from bot.aws.ecs import short
from bot.aws.iam import inline_of, managed_document, managed_of
from bot.facts import (
    Document,
    ExecutionRole,
    ExecutionRolePermissions,
    ImageReference,
    Permission,
    RegistrySecret,
    TaskRole,
    TaskRolePermissions,
)
from bot.model import Call, CannotTell, Unknown
from bot.permissions import partition

LOGIN = "ecr:GetAuthorizationToken"
PULL = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability")
READ_SECRET = "secretsmanager:GetSecretValue"  # noqa: S105 - the name of an action

How = Literal["simulated", "evaluated"]
Asked = tuple[str, str]  # action, resource
Contexts = Mapping[
    str, Mapping[str, tuple[str, ...]]
]  # resource -> the condition keys of a request
MANY = 8  # resources: for more of them reading the policies takes fewer calls than simulating
Decided = Literal["allowed", "implicit-deny", "explicit-deny", "undecided"]
DECISIONS: Mapping[str, Decided] = {
    "allowed": "allowed",
    "implicitDeny": "implicit-deny",
    "explicitDeny": "explicit-deny",
}


def execution_role_permissions(
    here: WorkloadAccount,
    role: ExecutionRole,
    image: ImageReference,
    secret: RegistrySecret | Unknown,
) -> ExecutionRolePermissions:
    if not role.exists or role.arn is None:
        return ExecutionRolePermissions(())
    return ExecutionRolePermissions(*permissions(here, role.arn, _asked(image, secret)))


def task_role_permissions(
    here: WorkloadAccount,
    role: TaskRole,
    image: ImageReference,
    secret: RegistrySecret | Unknown,
) -> TaskRolePermissions:
    if not role.exists or role.arn is None:
        return TaskRolePermissions(())
    return TaskRolePermissions(*permissions(here, role.arn, _asked(image, secret)))


def _asked(image: ImageReference, secret: RegistrySecret | Unknown) -> tuple[Asked, ...]:
    asked: list[Asked] = []
    if image.registry == "ecr" and image.region is not None:
        where = f"arn:{partition(image.region)}:ecr:{image.region}:{image.account}"
        asked.append((LOGIN, "*"))
        asked += [(action, f"{where}:repository/{image.repository}") for action in PULL]
    if isinstance(secret, RegistrySecret) and secret.arn:
        asked.append((READ_SECRET, secret.arn))
    return tuple(asked)


def permissions(
    here: WorkloadAccount, role: str, asked: tuple[Asked, ...], contexts: Contexts | None = None
) -> tuple[tuple[Permission, ...], How]:
    """Return what IAM decides on all that is *asked*; *contexts* are known keys of the requests."""
    known = contexts or {}
    if not asked:
        return (), "simulated"
    if len({resource for _, resource in asked}) > MANY:
        with contextlib.suppress(CannotTell):
            return _evaluated(here, role, asked, known), "evaluated"
    try:
        simulated = _simulated(here, role, asked, known)
    except CannotTell as reason:
        if not reason.because.startswith(("denied ", "error ")):
            raise
        try:
            return _evaluated(here, role, asked, known), "evaluated"
        except CannotTell:
            raise reason from None  # the simulation needs fewer permissions
    if all(p.decision != "undecided" for p in simulated):
        return simulated, "simulated"
    try:
        return _evaluated(here, role, asked, known), "evaluated"
    except CannotTell:
        return simulated, "simulated"


def _simulated(
    here: WorkloadAccount, role: str, asked: tuple[Asked, ...], contexts: Contexts
) -> tuple[Permission, ...]:
    """Ask once for each resource, because only then is all of the answer about that resource."""
    resources = dict.fromkeys(resource for _, resource in asked)

    def about(resource: str) -> list[Any]:
        actions = [action for action, of in asked if of == resource]
        params: dict[str, Any] = {
            "PolicySourceArn": role,
            "ActionNames": actions,
            "ResourceArns": [resource],
        }
        entries = [
            {"ContextKeyName": k, "ContextKeyValues": list(v), "ContextKeyType": "string"}
            for k, v in contexts.get(resource, {}).items()
        ]
        params |= {"ContextEntries": entries} if entries else {}
        return here.pages(Call("iam", "simulate_principal_policy", params), "EvaluationResults")

    try:
        said = together(*(lambda r=resource: about(r) for resource in resources))
    except NotFound:
        raise CannotTell(f"role {role} does not exist") from None
    by_resource = dict(zip(resources, said, strict=True))
    return tuple(_simulation(a, r, by_resource[r]) for a, r in asked)


def _simulation(action: str, resource: str, said: Iterable[Mapping[str, Any]]) -> Permission:
    """Find the decision on *action*; its name of the resource may be that of a template."""
    found = next((r for r in said if r["EvalActionName"].lower() == action.lower()), None)
    if found is None:
        return Permission(action, resource, "undecided")
    return _permission(action, resource, found)


def _permission(action: str, resource: str, said: Mapping[str, Any]) -> Permission:
    decision = DECISIONS.get(said["EvalDecision"], "undecided")
    keys = tuple(said.get("MissingContextValues", ()))
    if decision != "allowed" and keys:  # a condition on the request, which a simulation has not
        return Permission(action, resource, "undecided", None, keys)
    by = "identity"
    if not said.get("OrganizationsDecisionDetail", {}).get("AllowedByOrganizations", True):
        by = "scp"
    boundary = said.get("PermissionsBoundaryDecisionDetail", {})
    if by == "identity" and not boundary.get("AllowedByPermissionsBoundary", True):
        by = "boundary"
    return Permission(action, resource, decision, by, keys)


def _evaluated(
    here: WorkloadAccount, role: str, asked: tuple[Asked, ...], contexts: Contexts
) -> tuple[Permission, ...]:
    """Read all that the role carries, and decide as IAM would."""
    name = short(role)
    readings: tuple[Callable[[], Any], ...] = (
        lambda: _managed(here, name),
        lambda: [document for _, document in inline_of(here, name)],
        lambda: _boundary(here, name),
    )
    try:
        managed, inline, boundary = together(*readings)
    except NotFound:
        raise CannotTell(f"a policy of role {role} is gone") from None

    def judged(action: str, resource: str) -> Permission:
        # As if the resource were the account's own: what its owner says is another question.
        owner = resource.split(":")[4] if resource != "*" else here.account
        context: dict[str, str | tuple[str, ...]] = {"aws:ResourceAccount": owner}
        known = contexts.get(resource, {})
        context |= {k: v[0] if len(v) == 1 else v for k, v in known.items()}
        request = policy.Request(role, action, resource, context, resource_account=here.account)
        ruling = policy.decide(
            request, identity=[*managed, *inline], boundary=boundary, has_resource_policy=False
        )
        by = ruling.by if ruling.by in (None, "identity") else "boundary"  # nothing else was asked
        return Permission(action, resource, ruling.decision.value, by, ruling.keys)

    return tuple(judged(action, resource) for action, resource in asked)


def _managed(here: WorkloadAccount, role: str) -> list[Document]:
    return together(*(lambda a=arn: managed_document(here, a) for arn in managed_of(here, role)))


def _boundary(here: WorkloadAccount, role: str) -> Document | None:
    found = here.call(Call("iam", "get_role", {"RoleName": role}))["Role"]
    arn = found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return managed_document(here, arn) if arn else None


COLLECTORS = (execution_role_permissions, task_role_permissions)
