from dataclasses import replace

import pytest

from bot.causes.image.not_a_container_image import CAUSE, decide
from bot.model import Confirmed, RuledOut, Undecided
from tests.causes.facts import well_worded
from tests.causes.facts_image_network import (
    ASKED,
    HUB,
    IMAGE,
    NOT_THERE,
    NOTHING_RECORDED,
    recorded,
    unknown,
)

HELM = replace(ASKED, artifact_type="application/vnd.cncf.helm.config.v1+json")
OLD = replace(ASKED, manifest_type="application/vnd.docker.distribution.manifest.v1+prettyjws")
REFUSED = recorded(
    "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve "
    "ref 222233334444.dkr.ecr.eu-west-1.amazonaws.com/team/shop:v1.0.0: no signatures"
)


@pytest.mark.parametrize(
    "artifact_type",
    [
        None,
        "application/vnd.docker.container.image.v1+json",
        "application/vnd.oci.image.config.v1+json",
        "application/octet-stream",
    ],
)
def test_image(artifact_type):
    """
    An image is one, also as early versions of Docker wrote it; an index holds no type of its own.
    """
    asked = replace(ASKED, artifact_type=artifact_type)

    assert isinstance(decide(IMAGE, asked, NOTHING_RECORDED), RuledOut)


def test_what_is_not_there_or_not_in_ecr():
    """
    A missing tag is another cause, and other registries do not say what they hold.
    """
    assert isinstance(decide(IMAGE, NOT_THERE, NOTHING_RECORDED), RuledOut)
    assert isinstance(decide(HUB, HELM, NOTHING_RECORDED), RuledOut)


@pytest.mark.parametrize(
    ("artifact_type", "kind"),
    [
        ("application/vnd.cncf.helm.config.v1+json", "helm"),
        ("application/vnd.cncf.notary.signature", "signature"),
        ("application/spdx+json", "sbom"),
        ("application/vnd.in-toto+json", "attestation"),
        ("application/vnd.buildkit.cacheconfig.v0", "cache"),
        ("application/vnd.wasm.config.v0+json", "other"),
    ],
)
def test_another_artifact(artifact_type, kind):
    """
    The proof names the media type, and says what it stands for.
    """
    verdict = decide(IMAGE, replace(ASKED, artifact_type=artifact_type), NOTHING_RECORDED)

    assert isinstance(verdict, Confirmed)
    assert (artifact_type, kind) == (verdict.proof["type"], verdict.proof["kind"])
    assert well_worded(CAUSE, verdict)


def test_manifest_of_old():
    """
    Some engines still take schema 1: it is the cause where ECS recorded that this one did not.
    """
    assert isinstance(decide(IMAGE, OLD, NOTHING_RECORDED), Undecided)
    assert isinstance(decide(IMAGE, OLD, unknown("Recorded")), Undecided)
    verdict = decide(IMAGE, OLD, REFUSED)

    assert isinstance(verdict, Confirmed)
    assert well_worded(CAUSE, verdict)
