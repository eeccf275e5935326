"""A cache has yet to bring the image, and the role may not create its repository or import into it.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-iam.html
"""

from __future__ import annotations

from bot.caching import Attempt, attempted
from bot.facts import GrantedBefore, Service
from bot.model import Call, Cause, Confirmed, Plan, RuledOut, Undecided, Unknown, Verdict
from bot.remedies import extended, on_repositories
from bot.steps import then_redeploy


@attempted
def decide(at: Attempt) -> Verdict:
    image, found = at.image, at.import_
    seen = {"image": image.written, "repository": image.repository, "registry": image.account}
    if at.rule is None or at.who == "instance-role":
        return RuledOut(seen)
    if isinstance(at.role, Unknown):
        return Undecided((at.role,))
    if not at.role.exists:
        return RuledOut(seen)
    if not found.refused:
        return Undecided(found.unknown) if found.unknown else RuledOut(seen)
    if isinstance(at.who, Unknown):
        return Undecided((at.who,))
    return Confirmed(
        {
            **seen,
            "kind": "stopped" if found.stopped else "unshared" if found.unshared else "lacks",
            "prefix": at.rule.prefix,
            "upstream": at.rule.host,
            "role": at.role.name,
            "account": at.subject.account,
            "actions": list(found.refused),
        }
    )


@attempted
def plan(at: Attempt, service: Service, before: GrantedBefore) -> Plan | None:
    """Allow the role to import under the prefix of the rule; a Deny, and other registries, stay."""
    found = at.import_
    if at.rule is None or not found.lacked or found.stopped or found.unshared:
        return None
    if isinstance(at.role, Unknown):
        return None
    resource = on_repositories(at.image, at.rule.prefix)
    step = extended(at.subject, at.role, before, "EcrImport", found.lacked, resource)
    return Plan(then_redeploy(step, service=service), "medium") if step else None


@attempted
def advise(at: Attempt) -> tuple[Call, ...]:
    """Look at the registry's own policy, which may allow it as well, or has to."""
    calls = (Call("ecr", "get_registry_policy", {}),)
    missing = at.import_.unshared
    if not missing or isinstance(at.role, Unknown):
        return calls
    text = f"<that policy with a statement that allows {', '.join(missing)} to {at.role.arn}>"
    return (*calls, Call("ecr", "put_registry_policy", {"policyText": text}))


CAUSE = Cause(
    id="pull-through-cache-denied",
    group="registry",
    stage="S4",
    families=(
        "pull-through-cache-failure",
        "repository-not-found",
        "image-or-tag-not-found",
        "ecr-auth-permission",
        "repository-policy-denied",
    ),
    registries=("ecr",),
    decide=decide,
    plan=plan,
    advise=advise,
)
