from bot.causes.network.internet_gateway_missing import advise, decide
from bot.evidence import ask
from bot.facts import InternetGateways, PullInterface
from bot.model import Confirmed, RuledOut, Undecided
from tests.cases.building import case, endpoints, host, with_route
from tests.cases.healthy import HEALTHY, network
from tests.cases.network import GATEWAY, ours

PUBLIC = network(public=True, default="igw-1")
NONE = {InternetGateways: InternetGateways(())}
HOLE = case(with_route(network(public=True, default=None), "rtb-task", GATEWAY))
NO_ROUTE = case(network(public=True, default=None))


def test_a_gateway_that_works():
    """
    With it, or with a NAT gateway, nothing is missing.
    """
    assert isinstance(ask(decide, case(PUBLIC)), RuledOut)
    assert isinstance(ask(decide, HEALTHY), RuledOut)


def test_a_private_subnet_was_never_meant_to_have_one():
    """
    Without a public address, what is missing is another way.
    """
    assert isinstance(ask(decide, case(network(public=False, default=None))), RuledOut)


def test_endpoints_are_another_way():
    """
    A VPC with interface endpoints relies on these, public addresses or not.
    """
    facts = endpoints("ecr.dkr", "s3")
    public = {PullInterface: PullInterface(("subnet-a", "subnet-b"), ("sg-task",), True)}

    assert isinstance(ask(decide, case(facts, public)), RuledOut)


def test_a_gateway_that_only_the_owner_of_the_vpc_sees():
    """
    In a shared VPC it is not listed, and may well be there.
    """
    assert isinstance(ask(decide, case(PUBLIC, NONE)), Undecided)
    assert isinstance(ask(decide, case(ours(PUBLIC), NONE)), Confirmed)


def test_a_route_that_leads_nowhere():
    """
    The gateway of the route is attached, or the one that the VPC has by now is used.
    """
    proof = ask(decide, HOLE | NONE).proof
    (attach,) = ask(advise, HOLE | NONE)
    other = HOLE | {InternetGateways: InternetGateways(("igw-2",))}
    (replaced,) = ask(advise, other)

    assert ("igw-1", "detached") == (proof["gateway"], proof["kind"])
    assert {"InternetGatewayId": "igw-1", "VpcId": "vpc-1"} == attach.params
    assert "igw-2" == ask(decide, other).proof["instead"]
    assert ("replace_route", "igw-2") == (replaced.operation, replaced.params["GatewayId"])


def test_a_public_subnet_without_the_route():
    """
    The route is added to the gateway that is there; where there is none, one is attached first.
    """
    proof = ask(decide, NO_ROUTE).proof
    (route,) = ask(advise, NO_ROUTE)
    calls = ask(advise, NO_ROUTE | NONE)

    assert ("igw-1", "no-route", ["rtb-task"]) == (proof["gateway"], proof["kind"], proof["tables"])
    assert {"RouteTableId": "rtb-task", "DestinationCidrBlock": "0.0.0.0/0",
            "GatewayId": "igw-1"} == route.params  # fmt: skip
    assert ["attach_internet_gateway", "create_route"] == [c.operation for c in calls]
    assert "host" == ask(decide, case(host(network(public=True, default=None)))).proof["owner"]
