"""What the conditions of a policy see of a pull."""

from dataclasses import replace

import pytest

from bot.aws.pull import circumstances
from bot.aws.reference import split
from bot.evidence import ask
from bot.facts import (
    Circumstances,
    ImageReference,
    NatGateway,
    NatGateways,
    Platform,
    Route,
    RouteTables,
    Subnets,
    Vpc,
    VpcEndpoints,
)
from bot.model import Unknown
from tests.cases.building import case, endpoints, host
from tests.cases.healthy import ACCOUNT, HEALTHY, HOST, NAME, REGION, network

PRIVATE = case(endpoints("ecr.api", "ecr.dkr", "s3"))
NAT = case(network(public=False, default="nat-1"))
VPCE = "aws:SourceVpce"


def seen(facts, **changes):
    found = ask(circumstances, facts | changes.get("with_", {}))
    assert isinstance(found, Circumstances)
    return found


def test_through_an_endpoint():
    """
    The endpoint, its VPC and the Region are known; a public address there is none.
    """
    found = seen(PRIVATE).image

    assert {VPCE: "vpce-ecr-dkr", "aws:SourceVpc": "vpc-1"}.items() <= found.known.items()
    assert REGION == found.known["aws:RequestedRegion"]
    assert "aws:SourceIp" in found.absent


def test_over_the_internet():
    """
    No endpoint and routes that lead nowhere else: none of an endpoint's keys are there.
    """
    found = seen(NAT).image

    assert VPCE not in found.known
    assert {VPCE, "aws:SourceVpc"} <= found.absent
    assert "198.51.100.7" == found.known["aws:SourceIp"]


NATS = [
    NatGateways(()),
    NatGateways((NatGateway("nat-1", "s", "available", addresses=("198.51.100.7", "x")),)),
    Unknown("NatGateways", "denied"),
]


@pytest.mark.parametrize("nats", NATS, ids=range(len(NATS)))
def test_an_address_that_may_be_another_stays_open(nats):
    """
    A gateway with several addresses, or one that nobody may read; or the task's own, which is gone.
    """
    public = case(network(public=True, default="igw-1"))

    assert "aws:SourceIp" not in seen(NAT, with_={NatGateways: nats}).image.known
    assert "aws:SourceIp" not in seen(public).image.absent | set(seen(public).image.known)


def test_the_login_of_a_fargate_task_stays_open():
    """
    AWS's pages differ on whose interface it leaves by; that of a host is the host's.
    """
    assert VPCE not in seen(PRIVATE).login.absent | set(seen(PRIVATE).login.known)
    hosted = seen(case(host(endpoints("ecr.api", "ecr.dkr", "s3")))).login
    assert "vpce-ecr-api" == hosted.known[VPCE]


ELSEWHERE = [
    {RouteTables: RouteTables(tuple(
        replace(t, routes=(*t.routes, Route("10.1.0.0/16", "tgw-1")))
        for t in NAT[RouteTables].items
    ))},
    {RouteTables: Unknown("RouteTables", "denied")},
    {VpcEndpoints: Unknown("VpcEndpoints", "denied")},
    {Subnets: Unknown("Subnets", "denied")},
    {Subnets: Subnets(())},
    {Vpc: replace(HEALTHY[Vpc], dns_servers=("10.9.9.9",))},
    {VpcEndpoints: VpcEndpoints(tuple(
        replace(e, private_dns=False) for e in PRIVATE[VpcEndpoints].items
    ))},
    {ImageReference: split(f"{HOST.replace(REGION, 'us-east-1')}/{NAME}:v1", "app")},
    {ImageReference: split(f"{ACCOUNT}.dkr-ecr.{REGION}.on.aws/{NAME}:v1", "app")},
]  # fmt: skip


@pytest.mark.parametrize("unclear", ELSEWHERE, ids=range(len(ELSEWHERE)))
def test_what_may_lead_elsewhere_stays_open(unclear):
    """
    Endpoints of other VPCs, names that somebody else answers, what nobody may read.
    """
    found = seen(NAT, with_=unclear).image

    assert VPCE not in found.absent | set(found.known)
    assert "true" == found.known["aws:SecureTransport"]


def test_an_unknown_platform_is_taken_for_fargate():
    """
    Then the login stays open too.
    """
    found = seen(PRIVATE, with_={Platform: Unknown("Platform", "x")})

    assert VPCE not in found.login.known
    assert VPCE in found.image.known
