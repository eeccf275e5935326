"""The digest that the task asks for is gone: the tag moved on and the old image was removed.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
"""

from __future__ import annotations

from bot.facts import AskedImage, ImageReference, Repository, Service, Tags, TaskDefinition
from bot.model import Call, Cause, Confirmed, Plan, RuledOut, Unknown, Verdict
from bot.references import in_ecr, replaced, tagged, tagged_images, written
from bot.steps import deploys, redeploy, with_images


def decide(
    image: ImageReference,
    repository: Repository,
    asked: AskedImage,
    definition: TaskDefinition,
    tags: Tags | Unknown,
) -> Verdict:
    seen = {"repository": image.repository, "digest": image.digest, "container": image.container}
    if not in_ecr(image) or not repository.exists or not image.digest or asked.exists:
        return RuledOut(seen)
    tag = _tag(image, definition)
    return Confirmed(
        {
            **seen,
            "tag": tag,
            "now": _now(tag, tags),
            "listed": not isinstance(tags, Unknown),
            "pinned_by": "definition" if _pinned(image, definition) else "deployment",
        }
    )


def plan(
    service: Service, definition: TaskDefinition, image: ImageReference, tags: Tags | Unknown
) -> Plan | None:
    """Take what the tag points to now: resolved anew by ECS, or as the new pin."""
    tag = _tag(image, definition)
    digest = _now(tag, tags)
    if not tag or not digest:
        return None
    if not _pinned(image, definition):
        return Plan((redeploy(service),), "high") if deploys(service) else None
    renewed = replaced(image, definition, f"{tagged(image, tag)}@{digest}")
    return with_images(service, definition, renewed, risk="high")


def advise(image: ImageReference) -> tuple[Call, ...]:
    """List what is there."""
    return (tagged_images(image),)


def _pinned(image: ImageReference, definition: TaskDefinition) -> bool:
    return "@" in written(image, definition)


def _tag(image: ImageReference, definition: TaskDefinition) -> str | None:
    """Return the tag that the task definition writes; what ECS pinned may have lost it."""
    name = written(image, definition).partition("@")[0].rpartition("/")[2]
    tag = name.partition(":")[2] or image.tag
    return tag or (None if _pinned(image, definition) else "latest")


def _now(tag: str | None, tags: Tags | Unknown) -> str | None:
    """Return the digest that *tag* points to now, as far as that is known."""
    items = () if isinstance(tags, Unknown) else tags.items
    return next((t.digest for t in items if t.tag == tag), None)


CAUSE = Cause(
    id="image-digest-missing",
    group="image",
    stage="S4",
    families=("image-or-tag-not-found",),
    registries=("ecr",),
    decide=decide,
    plan=plan,
    advise=advise,
)
