import pytest

from bot.causes.registry.public_registry_unreachable import CAUSE, advise, decide
from bot.evidence import ask
from bot.facts import Recorded
from bot.model import Confirmed, RuledOut, Undecided
from bot.symptom import parse
from tests.cases.building import REDIS, case, endpoints, outside
from tests.cases.healthy import network
from tests.causes.facts import because, unknown, well_worded

ALL = endpoints("ecr.api", "ecr.dkr", "s3")
NOWHERE = network(public=False, default=None)
TEXT = (
    "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve "
    "ref registry.example.com/shop:1: failed to do request: Head "
    '"https://registry.example.com/v2/shop/manifests/1": dial tcp {}:443: i/o timeout'
)


def own(address):
    """The service with an image of an unknown registry, whose address ECS recorded."""
    said = {Recorded: Recorded(parse(TEXT.format(address)))}
    return case(outside("registry.example.com/shop:1"), NOWHERE, said)


def test_a_way_to_the_internet():
    """
    Through a NAT gateway, or with an address of one's own.
    """
    for around in (network(public=False, default="nat-1"), network(public=True, default="igw-1")):
        assert isinstance(ask(decide, case(REDIS, around)), RuledOut)


def test_missing_address_is_another_cause():
    """
    A public subnet has a way, once the task has an address.
    """
    assert isinstance(ask(decide, case(REDIS, network(public=False, default="igw-1"))), RuledOut)


def test_private_ecr_is_another_cause():
    """
    ECR is reached by endpoints, too.
    """
    assert isinstance(ask(decide, case(NOWHERE)), RuledOut)


def test_what_lies_behind_is_not_guessed():
    """
    A transit gateway may lead to the internet.
    """
    behind = case(REDIS, network(public=False, default="tgw-1"))

    assert isinstance(ask(decide, behind), Undecided)


@pytest.mark.parametrize("address", ["10.0.9.9", "999.1.1.1"])
def test_registry_that_may_be_in_the_same_network(address):
    """
    Nobody needs the internet to reach a server next door.
    """
    unsure = case(outside("registry.example.com/shop:1"), NOWHERE)
    assert "on the internet" in because(ask(decide, unsure))
    assert isinstance(ask(decide, unsure | {Recorded: unknown("Recorded")}), Undecided)
    assert isinstance(ask(decide, own(address)), Undecided)


@pytest.mark.parametrize(
    "image", ["redis:7", "public.ecr.aws/nginx/nginx:1", "ghcr.io/o/a:1", "x.azurecr.io/a:1"]
)
@pytest.mark.parametrize("around", [ALL, NOWHERE])
def test_registry_that_everybody_knows(image, around):
    """
    Endpoints or none: there is no way to it.
    """
    verdict = ask(decide, case(outside(image), around))

    assert isinstance(verdict, Confirmed)
    assert ["rtb-task"] == verdict.proof["tables"]
    assert [] == verdict.proof["missing"]
    assert well_worded(CAUSE, verdict)


def test_registry_by_the_address_that_was_tried():
    """
    An address of the internet tells where an unknown host is.
    """
    assert isinstance(ask(decide, own("93.184.216.34")), Confirmed)


def test_ready_calls():
    """
    One route for each table that has none.
    """
    (route,) = ask(advise, case(REDIS, ALL))

    assert ("rtb-task", "0.0.0.0/0") == (
        route.params["RouteTableId"],
        route.params["DestinationCidrBlock"],
    )
