"""Who somebody is to IAM, and whether they may: identity, boundary, session and resource policies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playground.estate import policy
from playground.estate.policy import Asked, Document
from playground.estate.world import WORLD

Context = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Principal:
    """A user or a role session. *limits* are (name, documents) that must allow as well."""

    arn: str
    account: str
    names: tuple[str, ...]
    documents: tuple[Document, ...]
    limits: tuple[tuple[str, tuple[Document, ...]], ...] = ()
    context: Context = field(default_factory=dict)

    @property
    def delegates(self) -> tuple[str, ...]:
        """Return the names by which its whole account is meant."""
        return (f"arn:aws:iam::{self.account}:root", self.account)


@dataclass(frozen=True, slots=True)
class Attached:
    """The policy of the resource, and the account that owns it; *document* is None for none."""

    owner: str
    document: Document | None


def refusal(
    who: Principal,
    action: str,
    resource: str,
    context: Context | None = None,
    attached: Attached | None = None,
) -> str | None:
    """Return why IAM refuses, in the words AWS ends its sentence with; None when it allows."""
    keys = {**who.context, **(context or {})}
    asked = Asked(action, resource, (), keys)
    verdicts = {"identity-based policy": policy.evaluate(who.documents, asked)}
    verdicts |= {name: policy.evaluate(documents, asked) for name, documents in who.limits}
    shared = attached or Attached(who.account, None)
    everybody = Asked(action, resource, (*who.names, *who.delegates), keys)
    verdicts["resource-based policy"] = _attached(shared, everybody)
    for name, verdict in verdicts.items():
        if verdict == "Deny":
            return f"with an explicit deny in {_article(name)} {name}"
    if shared.owner == who.account:  # either of them is enough
        del verdicts["resource-based policy"]
        if _attached(shared, Asked(action, resource, who.names, keys)) == "Allow":
            verdicts["identity-based policy"] = "Allow"
        if _attached(shared, Asked(action, resource, (who.arn,), keys)) == "Allow":
            verdicts = {k: v for k, v in verdicts.items() if k not in PASSED_BY}
    for name, verdict in verdicts.items():
        if verdict != "Allow":
            return f"because no {name} allows the {action} action"
    return None


# What a resource policy that names the session itself is not held back by.
PASSED_BY = ("permissions boundary", "session policy")


def _attached(attached: Attached, asked: Asked) -> policy.Decision:
    return policy.evaluate([attached.document or policy.NOTHING], asked)


def sentence(who: Principal, action: str, resource: str, why: str) -> str:
    """Return the whole refusal as AWS words it."""
    said = f"User: {who.arn} is not authorized to perform: {action} on resource: {resource}"
    return f"{said} {why}".rstrip()


def trusts(trust: Document, who: Principal, action: str, context: Context) -> bool:
    """Tell whether a role's trust policy lets *who* in."""
    keys = {**who.context, **context}
    names = (*who.names, *who.delegates)
    return policy.evaluate([trust], Asked(action, "*", names, keys)) == "Allow"


def role_session(role: Any, session: str, account: str) -> Principal:
    """Return what somebody who assumed *role* is; *role* is moto's."""
    arn = f"arn:aws:sts::{account}:assumed-role/{role.name}/{session}"
    own = role.tags.values() if isinstance(role.tags, dict) else role.tags or []
    tags = {f"aws:principaltag/{t['Key'].lower()}": (t["Value"],) for t in own}
    limits = [("permissions boundary", boundary(role, account))] if _boundary(role) else []
    limits += [("service control policy", found)] if (found := scps(account)) else []
    context = {"aws:principalarn": (role.arn,), "aws:principalaccount": (account,), **tags}
    names = (arn, role.arn)
    return Principal(arn, account, names, documents(role, account), tuple(limits), context)


def documents(owner: Any, account: str) -> tuple[Document, ...]:
    """Return all identity policies of a user or role of moto's: inline and attached."""
    texts = [*owner.policies.values(), *(managed(a, account) for a in owner.managed_policies)]
    return tuple(policy.parse(t) for t in texts)


def boundary(role: Any, account: str) -> tuple[Document, ...]:
    """Return the documents of the permissions boundary."""
    return (policy.parse(managed(_boundary(role), account)),)


def scps(account: str) -> tuple[Document, ...]:
    """Return the service control policies of an account's organization, none where it is in none."""
    return tuple(policy.parse(text) for text in WORLD.scps.get(account, ()))


def managed(arn: str, account: str) -> str | None:
    """Return the text of a managed policy's default version."""
    from moto.iam.models import iam_backends

    found = iam_backends[account]["aws"].managed_policies.get(arn)
    return next((str(v.document) for v in found.versions if v.is_default), None) if found else None


def find_role(arn: str) -> Any:
    """Return moto's role with this ARN, or None."""
    from moto.iam.models import iam_backends

    roles = iam_backends[arn.split(":")[4]]["aws"].roles.values()
    return next((r for r in roles if r.arn == arn), None)


def _boundary(role: Any) -> str:
    return str(role.permissions_boundary_arn or "")


def _article(name: str) -> str:
    return "an" if name.startswith("i") else "a"
