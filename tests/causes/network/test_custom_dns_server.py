from dataclasses import replace

from bot.causes.network import endpoint_security_group_closed
from bot.causes.network.custom_dns_server import advise, decide
from bot.evidence import ask
from bot.facts import Recorded, Vpc
from bot.model import Confirmed, RuledOut, Undecided, Unknown
from bot.symptom import EMPTY
from tests.cases.building import case, image, outside, with_groups
from tests.cases.healthy import HEALTHY
from tests.cases.network import ASKING, LOST, OWN_DNS, PRIVATE, SILENT, VPC


def test_amazons_own_server():
    """
    By its name, or by its address in the VPC: what it does not find is not there.
    """
    for servers in (("AmazonProvidedDNS",), ("10.0.0.2",), ("169.254.169.253",)):
        own = {Vpc: replace(VPC, dns_servers=servers)}

        assert isinstance(ask(decide, case(own, text=ASKING + LOST)), RuledOut)


def test_nothing_recorded():
    """
    A server of one's own is no fault by itself; with endpoints it has to know, it stays open.
    """
    assert isinstance(ask(decide, case(OWN_DNS)), RuledOut)
    (missing, *_) = ask(decide, case(PRIVATE, OWN_DNS)).missing
    assert "whether names lead to vpce-ecr-api is not known" == missing.because


def test_a_pasted_text_confirms_nothing():
    """
    Only what ECS itself recorded tells.
    """
    facts = case(OWN_DNS, text=ASKING + LOST) | {Recorded: Recorded(EMPTY)}

    assert isinstance(ask(decide, facts), RuledOut)


def test_a_vpc_that_nobody_could_read():
    """
    Which servers it asks is not known.
    """
    denied = Unknown("Vpc", "denied", "ec2:DescribeDhcpOptions")

    assert Undecided((denied,)) == ask(decide, HEALTHY | {Vpc: denied})


def test_a_host_that_may_not_exist():
    """
    A registry of somebody's own is not found for other reasons, too.
    """
    facts = case(OWN_DNS, outside("registry.example.com/shop:1"), text=ASKING + LOST)

    assert isinstance(ask(decide, facts), RuledOut)


def test_no_answer_for_the_registry():
    """
    The proof names the servers and the host that they did not find.
    """
    proof = ask(decide, case(OWN_DNS, text=ASKING + LOST)).proof

    assert ("no-answer", ["10.0.0.53"]) == (proof["kind"], proof["servers"])
    assert proof["host"].startswith("222233334444.dkr.ecr.")
    assert isinstance(ask(decide, case(image("redis:7"), OWN_DNS, text=ASKING + LOST)), Confirmed)


def test_past_the_endpoint():
    """
    A public address was tried, though an endpoint with private DNS is there.
    """
    proof = ask(decide, case(PRIVATE, OWN_DNS, text=ASKING + SILENT)).proof

    assert ("past", "52.46.1.2") == (proof["kind"], proof["address"])
    assert ["vpce-ecr-api", "vpce-ecr-dkr"] == proof["endpoints"]


def test_a_private_address_leads_to_the_endpoint():
    """
    Then the server does forward, and what is closed is further on.
    """
    private = ASKING + SILENT.replace("52.46.1.2", "10.0.1.77")
    facts = case(PRIVATE, OWN_DNS, with_groups(endpoint=()), text=private)
    shut = ask(endpoint_security_group_closed.decide, facts)

    assert isinstance(shut, Confirmed)
    assert "vpce-ecr-dkr" in shut.proof["endpoints"]
    assert not isinstance(ask(decide, facts), Confirmed)


def test_advice_is_to_look():
    """
    What the servers could forward to can be listed; with Amazon's own there is nothing to see.
    """
    assert ["list_resolver_endpoints"] == [c.operation for c in ask(advise, case(OWN_DNS))]
    assert () == ask(advise, HEALTHY)
