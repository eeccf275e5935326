from dataclasses import replace

from bot.causes.network.network_acl_blocks import advise, decide
from bot.evidence import ask
from bot.facts import AclEntry, NetworkAcl, NetworkAcls, VpcEndpoints
from bot.model import Confirmed, RuledOut, Undecided, Unknown
from tests.cases.building import case, with_acl
from tests.cases.healthy import HEALTHY, network
from tests.cases.network import ANSWERS, DENY, PRIVATE, beside


def entries(facts):
    """The entries that are advised: direction, block, ports and number."""
    return [
        (p["Egress"], p["CidrBlock"], p["PortRange"]["From"], p["PortRange"]["To"], p["RuleNumber"])
        for p in (c.params for c in ask(advise, facts))
    ]


def between(near=(), far=()):
    """ACLs of the tasks' subnets, and of the one where the endpoints stand."""
    everything = HEALTHY[NetworkAcls].items[0].entries
    return {
        NetworkAcls: NetworkAcls(
            (
                NetworkAcl("acl-1", ("subnet-a", "subnet-b"), (*everything, *near)),
                NetworkAcl("acl-2", ("subnet-far", "subnet-nat"), (*everything, *far)),
            )
        ),
        VpcEndpoints: VpcEndpoints(
            tuple(
                replace(e, subnets=("subnet-far",)) if e.type == "Interface" else e
                for e in PRIVATE[VpcEndpoints].items
            )
        ),
    }


def test_rules_that_let_it_through():
    """
    A deny after the allow, for another protocol, or for the other family stops nothing.
    """
    for entry in (
        replace(DENY, number=110),
        replace(DENY, protocol="17"),
        replace(DENY, cidr="::/0"),
        AclEntry(90, True, False, "6", "0.0.0.0/0", 80, 80),
    ):
        assert isinstance(ask(decide, case(with_acl(entry))), RuledOut)


def test_without_a_way_it_does_not_matter():
    """
    A route comes before its filters.
    """
    assert isinstance(
        ask(decide, case(network(public=False, default=None), with_acl(DENY))), RuledOut
    )


def test_part_of_the_addresses_or_ports():
    """
    What is stopped in part may work, and is not called blocked.
    """
    some = AclEntry(90, True, False, "6", "52.0.0.0/8")
    (missing,) = ask(decide, case(with_acl(some))).missing

    assert "what acl-1 lets through depends on the address" == missing.because


def test_an_acl_that_nobody_could_read():
    """
    It is not known, and not closed.
    """
    denied = Unknown("NetworkAcls", "denied", "ec2:DescribeNetworkAcls")

    assert Undecided((denied,)) == ask(decide, case({NetworkAcls: denied}))


def test_the_way_out_is_stopped():
    """
    The entry goes before the one that stops it, for the port and the direction alone.
    """
    facts = case(with_acl(DENY))
    proof = ask(decide, facts).proof

    assert [(True, "0.0.0.0/0", 443, 443, 89)] == entries(facts)
    assert ("90", "89") == (proof["entries"][0]["blocker"], proof["entries"][0]["number"])
    assert (["acl-1"], ["subnet-a", "subnet-b"]) == (proof["hops"], proof["closed"])


def test_the_answers_are_stopped():
    """
    They come in on the ports of the client.
    """
    facts = case(network(public=True, default="igw-1"), with_acl(ANSWERS))

    assert [(False, "0.0.0.0/0", 32768, 60999, 49)] == entries(facts)


def test_a_number_that_is_taken():
    """
    The next lower one that is free.
    """
    low = AclEntry(89, True, True, "17", "0.0.0.0/0")

    assert [88] == [e[-1] for e in entries(case(with_acl(DENY, low)))]


def test_nothing_but_the_asterisk():
    """
    Where no rule matches, the new one stands among the usual numbers.
    """
    https = AclEntry(100, True, True, "6", "0.0.0.0/0", 443, 443)
    only = NetworkAcl("acl-1", ("subnet-a", "subnet-b"), (https,))
    open_ = NetworkAcl("acl-2", ("subnet-nat",), HEALTHY[NetworkAcls].items[0].entries)
    facts = case({NetworkAcls: NetworkAcls((only, open_))})
    (worded,) = ask(decide, facts).proof["entries"]

    assert [(False, "0.0.0.0/0", 32768, 60999, 100)] == entries(facts)
    assert "*" == worded["blocker"]


def test_the_subnet_of_the_endpoint():
    """
    There the connection comes in at 443, and its answers go out.
    """
    shut = AclEntry(50, False, False, "6", "10.0.0.0/16")
    facts = case(PRIVATE, between(far=(shut,)))

    assert ["subnet-far"] == ask(decide, facts).proof["acl_subnets"]
    assert [(False, "10.0.1.0/24", 443, 443, 49), (False, "10.0.2.0/24", 443, 443, 48)] == entries(
        facts
    )


def test_the_subnet_of_the_nat_gateway():
    """
    The gateway answers on ports of its own.
    """
    shut = AclEntry(50, False, False, "6", "0.0.0.0/0", 1024, 65535)
    everything = HEALTHY[NetworkAcls].items[0].entries
    acls = (
        NetworkAcl("acl-1", ("subnet-a", "subnet-b"), everything),
        NetworkAcl("acl-2", ("subnet-nat",), (*everything, shut)),
    )
    facts = case({NetworkAcls: NetworkAcls(acls)})

    assert isinstance(ask(decide, facts), Confirmed)
    assert [(False, "0.0.0.0/0", 1024, 65535, 49)] == entries(facts)


def test_what_is_advised_rules_it_out():
    """
    With the entry, nothing is blocked, and nothing more is advised.
    """
    added = AclEntry(89, True, True, "6", "0.0.0.0/0", 443, 443)
    facts = case(with_acl(DENY, added))

    assert isinstance(ask(decide, facts), RuledOut)
    assert [] == entries(facts)


def test_one_acl_for_the_other_subnet_too_is_mended_for_both():
    """
    Both subnets of the service stand behind it; the rules are those of both.
    """
    facts = case(beside(HEALTHY), with_acl(DENY))

    assert ["subnet-a", "subnet-b"] == ask(decide, facts).proof["closed"]
    assert entries(facts) == entries(case(with_acl(DENY)))
