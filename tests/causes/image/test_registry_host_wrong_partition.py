import pytest

from bot.aws.reference import split
from bot.causes.image.registry_host_wrong_partition import CAUSE, choices, decide, plan
from bot.facts import Choice
from bot.model import Confirmed, RuledOut, Undecided
from tests.causes.facts import well_worded
from tests.causes.facts_image_network import (
    ACCOUNT,
    GONE,
    HOST,
    HUB,
    IMAGE,
    NO_SERVICE,
    NOTHING_RECORDED,
    REPOSITORY,
    SERVICE,
    definition,
    recorded,
    unknown,
)

CHINESE, MIXED = f"{HOST}.cn", f"{ACCOUNT}.dkr-ecr.eu-west-1.amazonaws.com"
FIPS = f"{ACCOUNT}.dkr.ecr-fips.eu-west-1.amazonaws.com"
DUAL = f"{ACCOUNT}.dkr-ecr.eu-west-1.on.aws"
UNRESOLVED = recorded(
    f"CannotPullContainerError: failed to resolve ref {FIPS}/team/shop:v1.0.0: failed to do request: "
    f'Head "https://{FIPS}/v2/team/shop/manifests/v1.0.0": dial tcp: lookup {FIPS}: no such host'
)


def at(host):
    return split(f"{host}/team/shop:v1.0.0", "app")


@pytest.mark.parametrize(
    "image", [IMAGE, HUB, at(DUAL), at("ghcr.io"), at(f"{HOST}.example.com"), at("localhost:5000")]
)
def test_hosts_that_may_exist(image):
    """
    The right host of ECR in either form, and all that is none of ECR's.
    """
    assert isinstance(decide(image, NOTHING_RECORDED), RuledOut)
    assert isinstance(decide(image, UNRESOLVED), RuledOut)


def test_fips_host_that_is_on_no_list():
    """
    A list may be out of date: it is the cause where ECS recorded that the name does not resolve.
    """
    assert isinstance(decide(at(FIPS), NOTHING_RECORDED), Undecided)
    assert isinstance(decide(at(FIPS), unknown("Recorded")), Undecided)
    verdict = decide(at(FIPS), UNRESOLVED)

    assert isinstance(verdict, Confirmed)
    assert ("fips", [HOST]) == (verdict.proof["kind"], verdict.proof["right"])
    assert well_worded(CAUSE, verdict)
    assert () == choices(at(FIPS))


@pytest.mark.parametrize(
    ("host", "kind", "right"), [(CHINESE, "partition", [HOST]), (MIXED, "form", [HOST, DUAL])]
)
def test_host_that_cannot_exist(host, kind, right):
    """
    No record is needed for what AWS never names so; the proof has the right host.
    """
    verdict = decide(at(host), unknown("Recorded"))

    assert isinstance(verdict, Confirmed)
    assert (kind, right) == (verdict.proof["kind"], verdict.proof["right"])
    assert tuple(right) == choices(at(host))
    assert well_worded(CAUSE, verdict)


def test_no_plan_where_the_repository_was_not_found():
    """
    A right host without the repository helps nobody; nor does a host that nobody offered.
    """
    asked = definition(at(CHINESE).written)

    assert None is plan(SERVICE, asked, at(CHINESE), GONE, Choice())
    assert None is plan(NO_SERVICE, asked, at(CHINESE), REPOSITORY, Choice())
    assert None is plan(SERVICE, asked, at(CHINESE), REPOSITORY, Choice("evil.example.com"))
    assert None is plan(SERVICE, definition(at(FIPS).written), at(FIPS), REPOSITORY, Choice())


@pytest.mark.parametrize("choice", [None, HOST, DUAL])
def test_plan_makes_the_verdict_ruled_out(choice):
    """
    Only the host changes, and it is one of ECR's.
    """
    asked = definition(at(MIXED).written)
    steps = plan(SERVICE, asked, at(MIXED), REPOSITORY, Choice(choice)).steps
    image = steps[0].after["containers"]["app"]["image"]

    assert f"{choice or HOST}/team/shop:v1.0.0" == image
    assert isinstance(decide(split(image, "app"), NOTHING_RECORDED), RuledOut)
