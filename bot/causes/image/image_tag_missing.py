"""The repository exists, but not the tag that the task asks for.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html
"""

from __future__ import annotations

from bot.caching import rule_of
from bot.facts import (
    AskedImage,
    CacheRules,
    Choice,
    ImageReference,
    Repository,
    Service,
    Tags,
    TaskDefinition,
)
from bot.model import Call, Cause, Confirmed, Plan, RuledOut, Unknown, Verdict
from bot.references import in_ecr, replaced, tagged, tagged_images
from bot.steps import with_images
from bot.tags import nearest

NEWEST_SHOWN = 3


def decide(
    image: ImageReference,
    repository: Repository,
    asked: AskedImage,
    tags: Tags | Unknown,
    rules: CacheRules,
) -> Verdict:
    seen = {"repository": image.repository, "tag": image.tag, "registry": image.registry}
    if not in_ecr(image) or not repository.exists or image.digest or not image.tag:
        return RuledOut(seen)
    if rule_of(rules, image.repository) is not None:
        return RuledOut(seen)  # a cache fetches what it does not have
    known = () if isinstance(tags, Unknown) else tags.items
    if asked.exists or image.tag in (t.tag for t in known):
        return RuledOut(seen)
    return Confirmed(
        {
            "repository": image.repository,
            "tag": image.tag,
            "container": image.container,
            "account": image.account,
            "region": image.region,
            "similar": list(nearest(image.tag, known)),
            "newest": [t.tag for t in known][:NEWEST_SHOWN],
            "listed": not isinstance(tags, Unknown),
        }
    )


def choices(image: ImageReference, tags: Tags | Unknown) -> tuple[str, ...]:
    if isinstance(tags, Unknown) or not image.tag:
        return ()
    return nearest(image.tag, tags.items)


def plan(
    service: Service,
    definition: TaskDefinition,
    image: ImageReference,
    tags: Tags | Unknown,
    choice: Choice,
) -> Plan | None:
    names = choices(image, tags)
    picked = choice.name or next(iter(names), None)
    if picked is None or picked not in names:
        return None
    return with_images(service, definition, replaced(image, definition, tagged(image, picked)))


def advise(image: ImageReference) -> tuple[Call, ...]:
    """List the tags that are there."""
    return (tagged_images(image),)


CAUSE = Cause(
    id="image-tag-missing",
    group="image",
    stage="S4",
    families=("image-or-tag-not-found",),
    registries=("ecr",),
    decide=decide,
    plan=plan,
    choices=choices,
    advise=advise,
)
