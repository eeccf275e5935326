"""The registry that the image names has no repository of this name.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html
"""

from __future__ import annotations

from bot.caching import rule_of
from bot.facts import (
    CacheRules,
    ImageReference,
    RepositoriesElsewhere,
    Repository,
    Service,
    TaskDefinition,
)
from bot.model import Call, Cause, Confirmed, Plan, RuledOut, Verdict
from bot.references import at, described, in_ecr, in_other_region, place, replaced
from bot.steps import with_images


def decide(
    image: ImageReference,
    repository: Repository,
    elsewhere: RepositoriesElsewhere,
    rules: CacheRules,
) -> Verdict:
    seen = {
        "repository": image.repository,
        "container": image.container,
        "account": image.account,
        "region": image.region,
    }
    # What a cache has yet to bring is not missing.
    if rule_of(rules, image.repository) is not None:
        return RuledOut(seen)
    if not in_ecr(image) or repository.exists or in_other_region(image, elsewhere.arns):
        return RuledOut(seen)
    found = [at(image, place(a)) for a in elsewhere.arns]
    return Confirmed({**seen, "found": found, "unseen": list(elsewhere.unseen)})


def plan(
    service: Service,
    definition: TaskDefinition,
    image: ImageReference,
    elsewhere: RepositoriesElsewhere,
) -> Plan | None:
    """Name the one account that has the repository; an empty new one would help nobody."""
    if len(elsewhere.arns) != 1:
        return None
    there = at(image, place(elsewhere.arns[0]))
    return with_images(service, definition, replaced(image, definition, there))


def advise(image: ImageReference, elsewhere: RepositoriesElsewhere) -> tuple[Call, ...]:
    """List the names that are there, or look for the image where its repository is."""
    if not elsewhere.arns:
        return (Call("ecr", "describe_repositories", {"registryId": image.account}),)
    return tuple(described(image, place(arn)) for arn in elsewhere.arns)


CAUSE = Cause(
    id="repository-missing",
    group="image",
    stage="S4",
    families=("repository-not-found", "image-or-tag-not-found"),
    registries=("ecr",),
    decide=decide,
    plan=plan,
    advise=advise,
)
