"""A cache of Docker Hub is asked for an image by one name, where Docker Hub has two: owner and name.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/error-pullthroughcache.html
"""

from __future__ import annotations

from bot.caching import HUB, missed, rule_of, upstream_path
from bot.facts import (
    AskedImage,
    CacheRules,
    ImageReference,
    Repository,
    Service,
    TaskDefinition,
)
from bot.model import Call, Cause, Confirmed, Plan, RuledOut, Verdict
from bot.official_images import OFFICIAL
from bot.references import in_repository, replaced
from bot.steps import with_images


def decide(
    image: ImageReference, rules: CacheRules, repository: Repository, asked: AskedImage
) -> Verdict:
    seen = {"image": image.written, "container": image.container, "repository": image.repository}
    rule = missed(image, rules, repository, asked)
    if rule is None or rule.upstream != HUB or "/" in upstream_path(rule, image.repository):
        return RuledOut(seen)
    name = upstream_path(rule, image.repository)
    better = _better(image, rules)
    return Confirmed({**seen, "prefix": rule.prefix, "name": name, "better": better})


def plan(
    service: Service, definition: TaskDefinition, image: ImageReference, rules: CacheRules
) -> Plan | None:
    """Name the official image in full; whose any other image is, only a person can tell."""
    better = _better(image, rules)
    if better is None:
        return None
    return with_images(
        service, definition, replaced(image, definition, in_repository(image, better))
    )


def advise(image: ImageReference) -> tuple[Call, ...]:
    """List what the cache has got so far, under the names that work."""
    return (Call("ecr", "describe_repositories", {"registryId": image.account}),)


def _better(image: ImageReference, rules: CacheRules) -> str | None:
    """Return the repository that means the official image, if there is one of this name."""
    rule = rule_of(rules, image.repository)
    if rule is None or rule.upstream != HUB:
        return None
    name = upstream_path(rule, image.repository)
    return f"{image.repository.removesuffix(name)}library/{name}" if name in OFFICIAL else None


CAUSE = Cause(
    id="docker-library-prefix-missing",
    group="registry",
    stage="S4",
    families=(
        "pull-through-cache-failure",
        "repository-policy-denied",
        "ecr-auth-permission",
        "repository-not-found",
        "image-or-tag-not-found",
    ),
    registries=("ecr",),
    decide=decide,
    plan=plan,
    advise=advise,
)
