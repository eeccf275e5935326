"""The image is in another registry, whose replication has not brought it here.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
"""

from __future__ import annotations

from bot.facts import AskedImage, ImageReference, Replication
from bot.model import Call, Cause, Confirmed, RuledOut, Verdict
from bot.references import in_ecr

UNFINISHED = ("FAILED", "IN_PROGRESS")


def decide(image: ImageReference, asked: AskedImage, replication: Replication) -> Verdict:
    seen = {"repository": image.repository, "status": replication.status}
    if not in_ecr(image) or asked.exists or replication.status not in UNFINISHED:
        return RuledOut(seen)
    return Confirmed(
        {
            **seen,
            "container": image.container,
            "what": image.digest or image.tag,
            "account": image.account,
            "region": image.region,
            "source": replication.account,
            "source_region": replication.region,
            "across": replication.account != image.account,
            "code": replication.code,
        }
    )


def advise(image: ImageReference, replication: Replication) -> tuple[Call, ...]:
    """Look again in the source; across accounts, at who may replicate into this registry."""
    wanted = {"imageDigest": image.digest} if image.digest else {"imageTag": image.tag}
    named = {"registryId": replication.account, "repositoryName": image.repository}
    status = Call("ecr", "describe_image_replication_status", {**named, "imageId": wanted})
    across = replication.account != image.account
    return (status, Call("ecr", "get_registry_policy", {})) if across else (status,)


CAUSE = Cause(
    id="image-not-replicated",
    group="image",
    stage="S4",
    families=("image-or-tag-not-found", "repository-not-found"),
    registries=("ecr",),
    decide=decide,
    advise=advise,
    explains=("image-tag-missing", "image-digest-missing", "repository-missing"),
)
