from dataclasses import replace

from bot.aws.reference import split
from bot.causes.network.ipv6_only_subnet import decide
from bot.evidence import ask
from bot.facts import ImageReference, NetworkAcls, Rule, Subnets
from bot.model import Confirmed, RuledOut, Undecided
from tests.cases.building import REDIS, case, with_groups
from tests.cases.healthy import ACCOUNT, HEALTHY, URI
from tests.cases.network import six

DUAL = URI.replace("dkr.ecr", "dkr-ecr").replace("amazonaws.com", "on.aws")
SIX = Rule("-1", None, None, ("::/0",))


def test_a_subnet_of_both_families():
    """
    IPv4 beside IPv6 is enough.
    """
    both = tuple(replace(s, ipv6=("2a05:1::/64",)) for s in HEALTHY[Subnets].items)

    assert isinstance(ask(decide, HEALTHY), RuledOut)
    assert isinstance(ask(decide, case({Subnets: Subnets(both)})), RuledOut)


def test_the_dual_stack_host():
    """
    It answers over IPv6, so whatever else may be closed, this is not.
    """
    acl = HEALTHY[NetworkAcls].items[0]
    entries = tuple(replace(e, cidr="::/0") for e in acl.entries)
    acls = {NetworkAcls: NetworkAcls((replace(acl, entries=entries),))}
    facts = case(six(HEALTHY), with_groups(task=(SIX,)), acls, {ImageReference: split(DUAL, "app")})

    assert isinstance(ask(decide, facts), RuledOut)


def test_other_registries():
    """
    Whether they answer over IPv6, nobody told.
    """
    assert isinstance(ask(decide, case(REDIS, six(HEALTHY))), Undecided)


def test_the_usual_host():
    """
    The proof names the host that would do.
    """
    verdict = ask(decide, case(six(HEALTHY)))

    assert isinstance(verdict, Confirmed)
    assert f"{ACCOUNT}.dkr-ecr.eu-west-1.on.aws" == verdict.proof["dual"]
    assert ["subnet-a", "subnet-b"] == verdict.proof["closed"]
