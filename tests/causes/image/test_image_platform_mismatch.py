from dataclasses import replace

import pytest

from bot.causes.image.image_platform_mismatch import CAUSE, decide, plan
from bot.facts import ImagePlatform, ImagePlatforms, OtherPlatforms, Platform, WantedPlatform
from bot.model import Confirmed, RuledOut, Undecided
from tests.causes.facts import well_worded
from tests.causes.facts_image_network import (
    HUB,
    IMAGE,
    NO_SERVICE,
    NOTHING_RECORDED,
    SERVICE,
    definition,
    recorded,
    unknown,
)

FARGATE, EC2 = Platform("FARGATE"), Platform("EC2")
X86, ARM = WantedPlatform("linux", "amd64", source="default"), WantedPlatform("linux", "arm64")
ALONE = OtherPlatforms()
SINGLE = ImagePlatforms(index=False)
MISMATCH = recorded(
    "CannotPullContainerError: image Manifest does not contain descriptor matching platform "
    "'linux/amd64'"
)
ELSEWHERE = recorded("CannotPullContainerError: x: 403 Forbidden")


def index(*platforms, whole=True):
    """An index of these platforms, as ``linux/arm64``."""
    items = (ImagePlatform(*p.split("/")[:2], None, *p.split("/")[2:]) for p in platforms)
    return ImagePlatforms(True, tuple(items), whole)


def windows(year):
    return WantedPlatform("windows", "amd64", f"WINDOWS_SERVER_{year}_CORE")


ARM_ONLY, BOTH = index("linux/arm64"), index("linux/amd64", "linux/arm64")


@pytest.mark.parametrize("text", [NOTHING_RECORDED, ELSEWHERE])
def test_one_manifest_alone(text):
    """
    A manifest alone is pulled whatever it is for; it fails when it starts, which is no pull.
    """
    assert isinstance(decide(IMAGE, SINGLE, X86, text), RuledOut)


def test_platform_that_is_there():
    """
    What the index has is not missing, even if an older image of this tag failed for it.
    """
    assert isinstance(decide(IMAGE, BOTH, X86, NOTHING_RECORDED), RuledOut)
    assert isinstance(decide(IMAGE, BOTH, X86, MISMATCH), RuledOut)


@pytest.mark.parametrize(
    ("wanted", "offered"),
    [
        (X86, index("linux/386")),
        (ARM, index("linux/arm", "linux/amd64")),
        (X86, index("linux/arm64", whole=False)),
        (windows("2022"), index("windows/amd64/10.0.17763.1")),
        (windows("2022"), index("windows/amd64")),
        (WantedPlatform("windows", "amd64", "WINDOWS"), index("windows/amd64/10.0.17763.1")),
    ],
)
def test_what_another_engine_might_take(wanted, offered):
    """
    A smaller CPU of the same family, a build of Windows before the host's: it stays open.
    """
    assert isinstance(decide(IMAGE, offered, wanted, NOTHING_RECORDED), Undecided)


def test_what_is_not_known():
    """
    Neither an unread index nor an unknown host makes a mismatch.
    """
    unread = unknown("ImagePlatforms")

    assert isinstance(decide(IMAGE, unread, X86, NOTHING_RECORDED), Undecided)
    assert isinstance(
        decide(IMAGE, ARM_ONLY, unknown("WantedPlatform"), NOTHING_RECORDED), Undecided
    )


def test_platform_that_is_missing():
    """
    The proof says what the index has and what the task wants, and why it wants that.
    """
    verdict = decide(IMAGE, ARM_ONLY, X86, NOTHING_RECORDED)

    assert isinstance(verdict, Confirmed)
    assert (["linux/arm64"], "linux/amd64") == (verdict.proof["has"], verdict.proof["wanted"])
    assert ("manifest", "default") == (verdict.proof["how"], verdict.proof["source"])
    assert "ARM64" == verdict.proof["other"]
    assert well_worded(CAUSE, verdict)


