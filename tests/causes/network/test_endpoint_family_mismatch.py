from dataclasses import replace

import pytest

from bot.aws.reference import split
from bot.causes.network import endpoint_missing
from bot.causes.network.endpoint_family_mismatch import advise, decide, plan
from bot.evidence import ask
from bot.facts import ImageReference, Route, Service, VpcEndpoint, VpcEndpoints
from bot.model import Confirmed, RuledOut, Undecided
from tests.cases.building import case, endpoints, with_groups, with_route
from tests.cases.healthy import HEALTHY, HOST, URI
from tests.cases.network import CASES, named

FIPS = ("ecr-fips.api", "ecr-fips.dkr", "s3")
ALONE = CASES["endpoint-family-mismatch"]
BY_FIPS = split(URI.replace(".ecr.", ".ecr-fips."), "app")


def test_endpoints_of_the_right_family():
    """
    Usual ones for a usual host, also beside those for FIPS; and where there are none of either.
    """
    both = named(endpoints("ecr.api", "ecr.dkr", *FIPS))

    for facts in (HEALTHY, case(named(endpoints("ecr.api", "ecr.dkr", "s3"))), case(both)):
        assert isinstance(ask(decide, facts), RuledOut)
    assert isinstance(ask(decide, case(endpoints("s3", "logs"))), RuledOut)


def test_another_way_out_makes_them_optional():
    """
    A NAT gateway carries what no endpoint answers.
    """
    routed = with_route(ALONE, "rtb-task", Route("0.0.0.0/0", "nat-1"), Route("pl-s3", "vpce-s3"))

    assert isinstance(ask(decide, routed), RuledOut)


@pytest.mark.parametrize(
    "name",
    [HOST.partition(".")[2], f"*.{HOST.partition('.')[2]}", HOST],
    ids=("bare", "wild", "own"),
)
def test_an_endpoint_whose_names_take_in_the_host(name):
    """
    Names decide, not what the service is called.
    """
    api = f"api.ecr.{HOST.split('.')[3]}.amazonaws.com"
    found = tuple(
        replace(e, names=(name, api)) if e.type == "Interface" else e
        for e in ALONE[VpcEndpoints].items
    )

    assert isinstance(ask(decide, ALONE | {VpcEndpoints: VpcEndpoints(found)}), RuledOut)


def test_names_that_nobody_told_leave_it_open():
    """
    Without the names of the endpoints it is not known whether they answer for this host.
    """
    found = ask(decide, case(endpoints(*FIPS)))

    assert isinstance(found, Undecided)
    assert "vpce-ecr-fips" in found.missing[0].because


def test_the_usual_endpoints_do_not_answer_for_a_fips_host():
    """
    The reverse: only the pull itself needs another endpoint, the login asks the usual host.
    """
    usual = ("ecr.api", "ecr.dkr", "s3")
    found = ask(decide, case(named(endpoints(*usual)), {ImageReference: BY_FIPS}))

    assert isinstance(found, Confirmed)
    assert ["com.amazonaws.eu-west-1.ecr-fips.dkr"] == found.proof["missing"]
    assert ["com.amazonaws.eu-west-1.ecr.dkr"] == found.proof["there"]


def test_one_cause_speaks_of_the_endpoints():
    """
    They are of the other family, not missing.
    """
    assert isinstance(ask(decide, ALONE), Confirmed)
    assert isinstance(ask(endpoint_missing.decide, ALONE), RuledOut)
    assert ["com.amazonaws.eu-west-1.ecr.api", "com.amazonaws.eu-west-1.ecr.dkr"] == ask(
        decide, ALONE
    ).proof["missing"]


def test_the_advice_makes_what_is_asked_for():
    """
    With private DNS, in the subnets that lack it.
    """
    calls = ask(advise, ALONE)

    assert ["com.amazonaws.eu-west-1.ecr.api", "com.amazonaws.eu-west-1.ecr.dkr"] == [
        c.params["ServiceName"] for c in calls
    ]
    assert all(c.params["PrivateDnsEnabled"] for c in calls)


def test_no_plan_where_the_group_would_not_let_the_task_in():
    """
    The group of the endpoints that are there is the only one that is known.
    """
    shut = case(ALONE, with_groups(endpoint=()))

    assert None is ask(plan, shut)
    assert not ask(decide, shut).proof["fixable"]


def test_plan_makes_the_verdict_ruled_out():
    """
    Both endpoints are made behind the group of the others, and the service is deployed anew.
    """
    made = ask(plan, ALONE)
    new = tuple(
        VpcEndpoint(
            f"vpce-{i}", s.do.params["ServiceName"], "Interface", "available", private_dns=True,
            subnets=tuple(s.do.params["SubnetIds"]), groups=tuple(s.do.params["SecurityGroupIds"]),
        )
        for i, s in enumerate(made.steps) if s.kind == "vpc-endpoint"
    )  # fmt: skip
    after = named({VpcEndpoints: VpcEndpoints((*ALONE[VpcEndpoints].items, *new))})

    assert 2 == len(new)
    assert ["sg-endpoint"] == made.steps[0].do.params["SecurityGroupIds"]
    assert "service-deployment" == made.steps[-1].kind
    assert isinstance(ask(decide, ALONE | after), RuledOut)
    assert 2 == len(ask(plan, ALONE | {Service: Service()}).steps)
