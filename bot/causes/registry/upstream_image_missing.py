"""The image is not in the registry it comes from, whether that is asked by the task or by a cache.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/error-pullthroughcache.html
"""

from __future__ import annotations

from bot.caching import HUB, Attempt, attempted, login_fault, upstream_path
from bot.facts import CacheCredential, ExecutionRole, ImageReference, Namesakes, Recorded
from bot.model import JSON, Call, Cause, Confirmed, RuledOut, Undecided, Unknown, Verdict
from bot.official_images import lost_host
from bot.remedies import registered

ABSENT = {"image-or-tag-not-found": "tag", "repository-not-found": "repository"}
LOGIN_ASKED = "registry-credentials-invalid"


@attempted
def decide(
    at: Attempt,
    recorded: Recorded,
    namesakes: Namesakes | Unknown,
    login: CacheCredential | Unknown,
) -> Verdict:
    """Believe what ECS recorded: a text is no reason to ask a registry that it names."""
    image, said = at.image, recorded.symptom
    seen = {"image": image.written, "container": image.container, "tag": image.tag or image.digest}
    kind = ABSENT.get(said.family or "")
    # Where the text supports a login as well, the registry did not say that the image is missing.
    if kind is None or (LOGIN_ASKED in said.alternatives and image.registry != "ecr"):
        return RuledOut(seen)
    if image.registry == "ecr":
        return _behind_cache(at, {**seen, "kind": kind}, login)
    if image.registry == "docker-hub" and "/" not in image.repository.removeprefix("library/"):
        if isinstance(namesakes, Unknown):
            return Undecided((namesakes,))
        if lost_host(image.repository, namesakes.arns):
            return RuledOut(seen)
    told = {"kind": kind, "host": image.host, "path": image.repository, "prefix": None}
    return Confirmed({**seen, **told})


def _behind_cache(at: Attempt, seen: dict[str, JSON], login: CacheCredential | Unknown) -> Verdict:
    """ECR says the same of an image that it may not import: only then it is the upstream's word."""
    rule, found = at.rule, at.import_
    if rule is None or found.refused or at.image.tag is None or at.who == "instance-role":
        return RuledOut(seen)
    path = upstream_path(rule, at.image.repository)
    if rule.upstream == HUB and "/" not in path:
        return RuledOut(seen)
    unread = (at.role, at.who, login if rule.credential else None)
    open_ = (*found.unknown, *(u for u in unread if isinstance(u, Unknown)))
    if open_:
        return Undecided(tuple(dict.fromkeys(open_)))
    out = rule.credential and login_fault(at.image, rule.credential, login)
    if out or (isinstance(at.role, ExecutionRole) and not at.role.exists):
        return RuledOut(seen)
    return Confirmed({**seen, "host": rule.host, "path": path, "prefix": rule.prefix})


def advise(image: ImageReference) -> tuple[Call, ...]:
    """Name an image that is there."""
    return registered("<family>", f"an image of {image.container} that exists")


CAUSE = Cause(
    id="upstream-image-missing",
    group="registry",
    stage="S4",
    families=("repository-not-found", "image-or-tag-not-found"),
    decide=decide,
    advise=advise,
)
