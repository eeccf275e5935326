from dataclasses import replace

import pytest

from bot.causes.host import ephemeral_storage_too_small as cause
from bot.causes.host.ephemeral_storage_too_small import advise, plan
from bot.facts import ImageSizes, Platform, StoppedTask
from bot.model import Confirmed, RuledOut, Undecided
from bot.sizes import GIB
from tests.causes.facts_image_network import (
    NO_SERVICE,
    NOTHING_RECORDED,
    SERVICE,
    definition,
    recorded,
    unknown,
)

TASK = StoppedTask("arn:task")
FARGATE, UNREAD = Platform("FARGATE"), unknown("ImageSizes")
FULL = recorded(
    "CannotPullContainerError: ref pull has been retried 1 time(s): failed to extract layer "
    "sha256:2d47: write /var/lib/containerd/io.containerd.snapshotter/1/fs/model.bin: no space "
    "left on device: unknown"
)


def decide(where, definition, said, found, task=TASK):
    return cause.decide(where, definition, said, found, task)


def sizes(*gib):
    names = ("app", "log", "proxy")
    return ImageSizes(tuple((n, g and int(g * GIB)) for n, g in zip(names, gib, strict=False)))


def with_storage(gib, *images):
    made = definition(*images)
    return replace(made, raw={**made.raw, "ephemeralStorage": {"sizeInGiB": gib}})


def test_what_ecs_did_not_record_is_not_full():
    """
    However large an image is, only ECS knows that the disk was full.
    """
    timed_out = recorded("CannotPullContainerError: inactivity time exceeded timeout while pulling")

    assert isinstance(decide(FARGATE, definition(), NOTHING_RECORDED, sizes(60)), RuledOut)
    assert isinstance(decide(FARGATE, definition(), timed_out, sizes(60)), RuledOut)


@pytest.mark.parametrize("launch_type", ["EC2", "EXTERNAL", "MANAGED_INSTANCES"])
def test_a_host_has_a_disk_of_its_own(launch_type):
    """
    Ephemeral storage is Fargate's.
    """
    assert isinstance(decide(Platform(launch_type), definition(), FULL, sizes(9)), RuledOut)


def test_images_that_do_not_fit():
    """
    All images of the task count, as they are stored and unpacked.
    """
    found = decide(FARGATE, definition("a", "b"), FULL, sizes(7, 2))

    assert isinstance(found, Confirmed)
    assert (20, "9.0", 27, False, 27) == tuple(
        found.proof[k] for k in ("storage", "images", "takes", "fits", "wanted")
    )


def test_unread_sizes_are_no_small_ones():
    """
    What ECS recorded stands; how much to ask for is then for a person.
    """
    for unread in (UNREAD, sizes(9, None)):
        found = decide(FARGATE, definition("a", "b"), FULL, unread)

        assert isinstance(found, Confirmed)
        assert (None, None, False) == tuple(found.proof[k] for k in ("takes", "wanted", "fits"))
    assert None is plan(SERVICE, definition("a", "b"), FARGATE, sizes(9, None))


def test_images_that_should_fit():
    """
    Then something else fills the disk, and more room is not planned on a guess.
    """
    found = decide(FARGATE, definition(), FULL, sizes(0.1))

    assert (True, None) == (found.proof["fits"], found.proof["wanted"])
    assert None is plan(SERVICE, definition(), FARGATE, sizes(0.1))


def test_an_old_platform_version_has_less_and_takes_no_more():
    """
    Before 1.4.0 the layers had 10 GB, and nothing to ask for.
    """
    old = Platform("FARGATE", "1.3.0")
    found = decide(old, definition(), FULL, sizes(5))

    assert (10, True, None) == tuple(found.proof[k] for k in ("storage", "outdated", "wanted"))
    assert None is plan(SERVICE, definition(), old, sizes(5))


def test_windows_has_other_platform_versions():
    """
    Windows takes larger storage from its version 1.0.0 on.
    """
    made = definition()
    windows = {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}
    made = replace(made, raw={**made.raw, "runtimePlatform": windows})

    assert 27 == decide(Platform("FARGATE", "1.0.0"), made, FULL, sizes(9)).proof["wanted"]


def test_more_than_fargate_gives_is_not_planned():
    """
    At most 200 GiB.
    """
    assert None is plan(SERVICE, definition(), FARGATE, sizes(70))
    assert (
        198
        == plan(SERVICE, definition(), FARGATE, sizes(66))
        .steps[0]
        .after["ephemeralStorage"]["sizeInGiB"]
    )


def test_no_plan_without_a_service_or_elsewhere():
    """
    A standalone task is run again by whoever ran it.
    """
    assert None is plan(NO_SERVICE, definition(), FARGATE, sizes(9))
    assert None is plan(SERVICE, definition(), Platform("EC2"), sizes(9))


def test_plan_makes_the_verdict_ruled_out():
    """
    The new revision has room for what is known of its images, and nothing is recorded of it.
    """
    made = plan(SERVICE, with_storage(25), FARGATE, sizes(9))
    step = made.steps[0]

    assert ({"sizeInGiB": 25}, {"sizeInGiB": 27}) == (
        step.before["ephemeralStorage"], step.after["ephemeralStorage"]
    )  # fmt: skip
    assert ("low", True) == (made.risk, all(s.undo for s in made.steps))
    larger = with_storage(step.do.params["ephemeralStorage"]["sizeInGiB"])
    assert isinstance(decide(FARGATE, larger, NOTHING_RECORDED, sizes(9)), RuledOut)
    assert None is plan(SERVICE, larger, FARGATE, sizes(9))


def test_a_revision_without_the_room_is_not_verified():
    """
    After a fix the storage that the task has now is held against its images.
    """
    after = StoppedTask(settled=True)
    left = [
        decide(FARGATE, with_storage(gib), NOTHING_RECORDED, found, after)
        for gib, found in ((27, sizes(9)), (26, sizes(9)), (200, UNREAD), (200, ImageSizes()))
    ]

    assert [RuledOut, Undecided, Undecided, Undecided] == [type(v) for v in left]


def test_advice_registers_the_revision_again():
    """
    A person says how much.
    """
    assert ["describe_task_definition", "register_task_definition"] == [
        c.operation for c in advise(definition())
    ]
