"""Ways out of a VPC: one subnet has one fault, and never one where there is a way."""

from hypothesis import given
from hypothesis import strategies as st

from bot.aws.reference import split
from bot.causes.network import (
    cross_region_image_unreachable,
    endpoint_missing,
    no_route_to_registry,
    public_ip_missing,
    s3_route_missing,
)
from bot.causes.registry import public_registry_unreachable
from bot.diagnosis import judge
from bot.facts import ImageReference, Platform, RouteTables, VpcEndpoints
from bot.model import Confirmed, RuledOut, Undecided
from tests.cases.building import endpoints
from tests.cases.healthy import HEALTHY, URI, network

CAUSES = [
    module.CAUSE
    for module in (
        public_ip_missing, endpoint_missing, s3_route_missing,
    )
]  # fmt: skip
TO_FAR = cross_region_image_unreachable.CAUSE
TO_ECR, TO_OTHERS = no_route_to_registry.CAUSE, public_registry_unreachable.CAUSE
SERVICES = ("ecr.api", "ecr.dkr", "s3", "logs", "ssm", "secretsmanager")
CLOSED = (None, "igw-1")
UNSEEN = ("tgw-1", "pcx-1", "vgw-1", "eni-1", "vpce-gwlb", "lgw-1")
IMAGES = (URI, URI.replace("eu-west-1", "us-east-1"), "redis:7", "public.ecr.aws/nginx/nginx:1")
PLATFORMS = (Platform("FARGATE"), Platform("FARGATE", "1.3.0"), Platform("EC2"))

present = st.sets(st.sampled_from(SERVICES)).map(sorted)
images = st.sampled_from(IMAGES).map(lambda written: split(written, "app"))
platforms = st.sampled_from(PLATFORMS)


def needed(platform):
    """The endpoints that a pull on *platform* takes where there is no other way."""
    return {"ecr.dkr", "s3"} | ({"ecr.api"} if platform.version != "1.3.0" else set())


def verdicts(target, services, image, platform, *, public=False):
    """What the five causes of this kind of registry say about two equal subnets."""
    there = endpoints(*services)
    facts = HEALTHY | network(public=public, default=target)
    routed = {t.id: t.routes for t in there[RouteTables].items}
    facts |= {
        VpcEndpoints: there[VpcEndpoints],
        RouteTables: RouteTables(
            tuple(
                type(t)(t.id, t.main, t.subnets, tuple(dict.fromkeys((*t.routes, *routed[t.id]))))
                for t in facts[RouteTables].items
            )
        ),
        ImageReference: image,
        Platform: platform,
    }
    mine, other = (TO_ECR, TO_OTHERS) if image.registry == "ecr" else (TO_OTHERS, TO_ECR)
    assert isinstance(judge(other, facts), RuledOut)
    return [judge(cause, facts) for cause in (*CAUSES, mine, TO_FAR)]


@given(present, images, platforms)
def test_a_way_out_is_never_closed(services, image, platform):
    """
    With a NAT gateway or a public address, whatever endpoints there are, nothing is missing.
    """
    for target, public in (("nat-1", False), ("igw-1", True)):
        found = verdicts(target, services, image, platform, public=public)

        assert not [v for v in found if isinstance(v, Confirmed | Undecided)]


@given(st.sampled_from(UNSEEN), present, images, platforms)
def test_what_nobody_sees_confirms_nothing(target, services, image, platform):
    """
    Behind a transit gateway, a peering or a firewall everything stays open, unless the endpoints
    leave nothing that would have to go there.
    """
    found = verdicts(target, services, image, platform)
    complete = image.written == URI and needed(platform) <= set(services)

    assert {RuledOut if complete else Undecided} == {type(v) for v in found[:4]}


@given(st.sampled_from(CLOSED), present, images, platforms)
def test_one_closed_vpc_has_at_most_one_fault(target, services, image, platform):
    """
    The five causes exclude one another, and a registry that endpoints cannot serve has one.
    """
    confirmed = [v for v in verdicts(target, services, image, platform) if isinstance(v, Confirmed)]

    assert len(confirmed) <= 1
    assert confirmed or image.written == URI


@given(st.sampled_from(CLOSED), present, platforms)
def test_a_closed_vpc_works_with_all_endpoints_only(target, services, platform):
    """
    Without a way out, the registry is reached exactly when all that is needed is there.
    """
    image = split(URI, "app")
    confirmed = any(isinstance(v, Confirmed) for v in verdicts(target, services, image, platform))

    assert confirmed is not (needed(platform) <= set(services))
