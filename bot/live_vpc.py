"""What stands in a VPC now, in the shape of what a step would change of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bot.aws.client import Door, NotFound
from bot.model import Call, Step
from bot.vpc_permissions import TAG
from bot.vpc_steps import ATTRIBUTES

JSON = Any
GONE = ("deleted", "deleting")


def rule(step: Step, door: Door) -> JSON | None:
    """Return the step's rule where its group has it, alone or beside others of the same ports.

    Raises NotFound where there is no such group.
    """
    (way, wanted), *_ = step.after.items()
    asked = Call("ec2", "describe_security_groups", {"GroupIds": [step.do.params["GroupId"]]})
    key = "IpPermissionsEgress" if way == "egress" else "IpPermissions"
    there = [p for g in door.call(asked)["SecurityGroups"] for p in g.get(key, ())]
    return step.after if any(_holds(p, wanted) for p in there) else None


def _holds(found: Mapping[str, JSON], wanted: Mapping[str, JSON]) -> bool:
    """Tell whether *found* lets in or out all that *wanted* does, under the same ports."""
    for name, value in wanted.items():
        if not isinstance(value, list):
            if found.get(name) != value:
                return False
            continue
        inside = found.get(name, ())
        if not all(any(v.items() <= f.items() for f in inside) for v in value):
            return False
    return True


def attribute(step: Step, door: Door) -> JSON:
    """Return the attribute of the VPC that the step turns on."""
    (name,) = step.after
    asked = {"VpcId": step.do.params["VpcId"], "Attribute": name}
    answer = door.call(Call("ec2", "describe_vpc_attribute", asked))
    return {name: bool(answer[ATTRIBUTES[name]]["Value"])}


def private_dns(step: Step, door: Door) -> JSON:
    """Return whether the endpoint is named in its VPC's private DNS."""
    return {"PrivateDnsEnabled": bool(_endpoint(step, door).get("PrivateDnsEnabled"))}


def routes(step: Step, door: Door) -> JSON:
    """Return which of the step's route tables the endpoint is on."""
    there = set(_endpoint(step, door).get("RouteTableIds", ()))
    return {"RouteTableIds": [t for t in step.after["RouteTableIds"] if t in there]}


def policy(step: Step, door: Door) -> JSON | None:
    """Return the policy of the endpoint."""
    found = _endpoint(step, door).get("PolicyDocument")
    return json.loads(found) if found else None


def made(step: Step, door: Door) -> tuple[JSON | None, str | None]:
    """Return what the step's endpoint is like, and its id; None and None where there is none.

    An endpoint for the same service that has not the step's tag is somebody else's: it has no id.
    """
    params = step.do.params
    by = {"vpc-id": params["VpcId"], "service-name": params["ServiceName"]}
    filters = [{"Name": name, "Values": [value]} for name, value in by.items()]
    found = door.call(Call("ec2", "describe_vpc_endpoints", {"Filters": filters}))["VpcEndpoints"]
    alive = [e for e in found if e.get("State", "available").lower() not in GONE]
    if not alive:
        return None, None
    tag = {"Key": TAG, "Value": params["ClientToken"]}
    ours = next((e for e in alive if tag in e.get("Tags", ())), None)
    one = ours or alive[0]
    groups = [g["GroupId"] for g in one.get("Groups", ())]
    like = {**one, "SecurityGroupIds": groups}
    shown = {k: _sorted(like.get(k)) for k in step.after}
    same = shown == {k: _sorted(v) for k, v in step.after.items()}
    return (step.after if same else shown), (one["VpcEndpointId"] if ours else None)


def _sorted(value: JSON) -> JSON:
    return sorted(value) if isinstance(value, list) else value


def _endpoint(step: Step, door: Door) -> dict[str, JSON]:
    """Return the endpoint of *step*; AWS goes on to list one for a while that is deleted."""
    which = step.do.params["VpcEndpointId"]
    asked = Call("ec2", "describe_vpc_endpoints", {"VpcEndpointIds": [which]})
    found = door.call(asked)["VpcEndpoints"]
    alive = [e for e in found if e.get("State", "available").lower() not in GONE]
    if not alive:
        raise NotFound("InvalidVpcEndpointId.NotFound")
    return dict(alive[0])


READERS = {
    "security-group-rule": rule,
    "vpc-attribute": attribute,
    "vpc-endpoint-private-dns": private_dns,
    "vpc-endpoint-policy": policy,
    "vpc-endpoint-routes": routes,
}
