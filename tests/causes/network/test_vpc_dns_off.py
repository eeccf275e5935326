from dataclasses import replace

from bot.causes.network.vpc_dns_off import decide, plan
from bot.evidence import ask
from bot.facts import Route, Vpc
from bot.model import RuledOut, Undecided, Unknown
from tests.cases.building import case, with_endpoint, with_route
from tests.cases.healthy import HEALTHY, network
from tests.cases.network import PRIVATE, VPC

NO_NAMES = {Vpc: replace(VPC, dns_hostnames=False)}
MUTE = {Vpc: replace(VPC, dns_support=False)}


def test_names_that_are_answered():
    """
    Both on, or no private names needed.
    """
    assert isinstance(ask(decide, case(PRIVATE)), RuledOut)
    assert isinstance(ask(decide, case(NO_NAMES)), RuledOut)


def test_public_names_do_where_there_is_a_way_out():
    """
    Without private names the pull goes past the endpoints, and arrives.
    """
    out = with_route(
        case(PRIVATE, NO_NAMES), "rtb-task",
        Route("0.0.0.0/0", "nat-1"), Route("pl-s3", "vpce-s3"),
    )  # fmt: skip

    assert isinstance(ask(decide, out), RuledOut)


def test_a_dns_server_of_ones_own():
    """
    It answers whatever the VPC's own would say.
    """
    own = {Vpc: replace(VPC, dns_support=False, dns_servers=("10.0.0.53",))}

    assert isinstance(ask(decide, case(own)), RuledOut)


def test_a_vpc_that_nobody_could_read():
    """
    Not known is not off.
    """
    denied = Unknown("Vpc", "denied", "ec2:DescribeVpcAttribute")

    assert Undecided((denied,)) == ask(decide, case(PRIVATE, {Vpc: denied}))
    assert isinstance(ask(decide, case(network(public=False, default=None), MUTE)), RuledOut)


def test_which_attribute_is_off():
    """
    Host names matter to endpoints alone, support to everybody.
    """
    assert ["enableDnsHostnames"] == ask(decide, case(PRIVATE, NO_NAMES)).proof["attributes"]
    assert ["enableDnsSupport"] == ask(decide, case(MUTE)).proof["attributes"]
    both = {Vpc: replace(VPC, dns_support=False, dns_hostnames=False)}
    assert ["enableDnsSupport", "enableDnsHostnames"] == [
        next(iter(s.after)) for s in ask(plan, case(PRIVATE, both)).steps[:-1]
    ]


def test_beside_private_dns_that_is_off():
    """
    Both are closed, and each is named.
    """
    facts = case(with_endpoint(PRIVATE, "vpce-ecr-dkr", private_dns=False), NO_NAMES)

    assert ["vpce-ecr-api", "vpce-ecr-dkr"] == sorted(ask(decide, facts).proof["endpoints"])


def test_plan_makes_the_verdict_ruled_out():
    """
    One attribute a call, each with its inverse; nothing is planned where nothing is off.
    """
    step, _ = ask(plan, case(PRIVATE, NO_NAMES)).steps

    assert ({"enableDnsHostnames": False}, {"enableDnsHostnames": True}) == (
        step.before,
        step.after,
    )
    assert {"VpcId": "vpc-1", "EnableDnsHostnames": {"Value": False}} == step.undo.params
    assert isinstance(ask(decide, case(PRIVATE)), RuledOut)
    assert ask(plan, HEALTHY) is None