@pytest.mark.parametrize("source", ["default", "definition", "host", "recorded"])
def test_every_source_is_worded(source):
    """
    How it is known what the task wants is said.
    """
    verdict = decide(IMAGE, ARM_ONLY, replace(X86, source=source), NOTHING_RECORDED)

    assert well_worded(CAUSE, verdict)


def test_windows_image_that_is_newer_than_its_host():
    """
    Windows wants an image of its own build; the proof has the builds.
    """
    newer = index("windows/amd64/10.0.20348.2227")
    verdict = decide(IMAGE, newer, windows("2019"), NOTHING_RECORDED)

    assert isinstance(verdict, Confirmed)
    assert ["windows/amd64/10.0.20348.2227"] == verdict.proof["has"]
    assert well_worded(CAUSE, verdict)
    assert isinstance(decide(IMAGE, newer, windows("2022"), NOTHING_RECORDED), RuledOut)


@pytest.mark.parametrize(
    ("image", "offered"), [(IMAGE, SINGLE), (IMAGE, unknown("ImagePlatforms")), (HUB, SINGLE)]
)
def test_what_ecs_recorded(image, offered):
    """
    Where no index can be read, ECS's own record proves it, and says which platform.
    """
    verdict = decide(image, offered, unknown("WantedPlatform"), MISMATCH)

    assert isinstance(verdict, Confirmed)
    assert ("recorded", "linux/amd64") == (verdict.proof["how"], verdict.proof["wanted"])
    assert well_worded(CAUSE, verdict)


def test_the_task_moves_to_the_other_cpu():
    """
    Only runtimePlatform changes; the rest of what it says is kept.
    """
    written = definition()
    raw = {**written.raw, "runtimePlatform": {"operatingSystemFamily": "LINUX"}}
    steps = plan(SERVICE, replace(written, raw=raw), FARGATE, ARM_ONLY, X86, ALONE).steps

    new = {"operatingSystemFamily": "LINUX", "cpuArchitecture": "ARM64"}
    assert new == steps[0].do.params["runtimePlatform"] == steps[0].after["runtimePlatform"]
    assert raw["runtimePlatform"] == steps[0].before["runtimePlatform"]
    assert raw["containerDefinitions"] == steps[0].do.params["containerDefinitions"]
    assert ["deregister_task_definition", "update_service"] == [s.undo.operation for s in steps]


@pytest.mark.parametrize(
    ("service", "where", "offered", "wanted", "others"),
    [
        (NO_SERVICE, FARGATE, ARM_ONLY, X86, ALONE),
        (SERVICE, EC2, ARM_ONLY, X86, ALONE),
        (SERVICE, Platform("FARGATE", "1.3.0"), ARM_ONLY, X86, ALONE),
        (SERVICE, FARGATE, BOTH, X86, ALONE),
        (SERVICE, FARGATE, index("linux/s390x"), X86, ALONE),
        (SERVICE, FARGATE, index("windows/amd64/10.0.20348.1"), windows("2019"), ALONE),
        (SERVICE, FARGATE, ARM_ONLY, X86, OtherPlatforms((("log", None),))),
        (SERVICE, FARGATE, ARM_ONLY, X86, OtherPlatforms((("log", index("linux/amd64")),))),
        (SERVICE, FARGATE, SINGLE, X86, ALONE),
    ],
)
def test_no_plan_where_not_all_of_the_task_runs_there(service, where, offered, wanted, others):
    """
    Hosts of the other CPU may not exist; another image may lack it; Windows has no other.
    """
    assert None is plan(service, definition(), where, offered, wanted, others)


def test_plan_makes_the_verdict_ruled_out():
    """
    On the CPU that the plan picks, the image fits, and so do the others.
    """
    others = OtherPlatforms((("log", BOTH),))
    steps = plan(SERVICE, definition(), FARGATE, ARM_ONLY, X86, others).steps
    new = steps[0].after["runtimePlatform"]["cpuArchitecture"]

    assert "ARM64" == new
    assert isinstance(decide(IMAGE, ARM_ONLY, ARM, NOTHING_RECORDED), RuledOut)
