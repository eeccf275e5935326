"""The tag holds something else than an image: a chart, a signature, or a manifest of old.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-manifest-formats.html
"""

from __future__ import annotations

from bot.facts import AskedImage, ImageReference, Recorded
from bot.media_types import CONFIGS, SCHEMA_1, kind
from bot.model import Call, Cause, Confirmed, RuledOut, Undecided, Unknown, Verdict
from bot.references import tagged_images

FAMILY = "unsupported-manifest"


def decide(image: ImageReference, asked: AskedImage, recorded: Recorded | Unknown) -> Verdict:
    seen = {"repository": image.repository, "container": image.container, "tag": image.tag}
    if image.registry != "ecr" or not asked.exists:
        return RuledOut(seen)
    seen |= {"account": image.account, "region": image.region, "digest": asked.digest}
    if asked.manifest_type in SCHEMA_1:
        proof = {**seen, "kind": "schema-1", "type": asked.manifest_type}
        return Confirmed(proof) if _refused(recorded) else _open(asked.manifest_type)
    if asked.artifact_type and asked.artifact_type not in CONFIGS:
        return Confirmed({**seen, "kind": kind(asked.artifact_type), "type": asked.artifact_type})
    return RuledOut({**seen, "type": asked.artifact_type or asked.manifest_type})


def advise(image: ImageReference) -> tuple[Call, ...]:
    """List the tags that are there, with the media type of each."""
    return (tagged_images(image),)


def _refused(recorded: Recorded | Unknown) -> bool:
    if isinstance(recorded, Unknown):
        return False
    return FAMILY in (recorded.symptom.family, *recorded.symptom.alternatives)


def _open(manifest_type: str) -> Undecided:
    """Say that older engines still take it, and newer ones do not."""
    because = f"whether the runtime still takes {manifest_type} is not known"
    return Undecided((Unknown("AskedImage", because),))


CAUSE = Cause(
    id="not-a-container-image",
    group="image",
    stage="S4",
    until="S6",
    families=(FAMILY, "snapshotter-failure", "layer-corrupt"),
    registries=("ecr",),
    decide=decide,
    advise=advise,
)
