"""A lifecycle rule of the repository removed the image that the task still asks for.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
"""

from __future__ import annotations

from bot.facts import (
    AskedImage,
    Expiry,
    ImageReference,
    LifecycleRules,
    Repository,
)
from bot.model import Call, Cause, Confirmed, RuledOut, Undecided, Unknown, Verdict
from bot.references import in_ecr, tagged_images


def decide(
    image: ImageReference,
    repository: Repository,
    asked: AskedImage,
    expiry: Expiry,
    rules: LifecycleRules | Unknown,
) -> Verdict:
    seen = {"repository": image.repository, "container": image.container, "region": image.region}
    if not in_ecr(image) or not repository.exists or asked.exists:
        return RuledOut(seen)
    if expiry.at is None:
        because = "only the newest lifecycle events were read"
        return RuledOut(seen) if expiry.whole else Undecided((Unknown("Expiry", because),))
    return Confirmed(
        {
            **seen,
            "account": image.account,
            "what": image.digest or image.tag,
            "at": expiry.at.date().isoformat(),
            "rule": expiry.priority,
            "description": expiry.description,
            "by_count": expiry.by_count,
            "number": expiry.number,
            "again": None if isinstance(rules, Unknown) else expiry.priority in rules.expiring,
        }
    )


def advise(image: ImageReference) -> tuple[Call, ...]:
    """Read the rules, see without harm what they would remove next, and list what is left."""
    where = {"registryId": image.account, "repositoryName": image.repository}
    return (
        Call("ecr", "get_lifecycle_policy", where),
        Call("ecr", "start_lifecycle_policy_preview", where),
        Call("ecr", "get_lifecycle_policy_preview", where),
        tagged_images(image),
    )


CAUSE = Cause(
    id="image-expired",
    group="image",
    stage="S4",
    families=("image-or-tag-not-found",),
    registries=("ecr",),
    decide=decide,
    advise=advise,
    explains=("image-tag-missing", "image-digest-missing"),
)
