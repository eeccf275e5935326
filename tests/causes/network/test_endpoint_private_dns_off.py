from dataclasses import replace

from bot.causes.network.endpoint_private_dns_off import decide, plan
from bot.evidence import ask
from bot.facts import Route, Vpc, VpcEndpoints
from bot.model import Confirmed, RuledOut, Undecided, Unknown
from tests.cases.building import case, with_endpoint, with_route
from tests.cases.healthy import HEALTHY
from tests.cases.network import PRIVATE, VPC

BROKEN = case(with_endpoint(PRIVATE, "vpce-ecr-api", private_dns=False))


def test_named_endpoints_and_none_at_all():
    """
    Private DNS that is on, and endpoints that nobody needs, are not to blame.
    """
    assert isinstance(ask(decide, case(PRIVATE)), RuledOut)
    assert isinstance(ask(decide, HEALTHY), RuledOut)


def test_a_way_out_leads_past_it():
    """
    Where public addresses are reached, the endpoint is merely not used.
    """
    facts = with_route(BROKEN, "rtb-task", Route("0.0.0.0/0", "nat-1"), Route("pl-s3", "vpce-s3"))

    assert isinstance(ask(decide, facts), RuledOut)


def test_another_endpoint_of_the_service_has_the_name():
    """
    One endpoint with private DNS answers for all.
    """
    second = replace(PRIVATE[VpcEndpoints].items[0], id="vpce-0", private_dns=False)
    items = (second, *PRIVATE[VpcEndpoints].items)

    assert isinstance(ask(decide, case(PRIVATE, {VpcEndpoints: VpcEndpoints(items)})), RuledOut)


def test_behind_a_transit_gateway_it_stays_open():
    """
    Public addresses may be reached through a hub.
    """
    facts = with_route(BROKEN, "rtb-task", Route("0.0.0.0/0", "tgw-1"), Route("pl-s3", "vpce-s3"))

    assert isinstance(ask(decide, facts), Undecided)


def test_it_is_off():
    """
    The proof names the endpoint, its service, and who else is touched.
    """
    proof = ask(decide, BROKEN).proof

    assert (["vpce-ecr-api"], ["com.amazonaws.eu-west-1.ecr.api"]) == (
        proof["endpoints"],
        proof["services"],
    )
    assert (["api.ecr"], ["subnet-nat"]) == (proof["targets"], proof["beside"])


def test_plan_turns_it_on_and_undo_off():
    """
    What the plan leaves behind rules the cause out.
    """
    step, _ = ask(plan, BROKEN).steps

    assert ({"PrivateDnsEnabled": False}, {"PrivateDnsEnabled": True}) == (step.before, step.after)
    assert (True, False) == tuple(c.params["PrivateDnsEnabled"] for c in (step.do, step.undo))
    assert isinstance(ask(decide, case(PRIVATE)), RuledOut)


def test_the_vpc_comes_first():
    """
    EC2 refuses private names while the VPC answers none, or nobody knows whether it does.
    """
    off = BROKEN | {Vpc: replace(VPC, dns_hostnames=False)}

    assert isinstance(ask(decide, off), Confirmed)
    assert ask(plan, off) is None
    assert ask(plan, BROKEN | {Vpc: Unknown("Vpc", "denied")}) is None
    assert ask(plan, case(PRIVATE)) is None
