from dataclasses import replace

from bot.causes.network.cross_region_image_unreachable import advise, decide
from bot.evidence import ask
from bot.facts import ImageReference, Route, VpcEndpoints
from bot.model import Confirmed, RuledOut, Undecided
from tests.cases.building import REDIS, case, endpoints, image, with_route
from tests.cases.healthy import HEALTHY, network
from tests.cases.network import FAR, PRIVATE

BROKEN = case(image(FAR), PRIVATE)


def test_an_image_of_this_region():
    """
    The endpoints serve it.
    """
    assert isinstance(ask(decide, case(PRIVATE)), RuledOut)
    assert () == ask(advise, case(PRIVATE))


def test_a_way_to_the_internet():
    """
    It leads to every Region.
    """
    assert isinstance(ask(decide, case(image(FAR))), RuledOut)
    assert isinstance(
        ask(decide, case(image(FAR), network(public=True, default="igw-1"))), RuledOut
    )


def test_a_vpc_without_endpoints_is_another_cause():
    """
    There it is the way out that is missing, for images of every Region.
    """
    assert isinstance(ask(decide, case(image(FAR), network(public=False, default=None))), RuledOut)
    assert isinstance(ask(decide, case(image(FAR), endpoints("logs"))), RuledOut)


def test_other_registries():
    """
    No Region of ours is to blame for Docker Hub.
    """
    assert isinstance(ask(decide, case(REDIS, PRIVATE)), RuledOut)


def test_endpoints_that_reach_into_the_region():
    """
    Whether they serve the pull in full is not known.
    """
    there = replace(PRIVATE[VpcEndpoints].items[1], service="com.amazonaws.us-east-1.ecr.dkr")
    both = VpcEndpoints((*PRIVATE[VpcEndpoints].items, there))

    assert isinstance(ask(decide, BROKEN | {VpcEndpoints: both}), Undecided)


def test_behind_a_transit_gateway_it_stays_open():
    """
    There may be a way out.
    """
    assert isinstance(
        ask(decide, with_route(BROKEN, "rtb-task", Route("0.0.0.0/0", "tgw-1"))), Undecided
    )


def test_endpoints_of_this_region_alone():
    """
    The proof names both Regions, the subnets and their tables.
    """
    verdict = ask(decide, BROKEN)

    assert isinstance(verdict, Confirmed)
    assert ("us-east-1", "eu-west-1") == (verdict.proof["there"], verdict.proof["here"])
    assert (["subnet-a", "subnet-b"], ["rtb-task"]) == (
        verdict.proof["closed"],
        verdict.proof["tables"],
    )


def test_advice_keeps_the_rules_that_are_there():
    """
    The configuration is set as a whole, so it is read before.
    """
    read, put = ask(advise, BROKEN)
    kept, rule = put.params["replicationConfiguration"]["rules"]

    assert ("describe_registry", "put_replication_configuration") == (read.operation, put.operation)
    assert kept.startswith("<")
    assert ["eu-west-1"] == [d["region"] for d in rule["destinations"]]
    assert () == ask(advise, BROKEN | {ImageReference: HEALTHY[ImageReference]})
