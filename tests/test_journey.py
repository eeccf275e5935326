"""The ways that a picture shows are those that the causes judged."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.aws.reference import split
from bot.egress.journey import chosen, journey_from_json, journeys
from bot.evidence import ask
from bot.facts import ImageReference, NetworkAcls, PrefixLists, SecurityGroups, Vpc, VpcEndpoints
from bot.model import Unknown
from tests.cases.broken import BROKEN_CASES, HEALTHY_CASES
from tests.cases.building import case, endpoints
from tests.cases.healthy import URI, network
from tests.support.reports import BY_ID, CASES, report_of

SERVICES = ("ecr.api", "ecr.dkr", "s3", "logs", "ssm")
OURS = ("public-ip-missing", "no-route-to-registry", "endpoint-missing", "s3-route-missing")
NETWORK = [n for n in BROKEN_CASES if n.split("/")[0] in OURS]
CLOSING = {
    "public-ip-missing": ("interface", "no-public-ip"),
    "no-route-to-registry": ("route", "no-route"),
    "endpoint-missing": ("endpoint", "endpoint-missing"),
    "s3-route-missing": ("endpoint", "endpoint-missing"),
    "s3-route-missing/table": ("route", "not-on-table"),
}


def ways(facts):
    return ask(journeys, facts)


def test_nothing_is_closed_where_the_way_is_open():
    """
    By a NAT gateway, by endpoints, or nobody knows: none of it is marked.
    """
    for name, facts in HEALTHY_CASES.items():
        assert all(not j.closed for j in ways(facts)), name


@pytest.mark.parametrize("name", NETWORK)
def test_the_hop_that_closes_is_the_one_that_the_cause_speaks_of(name):
    """
    A private subnet needs no route out where an endpoint is all that it lacks.
    """
    kind, reason = CLOSING.get(name) or CLOSING[name.split("/")[0]]
    journey = report_of(name).journey

    assert {(kind, reason)} == {(h.kind, h.why["reason"]) for h in journey.closed}
    assert journey.source in report_of(name).confirmed[0].finding.verdict.proof["closed"]


def test_what_is_in_doubt_is_never_closed():
    """
    Behind a transit gateway there may be a way that nobody sees.
    """
    for target in ("tgw-1", "pcx-1", "eni-1"):
        facts = case(network(public=False, default=target))

        assert all(w.state == "unknown" for j in ways(facts) for w in j.ways)


def test_the_subnet_that_the_finding_names_is_shown():
    """
    Of three subnets one is closed; the others are told apart.
    """
    journey = report_of("public-ip-missing/mixed").journey

    assert "subnet-a" == journey.source
    assert () == journey.alike
    assert ("subnet-b",) == journey.working


def test_subnets_that_fail_alike_are_named():
    """
    One picture is enough for all of them.
    """
    assert ("subnet-b",) == report_of("endpoint-missing/api").journey.alike


def test_a_name_in_the_proof_decides_between_two_that_are_closed():
    """
    Whatever stands first otherwise.
    """
    found = ways(CASES["endpoint-missing/api"])

    assert "subnet-a" == chosen(found, {}).source
    assert "subnet-b" == chosen(found, {"cause": {"deep": ["x", "subnet-b"]}}).source
    assert chosen([], {}) is None


def test_an_endpoint_that_refuses_closes_an_open_way():
    """
    Its policy is no matter for packets: the cause that names the endpoint is.
    """
    found = ways(case(endpoints("ecr.api", "ecr.dkr", "s3")))
    proof = {"endpoint-policy-denies": {"endpoints": ["vpce-ecr-dkr"], "closed": ["subnet-a"]}}
    journey = chosen(found, proof)

    assert ["ecr-dkr"] == [w.target for w in journey.ways if w.state == "closed"]
    assert ["vpce-ecr-dkr"] == [h.id for h in journey.closed]
    assert () == chosen(found, {"another": {"closed": ["subnet-a"]}}).closed
    assert chosen(ways(CASES["endpoint-missing/api"]), proof).closed[0].id is None


def test_an_endpoint_of_another_region_is_named_with_it():
    """
    One for the task's own Region does not lead to the image, and may be there.
    """
    facts = case(network(public=False, default=None))
    there = URI.replace("eu-west-1", "us-east-1")
    facts[ImageReference] = split(there, "app")
    services = {h.why.get("service") for w in ways(facts)[0].ways for h in w.hops} - {None}

    assert {"us-east-1.ecr.api", "us-east-1.ecr.dkr", "us-east-1.s3"} == services


def test_what_was_not_read_is_unknown_and_no_fault():
    """
    Filters may be unread: then the way is open but for them.
    """
    facts = CASES["nat"] | {Vpc: Unknown("Vpc", "denied", "ec2:DescribeVpcs")}
    hops = {h.kind: h.state for h in ways(facts)[0].ways[0].hops}

    assert "unknown" == hops["dns"]


@settings(max_examples=60)
@given(st.sets(st.sampled_from(SERVICES)).map(sorted), st.sampled_from([None, "igw-1", "tgw-1"]))
def test_ways_survive_the_store(services, default):
    """
    Through JSON and back they are what they were.
    """
    facts = case(network(public=False, default=default))
    facts[VpcEndpoints] = endpoints(*services)[VpcEndpoints]
    for journey in ways(facts):
        assert journey == journey_from_json(json.loads(json.dumps(asdict(journey), default=list)))


def test_no_journey_is_none():
    """
    Reports that were kept before there were pictures have none.
    """
    assert journey_from_json(None) is None


@pytest.mark.parametrize("name", ["endpoint-policy-denies", "s3-endpoint-policy-denies"])
def test_what_an_answer_passed_is_open(name):
    """
    The registry refused, so packets came through: filters that nobody asked for are not in doubt.
    """
    unasked = {
        f: Unknown(f.__name__, "not asked") for f in (SecurityGroups, NetworkAcls, PrefixLists)
    }
    facts = CASES[name] | unasked
    proof = {name: ask(BY_ID[name].decide, CASES[name]).proof}
    found = chosen(ways(facts), proof)
    at = next(i for i, w in enumerate(found.ways) if w.closing is not None)

    assert ("endpoint", name) == (found.closed[0].kind, found.closed[0].why["reason"])
    assert {"open"} == {h.state for h in found.ways[at].hops[:-1]}
    assert {"open"} == {w.state for w in found.ways[:at]}
    assert found.closed[0] == found.ways[at].hops[-1]
    for way in found.ways[at + 1 :]:
        assert {"not-asked"} >= {h.why["reason"] for h in way.hops if h.state == "unknown"}


def test_a_full_subnet_is_closed_and_the_other_named():
    """
    Its ways are open; there is no address to take them from.
    """
    journey = report_of("subnet-addresses-exhausted/beside").journey

    assert {("subnet", "subnet-a")} == {(h.kind, h.id) for h in journey.closed}
    assert ("subnet-b",) == journey.working


def test_a_dns_server_that_does_not_know_the_host_closes_every_way():
    """
    Whatever the packets could pass.
    """
    journey = report_of("custom-dns-server").journey

    assert all(w.hops[w.closing].kind == "dns" for w in journey.ways)
    assert {"vpc-1"} == {h.id for h in journey.closed}
