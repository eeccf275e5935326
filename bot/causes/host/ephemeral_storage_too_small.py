"""The images of a Fargate task do not fit into its ephemeral storage.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-storage.html
"""

from __future__ import annotations

from bot.facts import ImageSizes, Platform, Recorded, Service, StoppedTask, TaskDefinition
from bot.model import Call, Cause, Confirmed, Plan, RuledOut, Undecided, Unknown, Verdict
from bot.remedies import registered
from bot.sizes import in_gib, outdated, room, storage, stored
from bot.steps import with_settings

FAMILY = "disk-full"
LEAST, MOST = 21, 200  # GiB that a task may ask for


def decide(
    where: Platform,
    definition: TaskDefinition,
    recorded: Recorded,
    sizes: ImageSizes | Unknown,
    task: StoppedTask | Unknown,
) -> Verdict:
    has = storage(where, definition)
    said = recorded.symptom.family == FAMILY
    settled = isinstance(task, StoppedTask) and task.settled
    if where.launch_type != "FARGATE" or not (said or settled):
        return RuledOut({"storage": has})
    size = None if isinstance(sizes, Unknown) else stored(sizes)
    takes = None if size is None else room(size)
    if not said:
        fits = takes is not None and takes <= has
        untold = Undecided((Unknown("ImageSizes", "no API tells whether it still holds"),))
        return RuledOut({"storage": has, "takes": takes}) if fits else untold
    return Confirmed(
        {
            "storage": has,
            "images": None if size is None else in_gib(size),
            "takes": takes,
            "fits": takes is not None and takes <= has,
            "wanted": None if isinstance(sizes, Unknown) else _wanted(where, definition, sizes),
            "outdated": outdated(where, definition),
            "most": MOST,
        }
    )


def plan(
    service: Service, definition: TaskDefinition, where: Platform, sizes: ImageSizes
) -> Plan | None:
    """Give the task as much storage as its images take."""
    wanted = _wanted(where, definition, sizes)
    if wanted is None or where.launch_type != "FARGATE":
        return None
    larger = {"ephemeralStorage": {"sizeInGiB": wanted}}
    return with_settings(service, definition, larger, risk="low")


def advise(definition: TaskDefinition) -> tuple[Call, ...]:
    """Give the task more storage; how much a person knows."""
    return registered(definition.family, "a larger ephemeralStorage")


def _wanted(where: Platform, definition: TaskDefinition, sizes: ImageSizes) -> int | None:
    """Return how many GiB to ask for, None where that is not known, or does not help."""
    size = stored(sizes)
    takes = 0 if size is None else room(size)
    if outdated(where, definition) or not storage(where, definition) < takes <= MOST:
        return None
    return max(LEAST, takes)


CAUSE = Cause(
    id="ephemeral-storage-too-small",
    group="host",
    stage="S6",
    families=(FAMILY,),
    decide=decide,
    plan=plan,
    advise=advise,
)
