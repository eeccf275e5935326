"""What stands in a VPC, as the steps that change it see it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from bot.aws.client import NotFound
from bot.facts import Subject, VpcEndpoint
from bot.live import Known, live
from bot.live_ecs import GONE
from bot.vpc_steps import (
    egress,
    endpoint_policy,
    from_group,
    ingress,
    new_endpoint,
    private_dns,
    routed,
    switched_on,
    to_anywhere,
    to_list,
)

SUBJECT = Subject("222233334444", "eu-west-1", "main", "shop")
TCP = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
NEW = {"ServiceName": "com.amazonaws.eu-west-1.ecr.dkr", "SubnetIds": ["subnet-a"],
       "SecurityGroupIds": ["sg-end"], "PrivateDnsEnabled": True}  # fmt: skip
OLD, OWN = {"Statement": []}, {"Statement": [{"Effect": "Allow"}]}


@dataclass
class Ec2:
    """A door that answers every question with the same."""

    said: dict[str, object] | Exception
    asked: list[str] = field(default_factory=list)

    def call(self, call):
        self.asked.append(call.operation)
        if isinstance(self.said, Exception):
            raise self.said
        return self.said


def state(step, said, answer=None):
    return live(step, Ec2(said), Known(step.after, answer)).state


def group(*permissions, key="IpPermissions"):
    return {"SecurityGroups": [{"GroupId": "sg-1", key: list(permissions)}]}


def endpoints(*found):
    return {"VpcEndpoints": [{"VpcEndpointId": "vpce-1", **e} for e in found]}


def test_a_rule_stands_among_others_of_its_ports():
    """
    EC2 puts what has the same ports together; other ports and other peers are other rules.
    """
    step = ingress(SUBJECT, "sg-1", from_group("sg-task"))
    pairs = [{"GroupId": "sg-else", "UserId": "1"}, {"GroupId": "sg-task", "UserId": "1"}]

    assert "after" == state(step, group({**TCP, "UserIdGroupPairs": pairs}))
    assert "before" == state(step, group({**TCP, "UserIdGroupPairs": pairs[:1]}))
    assert "before" == state(step, group({**TCP, "ToPort": 444, "UserIdGroupPairs": pairs}))
    assert "before" == state(step, group())


@pytest.mark.parametrize(
    ("permission", "inside"),
    [
        (to_list("pl-1"), {"PrefixListIds": [{"PrefixListId": "pl-1"}]}),
        (to_anywhere(), {"IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "all"}]}),
    ],
)
def test_rules_to_lists_and_addresses(permission, inside):
    """
    A description is nobody's business.
    """
    step, key = egress(SUBJECT, "sg-1", permission), "IpPermissionsEgress"

    assert "after" == state(step, group({**TCP, **inside}, key=key))
    assert "before" == state(step, group({**TCP, **inside}))


def test_what_is_gone():
    """
    Without the group, the VPC or the endpoint there is nothing to change, nor to take back.
    """
    for step in (
        ingress(SUBJECT, "sg-1", to_anywhere()),
        switched_on(SUBJECT, "vpc-1", "enableDnsSupport"),
        private_dns(SUBJECT, "vpce-1"),
    ):
        found = live(step, Ec2(NotFound("gone")), Known(step.after))
        assert ("neither", GONE) == (found.state, found.value)
    assert "neither" == state(private_dns(SUBJECT, "vpce-1"), endpoints({"State": "deleted"}))


def test_switches():
    """
    On, off, and what EC2 does not say is off.
    """
    dns = switched_on(SUBJECT, "vpc-1", "enableDnsHostnames")
    names = private_dns(SUBJECT, "vpce-1")

    assert "before" == state(dns, {"EnableDnsHostnames": {"Value": False}})
    assert "after" == state(dns, {"EnableDnsHostnames": {"Value": True}})
    assert "before" == state(names, endpoints({}))
    assert "after" == state(names, endpoints({"PrivateDnsEnabled": True, "State": "available"}))


def test_route_tables_and_policies():
    """
    Other tables do not matter, and a policy that somebody changed is neither.
    """
    tables = routed(SUBJECT, "vpce-1", ["rtb-2", "rtb-1"])
    held = VpcEndpoint("vpce-1", "s3", "Gateway", "available", policy=OLD)
    policy = endpoint_policy(SUBJECT, held, OWN)

    assert "before" == state(tables, endpoints({"RouteTableIds": ["rtb-9"]}))
    assert "after" == state(tables, endpoints({"RouteTableIds": ["rtb-1", "rtb-9", "rtb-2"]}))
    assert "neither" == state(tables, endpoints({"RouteTableIds": ["rtb-1"]}))
    assert "before" == state(policy, endpoints({"PolicyDocument": '{"Statement": []}'}))
    assert "neither" == state(policy, endpoints({"PolicyDocument": '{"Statement": [1]}'}))


def test_an_endpoint_that_is_made():
    """
    It is ours by its tag; what somebody else made, or made of it, is in the way.
    """
    step = new_endpoint(SUBJECT, 0, "vpc-1", {"VpcEndpointType": "Interface", **NEW}, "token")
    like = {**NEW, "Groups": [{"GroupId": "sg-end"}], "State": "pending"}
    ours = {**like, "Tags": [{"Key": "ecs-pull", "Value": "token"}]}
    found = live(step, Ec2(endpoints(ours)), Known(step.after))

    assert ("after", {"VpcEndpoint": {"VpcEndpointId": "vpce-1"}}) == (found.state, found.answer)
    assert "before" == state(step, endpoints())
    assert "before" == state(step, endpoints({**ours, "State": "deleting"}))
    assert "neither" == state(step, endpoints(like))
    assert "neither" == state(step, endpoints({**ours, "SubnetIds": ["subnet-b"]}))
