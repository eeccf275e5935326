"""What the policy of a repository gives to the role that pulls. Pure.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from bot import policy
from bot.facts import (
    Circumstances,
    ExecutionRole,
    ImageReference,
    PullingRole,
    RepositoryPolicy,
    Seen,
)
from bot.model import Unknown
from bot.permissions import partition
from bot.policy import Decision, Request, Ruling

NOTHING_SEEN = Seen()


def seen_by(circumstances: Circumstances | Unknown) -> Seen:
    """Return what is known of the requests for the image."""
    return NOTHING_SEEN if isinstance(circumstances, Unknown) else circumstances.image


def repository_arn(image: ImageReference) -> str:
    """Return the ARN of the repository that *image* names."""
    where = f"{partition(image.region or '')}:ecr:{image.region}:{image.account}"
    return f"arn:{where}:repository/{image.repository}"


def by_repository(
    image: ImageReference,
    role: str,
    found: RepositoryPolicy,
    actions: Iterable[str],
    seen: Seen = NOTHING_SEEN,
) -> dict[str, Ruling]:
    """Return what the repository's policy decides on each action if the role's own allow all.

    *seen* is what ECR sees of the requests, beyond their Region.
    """
    asked = _requests(image, role, actions, seen)
    return {
        r.action: policy.decide(r, identity=[policy.ANYTHING], resource_policy=found.document)
        for r in asked
    }


def granted(
    image: ImageReference,
    role: ExecutionRole | PullingRole,
    found: RepositoryPolicy | Unknown,
    actions: Collection[str],
    seen: Seen = NOTHING_SEEN,
) -> tuple[tuple[str, ...], tuple[Unknown, ...]]:
    """Return the actions that the repository alone gives to the role, and what leaves that open.

    In one account its policy suffices; across accounts it never does.
    """
    if (role.arn or "").split(":")[4:5] != [image.account]:
        return (), ()
    if isinstance(found, Unknown):
        return (), (found,)
    rulings = [
        (r.action, policy.decide(r, identity=[], resource_policy=found.document))
        for r in _requests(image, role.arn or "", actions, seen)
    ]
    given = tuple(a for a, ruling in rulings if ruling.decision is Decision.ALLOWED)
    return given, tuple(
        undecided(ruling) for _, ruling in rulings if ruling.decision is Decision.UNDECIDED
    )


def undecided(ruling: Ruling) -> Unknown:
    """Return why the repository's policy leaves a pull open."""
    keys = ", ".join(ruling.keys)
    because = f"condition key {keys} unknown" if keys else "its policy cannot be read in full"
    return Unknown("RepositoryPolicy", because)


def _requests(
    image: ImageReference, role: str, actions: Iterable[str], seen: Seen
) -> list[Request]:
    context = {"aws:SecureTransport": "true", "aws:RequestedRegion": image.region or ""}
    known, arn = {**context, **seen.known}, repository_arn(image)
    return [Request(role, a, arn, known, absent=seen.absent) for a in actions]
