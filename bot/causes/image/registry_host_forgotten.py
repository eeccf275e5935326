"""The image lost its registry host, so it is looked for on Docker Hub instead of in ECR.

https://docs.docker.com/reference/cli/docker/image/pull/
"""

from __future__ import annotations

from bot.facts import (
    Choice,
    ImageReference,
    Namesakes,
    Recorded,
    Service,
    Subject,
    TaskDefinition,
)
from bot.model import Cause, Confirmed, Plan, RuledOut, Undecided, Unknown, Verdict
from bot.official_images import lost_host
from bot.references import Place, place, replaced
from bot.steps import with_images

REFUSALS = {"repository-not-found", "registry-credentials-invalid", "image-or-tag-not-found"}


def decide(image: ImageReference, namesakes: Namesakes, recorded: Recorded) -> Verdict:
    seen = {"image": image.written, "container": image.container, "name": _name(image)}
    if image.registry != "docker-hub" or not namesakes.arns:
        return RuledOut(seen)
    if lost_host(image.repository, namesakes.arns):
        return Confirmed({**seen, "found": [_uri(place(a)) for a in namesakes.arns]})
    families = {recorded.symptom.family, *recorded.symptom.alternatives}
    if families & REFUSALS:
        because = f"only Docker Hub can tell whether {_name(image)} is meant to be there"
        return Undecided((Unknown("Namesakes", because),))
    return RuledOut(seen)


def choices(subject: Subject, namesakes: Namesakes) -> tuple[str, ...]:
    """Return the repositories of this name, those of the service's own registry first."""

    def distance(there: Place) -> tuple[bool, bool]:
        return there.account != subject.account, there.region != subject.region

    return tuple(_uri(p) for p in sorted(map(place, namesakes.arns), key=distance))


def plan(
    subject: Subject,
    service: Service,
    definition: TaskDefinition,
    image: ImageReference,
    namesakes: Namesakes,
    choice: Choice,
) -> Plan | None:
    uris = choices(subject, namesakes)
    picked = choice.name or next(iter(uris), None)
    if picked is None or picked not in uris:
        return None
    suffix = f"@{image.digest}" if image.digest else ""
    tag = f":{image.tag}" if image.tag else ""
    return with_images(service, definition, replaced(image, definition, picked + tag + suffix))


def _name(image: ImageReference) -> str:
    return image.repository.removeprefix("library/")


def _uri(there: Place) -> str:
    return f"{there.host}/{there.repository}"


CAUSE = Cause(
    id="registry-host-forgotten",
    group="image",
    stage="S4",
    families=("repository-not-found", "registry-credentials-invalid", "image-or-tag-not-found"),
    registries=("docker-hub",),
    decide=decide,
    plan=plan,
    choices=choices,
)
