"""The repository exists, but in another Region than the one the image names.

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
from bot.references import at, described, in_ecr, in_other_region, replaced
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
    places = in_other_region(image, elsewhere.arns)
    cached = rule_of(rules, image.repository) is not None
    if not in_ecr(image) or repository.exists or cached or not places:
        return RuledOut(seen)
    return Confirmed(
        {
            **seen,
            "found": [at(image, p) for p in places],
            "regions": sorted({p.region for p in places}),
            "unseen": list(elsewhere.unseen),
        }
    )


def plan(
    service: Service,
    definition: TaskDefinition,
    image: ImageReference,
    elsewhere: RepositoriesElsewhere,
) -> Plan | None:
    """Name the one place that has the repository; between several only a person can tell."""
    places = in_other_region(image, elsewhere.arns)
    if len(places) != 1:
        return None
    return with_images(service, definition, replaced(image, definition, at(image, places[0])))


def advise(image: ImageReference, elsewhere: RepositoriesElsewhere) -> tuple[Call, ...]:
    """Look for the image itself where its repository is."""
    return tuple(described(image, p) for p in in_other_region(image, elsewhere.arns))


CAUSE = Cause(
    id="image-in-other-region",
    group="image",
    stage="S4",
    families=("repository-not-found", "image-or-tag-not-found"),
    registries=("ecr",),
    decide=decide,
    plan=plan,
    advise=advise,
)
