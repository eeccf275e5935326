"""The repository's own policy keeps the role out: it lets no foreign account in, or denies.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from bot import policy
from bot.facts import (
    Circumstances,
    ImageReference,
    PullingRole,
    Recorded,
    RegistryPolicy,
    Repository,
    RepositoryPolicy,
    Seen,
    Service,
    Subject,
)
from bot.model import JSON, Call, Cause, Confirmed, Plan, RuledOut, Undecided, Unknown, Verdict
from bot.policy import PULL_ACTIONS, Decision, Ruling
from bot.policy_steps import repository_policy
from bot.pulling import needed, refusal, repository_arn
from bot.sharing import by_repository, seen_by, undecided
from bot.steps import then_redeploy


def decide(
    subject: Subject,
    image: ImageReference,
    who: PullingRole | Unknown,
    repository: Repository | Unknown,
    found: RepositoryPolicy | Unknown,
    recorded: Recorded | Unknown,
    circumstances: Circumstances | Unknown,
    registry: RegistryPolicy | Unknown,
) -> Verdict:
    pulls = who if isinstance(who, PullingRole) else None
    seen = {
        "repository": image.repository,
        "registry": image.account,
        "account": subject.account,
        "role": pulls.name if pulls else None,
    }
    if image.registry != "ecr" or (isinstance(repository, Repository) and not repository.exists):
        return RuledOut(seen)
    if isinstance(who, Unknown) or who.arn is None or _nobody(who):
        return _unjudged(seen, who)
    if isinstance(found, Unknown):
        return _recorded(seen, subject, image, recorded) or Undecided((found,))
    actions, around = needed(recorded), seen_by(circumstances)
    rulings = by_repository(image, who.arn, found, actions, around)
    verdict = _judged({**seen, "fixable": who.exists}, found, rulings)
    lacks = isinstance(verdict, Confirmed) and verdict.proof["kind"] != "denies"
    told = refusal(recorded, "resource")  # that neither policy allows it
    shared = lacks and not told and _shared(found, registry, image, who.arn, actions, around)
    return shared or verdict


def _nobody(who: PullingRole) -> bool:
    return who.kind == "execution-role" and not who.exists


def _unjudged(seen: dict[str, JSON], who: PullingRole | Unknown) -> Verdict:
    if isinstance(who, Unknown):
        return Undecided((who,))
    if _nobody(who):
        return RuledOut({**seen, "no_role": True})  # nobody pulls yet whom a policy could refuse
    return Undecided((Unknown("PullingRole", "there is no role to judge the policy for"),))


def _judged(
    seen: dict[str, JSON], found: RepositoryPolicy, rulings: Mapping[str, Ruling]
) -> Verdict:
    absent = "absent" if found.document is None else "lacks"
    for kind, decision in (("denies", Decision.EXPLICIT_DENY), (absent, Decision.IMPLICIT_DENY)):
        refused = [a for a, r in rulings.items() if r.decision is decision]
        if refused:
            return Confirmed({**seen, "kind": kind, "actions": refused, "how": "evaluated"})
    open_ = [undecided(r) for r in rulings.values() if r.decision is Decision.UNDECIDED]
    return Undecided(tuple(dict.fromkeys(open_))) if open_ else RuledOut(seen)


def _shared(
    found: RepositoryPolicy,
    registry: RegistryPolicy | Unknown,
    image: ImageReference,
    arn: str,
    actions: tuple[str, ...],
    seen: Seen,
) -> Verdict | None:
    """Ask whether the registry's policy shares what the repository's does not; None: it does not."""
    if isinstance(registry, Unknown):
        return Undecided((registry,))
    if registry.document is None or registry.scope == "V1":
        return None
    both = RepositoryPolicy(policy.joined(found.document, registry.document))
    rulings = by_repository(image, arn, both, actions, seen).values()
    if all(r.decision is Decision.ALLOWED for r in rulings):
        return RuledOut({"repository": image.repository, "registry": image.account})
    open_ = any(r.decision is Decision.UNDECIDED for r in rulings)
    because = "its policy cannot be read in full"
    return Undecided((Unknown("RegistryPolicy", because),)) if open_ else None


def _recorded(
    seen: dict[str, JSON], subject: Subject, image: ImageReference, recorded: Recorded | Unknown
) -> Verdict | None:
    """Take the word of ECS for a policy that may not be read."""
    said = refusal(recorded, "resource")
    foreign = image.account != subject.account
    if said is None or said.action not in PULL_ACTIONS or not (foreign or said.explicit):
        return None
    if said.resource and said.resource != repository_arn(image):
        return None
    kind = "denies" if said.explicit else "lacks"
    told = {"kind": kind, "actions": [said.action], "how": "recorded", "fixable": False}
    return Confirmed({**seen, **told})


def plan(
    subject: Subject,
    service: Service,
    image: ImageReference,
    who: PullingRole,
    repository: Repository,
    found: RepositoryPolicy,
    recorded: Recorded | Unknown,
    circumstances: Circumstances | Unknown,
    registry: RegistryPolicy | Unknown,
) -> Plan | None:
    """Let the role in by one statement; a Deny is somebody's decision, and stays."""
    verdict = decide(subject, image, who, repository, found, recorded, circumstances, registry)
    if not isinstance(verdict, Confirmed) or verdict.proof["kind"] == "denies":
        return None
    if not verdict.proof["fixable"] or who.arn is None:
        return None
    document = policy.allowing(found.document, who.arn, PULL_ACTIONS)
    step = repository_policy(image, repository, found, document)
    return Plan(then_redeploy(step, service=service), "medium")


def advise(
    image: ImageReference, who: PullingRole | Unknown, found: RepositoryPolicy | Unknown
) -> tuple[Call, ...]:
    """Read the policy in the registry's account, and let the role in there."""
    named = {"registryId": image.account, "repositoryName": image.repository}
    calls = [Call("ecr", "get_repository_policy", named)]
    if isinstance(found, Unknown) and isinstance(who, PullingRole) and who.exists:
        statement = policy.allowing(None, who.arn or "", PULL_ACTIONS)["Statement"][0]
        text = f"<that policy with this statement added> {json.dumps(statement)}"
        calls.append(Call("ecr", "set_repository_policy", {**named, "policyText": text}))
    return tuple(calls)


CAUSE = Cause(
    id="repository-policy-denies",
    group="registry",
    stage="S4",
    until="S5",
    families=("repository-policy-denied", "ecr-auth-permission", "repository-not-found"),
    registries=("ecr",),
    decide=decide,
    plan=plan,
    advise=advise,
)
