from dataclasses import replace

from bot.causes.network.subnet_addresses_exhausted import advise, decide
from bot.evidence import ask
from bot.facts import Service, Subnets
from bot.model import Confirmed, RuledOut, Undecided, Unknown
from tests.cases.building import case, host
from tests.cases.healthy import HEALTHY
from tests.cases.network import full, six

ENI = (
    "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment "
    "disabled in subnet 'subnet-a': InsufficientFreeAddressesInSubnet"
)


def free(*counts):
    items = HEALTHY[Subnets].items
    return {Subnets: Subnets(tuple(replace(s, free=n) for s, n in zip(items, counts, strict=True)))}


def test_free_addresses():
    """
    One is enough, and how many there are may not be known.
    """
    assert isinstance(ask(decide, HEALTHY), RuledOut)
    assert isinstance(ask(decide, case(full(HEALTHY), free(1, 250))), RuledOut)


def test_a_service_that_has_all_its_tasks():
    """
    A full subnet is no fault while nobody waits for an address.
    """
    assert isinstance(ask(decide, case(free(0, 0))), RuledOut)


def test_hosts_have_their_address_already():
    """
    On EC2 the host's interface pulls.
    """
    facts = case(full(HEALTHY))

    assert isinstance(ask(decide, facts | host(facts)), RuledOut)


def test_subnets_without_ipv4():
    """
    They count no addresses.
    """
    bare = six(HEALTHY)[Subnets].items
    none = {Subnets: Subnets(tuple(replace(s, free=0) for s in bare))}

    assert isinstance(ask(decide, case(full(HEALTHY), none)), RuledOut)


def test_an_interface_that_could_not_be_made():
    """
    Without the count it stays open; with free addresses it had another reason.
    """
    assert isinstance(ask(decide, case(text=ENI)), Undecided)
    assert isinstance(ask(decide, case(free(3, 3), text=ENI)), RuledOut)


def test_no_address_is_left():
    """
    The proof names the subnets, and those that have some.
    """
    waiting = {Service: replace(HEALTHY[Service], running=0)}
    verdict = ask(decide, case(free(0, 12), waiting))

    assert isinstance(verdict, Confirmed)
    assert (["subnet-a"], ["subnet-b"]) == (verdict.proof["closed"], verdict.proof["open"])
    assert isinstance(ask(decide, case(free(0, 0), text=ENI)), Confirmed)


def test_advice_keeps_what_has_addresses():
    """
    The whole block is sent, with a subnet that a person chooses.
    """
    (call,) = ask(advise, case(free(0, 12)))
    inside = call.params["networkConfiguration"]["awsvpcConfiguration"]

    assert ["subnet-b", "<subnet with free addresses>"] == inside["subnets"]
    assert (["sg-task"], "DISABLED") == (inside["securityGroups"], inside["assignPublicIp"])
    assert () == ask(advise, HEALTHY | {Service: Unknown("Service", "denied")})
