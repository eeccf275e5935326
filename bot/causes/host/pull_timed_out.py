"""The image is too large for the time that the agent gives a pull.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-config.html
"""

from __future__ import annotations

from bot.facts import ImageReference, ImageSizes, Platform, Recorded, StoppedTask
from bot.model import Call, Cause, Confirmed, RuledOut, Undecided, Unknown, Verdict
from bot.recordings import recorded_text
from bot.references import tagged_images
from bot.sizes import GIB, in_gib

FAMILY = "pull-cancelled"
LONG, IDLE = "transition to pulled", "inactivity time exceeded"
LARGE = GIB  # stored: a smaller image takes minutes even over a slow line


def decide(
    where: Platform,
    image: ImageReference,
    recorded: Recorded,
    task: StoppedTask | Unknown,
    sizes: ImageSizes | Unknown,
) -> Verdict:
    said = recorded_text(recorded, task)
    limit = "whole" if LONG in said else "idle" if IDLE in said else None
    seen = {"image": image.written, "limit": limit, "kind": where.launch_type}
    if recorded.symptom.family != FAMILY or limit is None:
        return RuledOut(seen)
    if isinstance(sizes, Unknown):
        return Undecided((sizes,))
    size = dict(sizes.items).get(image.container)
    if size is None:
        return Undecided((Unknown("ImageSizes", f"the size of {image.written} is not known"),))
    if size < LARGE:
        return RuledOut({**seen, "size": in_gib(size)})
    return Confirmed({**seen, "size": in_gib(size), "container": image.container})


def advise(image: ImageReference) -> tuple[Call, ...]:
    """Compare the sizes of what is in the repository."""
    return (tagged_images(image),) if image.registry == "ecr" else ()


CAUSE = Cause(
    id="pull-timed-out",
    group="host",
    stage="S5",
    families=(FAMILY,),
    decide=decide,
    advise=advise,
)
