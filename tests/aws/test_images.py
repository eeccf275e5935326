"""What an image's manifest tells, and what is never read."""

import json

import pytest

from bot.aws.accounts import RegistryAccount, WorkloadAccount
from bot.aws.client import NotFound
from bot.aws.images import image_platforms, image_sizes, other_platforms, wanted_platform
from bot.aws.reference import split
from bot.facts import (
    AskedImage,
    Container,
    ImagePlatform,
    ImagePlatforms,
    ImageSizes,
    OtherPlatforms,
    Platform,
    Recorded,
    StoppedTask,
    Subject,
    TaskDefinition,
    WantedPlatform,
)
from bot.media_types import DOCKER_LIST, OCI_INDEX
from bot.model import CannotTell, Unknown
from bot.symptom import EMPTY, parse

HOST = "222233334444.dkr.ecr.eu-west-1.amazonaws.com"
IMAGE = split(f"{HOST}/shop:v1", "app")
INDEX = AskedImage(True, "sha256:a", "ACTIVE", manifest_type=OCI_INDEX)
NOTHING = Recorded(EMPTY)
MISMATCH = parse("CannotPullContainerError: no match for platform in manifest sha256:aa: not found")
DENIED = parse(f"CannotPullContainerError: failed to resolve ref {HOST}/shop:v1: 403 Forbidden")
ARM = {"platform": {"os": "linux", "architecture": "arm64", "variant": "v8"}}
STATEMENT = {"platform": {"os": "unknown", "architecture": "unknown"}}
SERVER = {"platform": {"os": "windows", "architecture": "amd64", "os.version": "10.0.17763.1"}}
SUBJECT = Subject("222233334444", "eu-west-1", "main", "shop")
ARM_ONLY = ImagePlatforms(True, (ImagePlatform("linux", "arm64", "v8"),))
FARGATE, EC2 = Platform("FARGATE"), Platform("EC2")
ON_HOST = StoppedTask(arn="t", container_instance="arn:aws:ecs:r:1:container-instance/main/i")


def manifest(*entries):
    return {"images": [{"imageManifest": json.dumps({"manifests": list(entries)})}]}


def definition(*containers, **raw):
    asked = containers or (Container("app", IMAGE.written),)
    return TaskDefinition("arn:d:7", "shop", 7, None, None, "awsvpc", asked, (), raw)


@pytest.fixture
def read(door):
    """Reads the platforms of the image; what was asked is left at the door."""

    def read(*entries, asked=INDEX, said=NOTHING, text=EMPTY):
        read.door = door({"batch_get_image": manifest(*entries)})
        return image_platforms(RegistryAccount(read.door), IMAGE, asked, said, text)

    return read


@pytest.mark.parametrize(
    "asked",
    [
        AskedImage(exists=False),
        AskedImage(True, "sha256:a", "ACTIVE", manifest_type="application/vnd.oci.image.manifest.v1+json"),
        AskedImage(True, "sha256:a", "ARCHIVED", manifest_type=OCI_INDEX),
    ],
)  # fmt: skip
def test_what_is_no_index_is_not_read(read, asked):
    """
    To read a manifest counts as a pull: nothing is asked where it would tell nothing.
    """
    assert ImagePlatforms(index=False) == read(asked=asked)
    assert [] == read.door.asked


def test_an_index_is_not_read_where_a_text_speaks_of_something_else(read):
    """
    A pull that was denied never saw a platform.
    """
    with pytest.raises(CannotTell, match="not asked"):
        read(ARM, text=DENIED)

    assert [] == read.door.asked


@pytest.mark.parametrize("text", [EMPTY, MISMATCH])
def test_an_index_lists_platforms(read, text):
    """
    By digest, as an index alone; what builders state about the images is no platform.
    """
    found = read(ARM, STATEMENT, SERVER, text=text)

    windows = ImagePlatform("windows", "amd64", None, "10.0.17763.1")
    assert ImagePlatforms(True, (ImagePlatform("linux", "arm64", "v8"), windows)) == found
    (call,) = read.door.asked
    assert [{"imageDigest": "sha256:a"}] == call.params["imageIds"]
    assert {DOCKER_LIST, OCI_INDEX} == set(call.params["acceptedMediaTypes"])


def test_an_entry_without_a_platform_leaves_it_open(read):
    """
    An image that does not say what it is for may be for anything.
    """
    assert not read(ARM, {"digest": "sha256:b"}).whole


def test_what_ecr_cannot_give_is_said(door):
    """
    A failure inside an answer is none of the image's platforms.
    """
    failed = {"images": [], "failures": [{"failureCode": "KmsError"}]}
    registry = RegistryAccount(door({"batch_get_image": failed}))

    with pytest.raises(CannotTell, match="error KmsError from ecr:BatchGetImage"):
        image_platforms(registry, IMAGE, INDEX, NOTHING, EMPTY)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({}, WantedPlatform("linux", "amd64", "LINUX", "default")),
        ({"cpuArchitecture": "ARM64"}, WantedPlatform("linux", "arm64")),
        ({"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE", "cpuArchitecture": "X86_64"},
         WantedPlatform("windows", "amd64", "WINDOWS_SERVER_2022_CORE")),
    ],
)  # fmt: skip
def test_what_fargate_runs_on(door, written, expected):
    """
    What the task definition says, or else x86 and Linux; no call is made for it.
    """
    here = WorkloadAccount(door({}))
    asked = definition(runtimePlatform=written)

    assert expected == wanted_platform(here, SUBJECT, StoppedTask(), asked, FARGATE, ARM_ONLY)
    assert [] == here.door.asked


