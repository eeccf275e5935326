"""A VPC endpoint that the pull relies on is not available, or stands in no subnet.

https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
"""

from __future__ import annotations

from bot.egress import Situation, closed_by, hop_verdict, situated
from bot.model import Call, Cause, Verdict

ID = "endpoint-unavailable"


@situated
def decide(at: Situation) -> Verdict:
    found = closed_by(ID, at)
    ids = list(dict.fromkeys(c.hop.id for c in found))
    items = [e for e in at.endpoints.items if e.id in ids]
    bare = any(e.state.lower() == "available" for e in items)
    return hop_verdict(
        ID,
        at,
        endpoints=ids,
        services=[e.service for e in items],
        states=list(dict.fromkeys(e.state for e in items)),
        bare=bare,
        waits=any(e.state.lower() == "pending" for e in items),
        vpc=at.vpc,
    )


@situated
def advise(at: Situation) -> tuple[Call, ...]:
    """Give the endpoint a subnet where it has none; else see why it is not available."""
    ids = list(dict.fromkeys(c.hop.id for c in closed_by(ID, at)))
    bare = [e.id for e in at.endpoints.items if e.id in ids and e.state.lower() == "available"]
    subnets = sorted({s.zone: s.id for s in reversed(at.subnets.all)}.values())
    calls = [
        Call("ec2", "modify_vpc_endpoint", {"VpcEndpointId": e, "AddSubnetIds": subnets})
        for e in bare
    ]
    if rest := [i for i in ids if i not in bare]:
        calls.append(Call("ec2", "describe_vpc_endpoints", {"VpcEndpointIds": rest}))
    return tuple(calls)


CAUSE = Cause(
    id=ID,
    group="network",
    stage="S2",
    until="S5",
    families=("network-unreachable", "pull-cancelled"),
    registries=("ecr",),
    decide=decide,
    advise=advise,
)
