"""The policy of the whole registry, which governs every action in its scope V2, denies the pull.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.facts import (
    Circumstances,
    ImageReference,
    PullingRole,
    Recorded,
    RegistryPolicy,
    RepositoryPolicy,
)
from bot.model import JSON, Call, Cause, Confirmed, RuledOut, Undecided, Unknown, Verdict
from bot.policy import Decision, Ruling
from bot.pulling import needed
from bot.sharing import by_repository, seen_by, undecided

SCOPE = "whether the registry policy governs pulls is not known"


def decide(
    image: ImageReference,
    who: PullingRole | Unknown,
    registry: RegistryPolicy,
    recorded: Recorded | Unknown,
    circumstances: Circumstances | Unknown,
) -> Verdict:
    seen = {
        "registry": image.account,
        "region": image.region,
        "repository": image.repository,
        "role": None if isinstance(who, Unknown) else who.name,
    }
    if image.registry != "ecr" or registry.document is None or registry.scope == "V1":
        return RuledOut(seen)
    if isinstance(who, Unknown):
        return Undecided((who,))
    if who.arn is None or (who.kind == "execution-role" and not who.exists):
        return RuledOut(seen)  # nobody pulls yet whom a policy could refuse
    document = RepositoryPolicy(registry.document)
    around = seen_by(circumstances)
    return _judged(
        seen, registry, by_repository(image, who.arn, document, needed(recorded), around)
    )


def _judged(
    seen: dict[str, JSON], registry: RegistryPolicy, rulings: Mapping[str, Ruling]
) -> Verdict:
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
    registries=("ecr",),
    decide=decide,
    advise=advise,
)
