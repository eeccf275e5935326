"""What the task definition writes as the image is no reference that any engine could pull.

https://docs.docker.com/reference/cli/docker/image/tag/
"""

from __future__ import annotations

from bot.facts import ImageReference, MendedReference, Service, TaskDefinition
from bot.grammar import fault
from bot.model import Call, Cause, Confirmed, Plan, RuledOut, Undecided, Unknown, Verdict
from bot.references import malformed
from bot.steps import with_images


def decide(
    image: ImageReference, definition: TaskDefinition | Unknown, meant: MendedReference | Unknown
) -> Verdict:
    if isinstance(definition, Unknown):  # then the image is what somebody said, and may be cut off
        wrong = fault(image.written)
        return Undecided((definition,)) if wrong else RuledOut({"image": image.written})
    found = malformed(image, definition)
    if found is None:
        return RuledOut({"image": image.written})
    container, written = found
    return Confirmed(
        {
            "container": container,
            "image": written,
            "fault": fault(written),
            "meant": None if isinstance(meant, Unknown) else meant.written,
        }
    )


def plan(
    service: Service, definition: TaskDefinition, image: ImageReference, meant: MendedReference
) -> Plan | None:
    """Write what was meant, where that is sure and ECR has it."""
    found = malformed(image, definition)
    if found is None or meant.written is None:
        return None
    same = {c.name: meant.written for c in definition.containers if c.image == found[1]}
    return with_images(service, definition, same)


def advise(definition: TaskDefinition) -> tuple[Call, ...]:
    """Show the revision as it is registered."""
    return (Call("ecs", "describe_task_definition", {"taskDefinition": definition.arn}),)


CAUSE = Cause(
    id="image-reference-malformed",
    group="image",
    stage="S4",
    families=("invalid-reference",),
    decide=decide,
    plan=plan,
    advise=advise,
)
