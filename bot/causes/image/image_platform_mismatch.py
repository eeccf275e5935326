"""The image has no variant for the operating system and the CPU that the task runs on.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html
"""

from __future__ import annotations

from bot.facts import (
    ImagePlatforms,
    ImageReference,
    OtherPlatforms,
    Platform,
    Recorded,
    Service,
    TaskDefinition,
    WantedPlatform,
)
from bot.model import Call, Cause, Confirmed, Plan, RuledOut, Undecided, Unknown, Verdict
from bot.platforms import fits, named, other_cpu, shown
from bot.references import manifest
from bot.steps import with_settings

FAMILY = "platform-mismatch"


def decide(
    image: ImageReference,
    offered: ImagePlatforms | Unknown,
    wanted: WantedPlatform | Unknown,
    recorded: Recorded,
) -> Verdict:
    said = FAMILY in (recorded.symptom.family, *recorded.symptom.alternatives)
    if isinstance(offered, Unknown) and not said:
        return Undecided((offered,))
    index = offered if isinstance(offered, ImagePlatforms) and offered.index else None
    if index is None and not said:
        return RuledOut({"image": image.written})
    meant = (named(recorded.symptom.platform or "") if said else None) or wanted
    if isinstance(meant, Unknown):
        return Undecided((meant,))
    fit, has = (fits(meant, index), shown(index.items)) if index else (None, [])
    seen = {"image": image.written, "has": has, "wanted": meant.name}
    if fit or (fit is None and not said):
        because = f"whether {meant.name} runs {', '.join(has)} is not known"
        return RuledOut(seen) if fit else Undecided((Unknown("ImagePlatforms", because),))
    seen |= {"how": "recorded" if fit is None else "manifest", "container": image.container}
    seen |= {"source": meant.source, "family": meant.family}
    return Confirmed({**seen, "other": other_cpu(meant, index, ()) if index else None})


def plan(
    service: Service,
    definition: TaskDefinition,
    where: Platform,
    offered: ImagePlatforms,
    wanted: WantedPlatform,
    others: OtherPlatforms,
) -> Plan | None:
    """Run the task on the other CPU of Fargate, where every image of it has a variant for that."""
    other = other_cpu(wanted, offered, [found for _, found in others.items])
    if other is None or where.launch_type != "FARGATE" or where.version not in (None, "1.4.0"):
        return None
    changed = {**(definition.raw.get("runtimePlatform") or {}), "cpuArchitecture": other}
    return with_settings(service, definition, {"runtimePlatform": changed}, risk="medium")


def advise(image: ImageReference) -> tuple[Call, ...]:
    """Read which platforms the image has."""
    return (manifest(image),) if image.registry == "ecr" else ()


CAUSE = Cause(
    id="image-platform-mismatch",
    group="image",
    stage="S4",
    families=(FAMILY,),
    decide=decide,
    plan=plan,
    advise=advise,
)