def test_what_a_host_is(door):
    """
    On EC2 the host decides: as ECS told with the task, or as the instance says.
    """
    attributes = [
        {"name": "ecs.cpu-architecture", "value": "arm64"},
        {"name": "ecs.os-type", "value": "linux"},
    ]
    here = WorkloadAccount(
        door({"describe_container_instances": {"containerInstances": [{"attributes": attributes}]}})
    )
    told = StoppedTask(arn="t", definition="arn:d:7", cpu_architecture="x86_64")

    def wanted(task, offered=ARM_ONLY):
        return wanted_platform(here, SUBJECT, task, definition(), EC2, offered)

    assert WantedPlatform("linux", "amd64", "LINUX", "recorded") == wanted(told)
    assert WantedPlatform("linux", "amd64", "LINUX", "default") == wanted(
        ON_HOST, ImagePlatforms(index=False)
    )
    assert [] == here.door.asked
    assert WantedPlatform("linux", "arm64", "LINUX", "host") == wanted(ON_HOST)


@pytest.mark.parametrize(
    ("task", "answer", "because"),
    [
        (StoppedTask(), {}, "the container instance is not known"),
        (ON_HOST, NotFound("ClusterNotFoundException"), "the container instance is gone"),
        (ON_HOST, {"containerInstances": []}, "the container instance is gone"),
    ],
)
def test_a_host_that_nobody_knows(door, task, answer, because):
    """
    Which CPU a host has that is gone cannot be told.
    """
    here = WorkloadAccount(door({"describe_container_instances": answer}))

    with pytest.raises(CannotTell, match=because):
        wanted_platform(here, SUBJECT, task, definition(), EC2, ARM_ONLY)


def test_other_images_of_the_task_are_read_where_the_first_does_not_fit(door):
    """
    Those of ECR; of others, and of what cannot be read, nothing can be told.
    """
    doors = {"222233334444": door({"batch_get_image": manifest(ARM)}), "333344445555": door({})}

    class Visit:
        def read(self, account, region):
            return doors[account]

    others = (
        Container("app", IMAGE.written),
        Container("twin", IMAGE.written),
        Container("log", f"{HOST}/log:v1"),
        Container("proxy", "333344445555.dkr.ecr.eu-west-1.amazonaws.com/proxy:v1"),
        Container("cache", "redis:7"),
    )
    asked = definition(*others)
    x86, arm = WantedPlatform("linux", "amd64"), WantedPlatform("linux", "arm64")

    found = other_platforms(asked, IMAGE, ARM_ONLY, x86, Visit())

    assert (("log", ARM_ONLY), ("proxy", None), ("cache", None)) == found.items
    for wanted, offered in ((arm, ARM_ONLY), (x86, ImagePlatforms(False)), (Unknown("W", "x"), ARM_ONLY)):  # fmt: skip
        assert OtherPlatforms() == other_platforms(asked, IMAGE, offered, wanted, Visit())


FULL = parse("CannotPullContainerError: failed to register layer: no space left on device")


class Visit:
    """The registries that may be read, by account."""

    def __init__(self, **doors):
        self.doors = {account.strip("_"): door for account, door in doors.items()}

    def read(self, account, region):
        return self.doors[account]


def test_sizes_are_not_read_where_no_text_speaks_of_space():
    """
    Each image of a task would be a call: a pull that was denied does not take it.
    """
    for text in (EMPTY, DENIED):
        assert ImageSizes() == image_sizes(
            definition(), IMAGE, INDEX, NOTHING, text, Visit(), StoppedTask()
        )


def test_sizes_of_all_images_of_the_task(door):
    """
    The size of the image that is pulled is known already; one of elsewhere is nobody's to tell.
    """
    sized = {"imageDetails": [{"imageSizeInBytes": 70}]}
    visit = Visit(
        _222233334444=door({"describe_images": sized}),
        _333344445555=door({"describe_images": NotFound("ImageNotFoundException")}),
    )
    asked = definition(
        Container("app", IMAGE.written),
        Container("twin", IMAGE.written),
        Container("log", f"{HOST}/log@sha256:{'a' * 64}"),
        Container("proxy", "333344445555.dkr.ecr.eu-west-1.amazonaws.com/proxy:v1"),
        Container("cache", "redis:7"),
    )
    there = AskedImage(True, "sha256:a", "ACTIVE", size=900)

    found = image_sizes(asked, IMAGE, there, Recorded(FULL), EMPTY, visit, StoppedTask())

    sizes = (("app", 900), ("twin", 900), ("log", 70), ("proxy", None), ("cache", None))
    assert ImageSizes(sizes) == found
    (call,) = visit.doors["222233334444"].asked
    assert [{"imageDigest": f"sha256:{'a' * 64}"}] == call.params["imageIds"]


def test_sizes_are_read_to_see_what_a_fix_has_left():
    """
    Then there are no words that point at them.
    """
    left = image_sizes(
        definition(), IMAGE, INDEX, NOTHING, EMPTY, Visit(), StoppedTask(settled=True)
    )

    assert ["app"] == [name for name, _ in left.items]


def test_a_size_that_ecr_does_not_tell(door):
    """
    Nothing told is not nothing.
    """
    visit = Visit(_222233334444=door({"describe_images": {"imageDetails": []}}))
    asked = definition(Container("app", IMAGE.written), Container("log", f"{HOST}/log:v1"))

    found = image_sizes(
        asked, IMAGE, Unknown("AskedImage", "denied"), NOTHING, FULL, visit, StoppedTask()
    )

    assert (("app", None), ("log", None)) == found.items
