"""The policy of the whole registry, which governs every action in its scope V2, denies the pull.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
"""

from __future__ import annotations

from bot.facts import (
    ExecutionRole,
    ImageReference,
    Platform,
    Recorded,
    RegistryPolicy,
    RepositoryPolicy,
)
from bot.model import JSON, Call, Cause, Confirmed, RuledOut, Undecided, Unknown, Verdict
from bot.policy import Decision
from bot.pulling import by_repository, needed, puller, undecided, who_pulls

SCOPE = "whether the registry policy governs pulls is not known"


def decide(
    image: ImageReference,
    role: ExecutionRole,
    platform: Platform | Unknown,
    registry: RegistryPolicy,
    recorded: Recorded | Unknown,
) -> Verdict:
    who = puller(platform, role, recorded)
    arn = who_pulls(who, role, recorded)
    seen = {
        "registry": image.account,
        "region": image.region,
        "repository": image.repository,
        "role": (arn or "").rpartition("/")[2] or None,
    }
    if image.registry != "ecr" or registry.document is None or registry.scope == "V1":
        return RuledOut(seen)
    if isinstance(who, Unknown):
        return Undecided((who,))
    if arn is None:
        return RuledOut(seen)  # nobody pulls yet whom a policy could refuse
    return _judged(seen, image, arn, registry, needed(recorded))


def _judged(
    seen: dict[str, JSON],
    image: ImageReference,
    arn: str,
    registry: RegistryPolicy,
    actions: tuple[str, ...],
) -> Verdict:
    rulings = by_repository(image, arn, RepositoryPolicy(registry.document), actions)
    denied = {a: r for a, r in rulings.items() if r.decision is Decision.EXPLICIT_DENY}
    if denied and registry.scope != "V2":
        return Undecided((Unknown("RegistryPolicy", SCOPE),))
    if denied:
        statement = next(iter(denied.values())).statement
        return Confirmed({**seen, "actions": list(denied), "statement": statement})
    open_ = [undecided(r) for r in rulings.values() if r.decision is Decision.UNDECIDED]
    doubts = tuple(dict.fromkeys(Unknown("RegistryPolicy", u.because) for u in open_))
    return Undecided(doubts) if doubts else RuledOut(seen)


def advise() -> tuple[Call, ...]:
    """Read the policy in the registry's account, and put it back as its owner wants it."""
    text = "<that policy without the statement, or with an exception for the role>"
    return (
        Call("ecr", "get_registry_policy", {}),
        Call("ecr", "put_registry_policy", {"policyText": text}),
    )


CAUSE = Cause(
    id="registry-policy-denies",
    group="registry",
    stage="S4",
    until="S5",
    families=("repository-policy-denied", "ecr-auth-permission"),
    decide=decide,
    advise=advise,
)
