"""The image is in ECR's archive, from which nothing can be pulled.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive-image.html
"""

from __future__ import annotations

from bot.archive import ACTIVATING, ARCHIVED, restored
from bot.facts import AskedImage, ImageReference, Repository
from bot.model import Call, Cause, Confirmed, Plan, RuledOut, Verdict


def decide(image: ImageReference, repository: Repository, asked: AskedImage) -> Verdict:
    seen = {"repository": image.repository, "status": asked.status}
    gone = image.registry != "ecr" or not repository.exists or not asked.exists
    if gone or asked.status not in (ARCHIVED, ACTIVATING):
        return RuledOut(seen)
    proof = {
        **seen,
        "container": image.container,
        "account": image.account,
        "region": image.region,
        "tag": image.tag,
        "digest": asked.digest,
        "since": asked.archived_at and asked.archived_at.date().isoformat(),
    }
    return Confirmed(proof, mending=asked.status == ACTIVATING)


def plan(image: ImageReference, repository: Repository, asked: AskedImage) -> Plan | None:
    """Restore it. No deployment follows at once: it would fail while the image is on its way."""
    if asked.status != ARCHIVED or not asked.digest or not repository.exists:
        return None
    return Plan((restored(image, repository, asked.digest),), "low")


def advise(image: ImageReference, repository: Repository, asked: AskedImage) -> tuple[Call, ...]:
    """Look at its status again, and at the rule that may have archived it."""
    where = {"registryId": image.account, "repositoryName": repository.name}
    ids = [{"imageDigest": asked.digest}]
    return (
        Call("ecr", "describe_images", {**where, "imageIds": ids}),
        Call("ecr", "get_lifecycle_policy", where),
    )


CAUSE = Cause(
    id="image-archived",
    group="image",
    stage="S4",
    families=("image-or-tag-not-found",),
    registries=("ecr",),
    decide=decide,
    plan=plan,
    advise=advise,
)
