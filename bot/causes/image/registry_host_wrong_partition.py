"""The host of the image looks like ECR's, but ends as no host of ECR does in this Region.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html
"""

from __future__ import annotations

from bot.facts import Choice, ImageReference, Recorded, Repository, Service, TaskDefinition
from bot.model import Cause, Confirmed, Plan, RuledOut, Undecided, Unknown, Verdict
from bot.partitions import host
from bot.references import on, replaced
from bot.steps import with_images

FAMILY = "dns-failure"


def decide(image: ImageReference, recorded: Recorded | Unknown) -> Verdict:
    seen = {"host": image.host, "container": image.container}
    found = host(image.host)
    if found is None or found.wrong is None:
        return RuledOut(seen)
    if found.wrong == "fips" and not _unresolved(recorded):
        because = f"whether {found.region} has a FIPS endpoint of ECR is not known"
        return Undecided((Unknown("Recorded", because),))
    return Confirmed(
        {
            **seen,
            "kind": found.wrong,
            "image": image.written,
            "region": found.region,
            "partition": found.partition.name,
            "right": list(found.right()),
        }
    )


def choices(image: ImageReference) -> tuple[str, ...]:
    """Return the hosts that may be meant; of no FIPS endpoint only a person can say what may be used."""
    found = host(image.host)
    return () if found is None or found.wrong in (None, "fips") else found.right()


def plan(
    service: Service,
    definition: TaskDefinition,
    image: ImageReference,
    repository: Repository,
    choice: Choice,
) -> Plan | None:
    """Name the host as ECR does, where the repository is known to be there."""
    hosts = choices(image)
    picked = choice.name or next(iter(hosts), None)
    if picked is None or picked not in hosts or not repository.exists:
        return None
    return with_images(service, definition, replaced(image, definition, on(image, picked)))


def _unresolved(recorded: Recorded | Unknown) -> bool:
    if isinstance(recorded, Unknown):
        return False
    return FAMILY in (recorded.symptom.family, *recorded.symptom.alternatives)


CAUSE = Cause(
    id="registry-host-wrong-partition",
    group="image",
    stage="S4",
    families=(FAMILY,),
    decide=decide,
    plan=plan,
    choices=choices,
)
