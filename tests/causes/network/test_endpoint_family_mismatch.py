from dataclasses import replace
from types import SimpleNamespace

import pytest

from bot.aws.reference import split
from bot.causes.network import endpoint_missing
from bot.causes.network.endpoint_family_mismatch import advise, decide, plan
from bot.egress.paths import asked_host
from bot.evidence import ask
from bot.facts import ImageReference, Recorded, Route, Service, Vpc, VpcEndpoint, VpcEndpoints
from bot.model import Confirmed, RuledOut, Undecided
from bot.symptom import EMPTY, parse
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
    The reverse: the pull itself needs another endpoint; by which host it logs in is not known.
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


LOGIN = (
    "ResourceInitializationError: unable to pull secrets or registry auth: operation error ECR: "
    'GetAuthorizationToken, request send failed, Post "https://api.ecr-fips.eu-west-1.amazonaws.com/": '
    "dial tcp {0}:443: i/o timeout"
)
ALL_FIPS = case(named(endpoints(*FIPS)), {ImageReference: BY_FIPS})


def test_what_ecs_recorded_tells_by_which_host_it_logs_in():
    """
    It asked for the FIPS host of the API, which the endpoints that are there answer for.
    """
    said = parse(LOGIN.format("52.46.1.2"))

    assert isinstance(ask(decide, ALL_FIPS | {Recorded: Recorded(said)}), RuledOut)
    assert isinstance(ask(decide, ALL_FIPS), Undecided)


@pytest.mark.parametrize("there", [FIPS, ("ecr.api", "ecr.dkr", "s3")])
@pytest.mark.parametrize("host", ["dkr-ecr.eu-west-1.on.aws", "dkr-ecr-fips.eu-west-1.on.aws"])
def test_at_which_endpoint_a_dual_stack_host_is_answered_is_not_known(there, host):
    """
    AWS's pages disagree, so nothing is made for it.
    """
    image = split(f"{HOST.partition('.')[0]}.{host}/team/shop:v1.0.0", "app")
    facts = case(named(endpoints(*there)), {ImageReference: image})

    assert not isinstance(ask(decide, facts), Confirmed)
    assert None is ask(plan, facts)


def test_a_dns_server_of_the_vpcs_own_may_answer_otherwise():
    """
    The names that an endpoint tells are those of Amazon's DNS.
    """
    own = {Vpc: replace(ALONE[Vpc], dns_servers=("10.0.0.53",))}

    assert isinstance(ask(decide, ALONE | own), Undecided)


def test_a_private_address_was_somebodys_endpoint():
    """
    The name did lead inside, by a zone of their own, say.
    """
    inside = parse(LOGIN.replace("ecr-fips", "ecr").format("10.0.1.77"))
    facts = ALONE | {Recorded: Recorded(inside)}

    assert not isinstance(ask(decide, facts), Confirmed)
    assert not isinstance(ask(endpoint_missing.decide, facts), Confirmed)


def test_the_endpoint_without_names_is_the_one_in_doubt():
    """
    One tells that it does not answer, the other tells nothing.
    """
    silent = replace(ALONE[VpcEndpoints].items[1], id="vpce-silent", names=())
    both = VpcEndpoints((*ALONE[VpcEndpoints].items, silent))
    usual = replace(ALONE[VpcEndpoints].items[0], service="com.amazonaws.eu-west-1.ecr.api",
                    names=("api.ecr.eu-west-1.amazonaws.com",))  # fmt: skip
    facts = ALONE | {VpcEndpoints: VpcEndpoints((usual, *both.items[1:]))}

    assert "vpce-silent" in ask(decide, facts).missing[0].because


def test_names_of_the_right_endpoint_that_leave_the_host_out():
    """
    Then it is not known where the host leads.
    """
    items = named(endpoints("ecr.api", "ecr.dkr", "s3"))[VpcEndpoints].items
    odd = tuple(
        replace(e, names=("dkr-ecr.eu-west-1.on.aws",)) if e.id == "vpce-ecr-dkr" else e
        for e in items
    )
    facts = case(endpoints("ecr.api", "ecr.dkr", "s3"), {VpcEndpoints: VpcEndpoints(odd)})

    assert isinstance(ask(decide, facts), Undecided)


@pytest.mark.parametrize(
    ("region", "host"), [("us-gov-west-1", None), ("eu-west-1", "api.ecr.eu-west-1.amazonaws.com")]
)
def test_in_govcloud_a_task_may_log_in_by_fips(region, host):
    """
    Elsewhere it asks for the usual host.
    """
    at = SimpleNamespace(image=HEALTHY[ImageReference], said=EMPTY)

    assert host == asked_host(at, "ecr-api", region)


def test_a_login_that_was_recorded_in_another_region_says_nothing_of_this_one():
    """
    A copy of the image in the task's own Region is reached by the host of that Region.
    """
    far = parse(LOGIN.format("52.46.1.2").replace("ecr-fips.eu-west-1", "ecr.us-east-1"))
    at = SimpleNamespace(image=HEALTHY[ImageReference], said=far)

    assert "api.ecr.us-east-1.amazonaws.com" == asked_host(at, "ecr-api", "us-east-1")
    assert "api.ecr.eu-west-1.amazonaws.com" == asked_host(at, "ecr-api", "eu-west-1")
