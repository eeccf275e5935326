import pytest

from bot.causes.network.endpoint_unavailable import advise, decide
from bot.evidence import ask
from bot.facts import Route
from bot.model import Confirmed, RuledOut, Undecided
from tests.cases.building import case, with_endpoint, with_route
from tests.cases.healthy import HEALTHY
from tests.cases.network import PRIVATE

PENDING = case(with_endpoint(PRIVATE, "vpce-ecr-dkr", state="pending"))
NOWHERE = case(with_endpoint(PRIVATE, "vpce-ecr-dkr", subnets=()))


def test_endpoints_that_serve_or_are_not_needed():
    """
    Available ones, and none at all.
    """
    assert isinstance(ask(decide, case(PRIVATE)), RuledOut)
    assert isinstance(ask(decide, HEALTHY), RuledOut)


@pytest.mark.parametrize("state", ["deleted", "failed", "rejected", "expired", "Deleting"])
def test_one_that_is_gone_is_missing(state):
    """
    What will never serve again is as good as not there, which is another cause.
    """
    facts = case(with_endpoint(PRIVATE, "vpce-ecr-dkr", state=state))

    assert isinstance(ask(decide, facts), RuledOut)


def test_a_way_out_leads_past_it():
    """
    An endpoint that is not available takes no name yet.
    """
    out = with_route(PENDING, "rtb-task", Route("0.0.0.0/0", "nat-1"), Route("pl-s3", "vpce-s3"))

    assert isinstance(ask(decide, out), RuledOut)


def test_behind_a_transit_gateway_it_stays_open():
    """
    There may be a way out.
    """
    hub = with_route(PENDING, "rtb-task", Route("0.0.0.0/0", "tgw-1"), Route("pl-s3", "vpce-s3"))

    assert isinstance(ask(decide, hub), Undecided)


def test_not_available():
    """
    The proof names the endpoint, its service and its state; a person sees why.
    """
    verdict, (call,) = ask(decide, PENDING), ask(advise, PENDING)

    assert isinstance(verdict, Confirmed)
    assert (["vpce-ecr-dkr"], ["pending"]) == (verdict.proof["endpoints"], verdict.proof["states"])
    assert (False, True) == (verdict.proof["bare"], verdict.proof["waits"])
    assert ("describe_vpc_endpoints", ["vpce-ecr-dkr"]) == (
        call.operation,
        call.params["VpcEndpointIds"],
    )


def test_in_no_subnet():
    """
    It gets one of each zone.
    """
    verdict, (call,) = ask(decide, NOWHERE), ask(advise, NOWHERE)

    assert verdict.proof["bare"]
    assert ["subnet-a", "subnet-b"] == call.params["AddSubnetIds"]


def test_the_gateway_of_the_layers():
    """
    S3's gateway endpoint may not be available, either.
    """
    facts = case(with_endpoint(PRIVATE, "vpce-s3", state="pending"))
    verdict = ask(decide, facts)

    assert isinstance(verdict, Confirmed)
    assert (["vpce-s3"], ["starport-layer-bucket"]) == (
        verdict.proof["endpoints"],
        verdict.proof["targets"],
    )
