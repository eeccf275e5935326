"""A VPC endpoint is there, but its private DNS is off, so the registry's name leads past it.

https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html
"""

from __future__ import annotations

from bot.egress import Situation, beside, closed_by, hop_verdict, repair, situated
from bot.model import Cause, Plan, Unknown, Verdict
from bot.vpc_steps import private_dns

ID = "endpoint-private-dns-off"


@situated
def decide(at: Situation) -> Verdict:
    return hop_verdict(
        ID,
        at,
        endpoints=list(_endpoints(at)),
        services=[e.service for e in at.endpoints.items if e.id in _endpoints(at)],
        vpc=at.vpc,
        beside=beside(at),
        fixable=_plan(at) is not None,
    )


def _endpoints(at: Situation) -> dict[str, None]:
    return dict.fromkeys(str(c.hop.why["endpoint"]) for c in closed_by(ID, at))


def _plan(at: Situation) -> Plan | None:
    vpc = at.network.vpc
    if isinstance(vpc, Unknown) or not (vpc.dns_support and vpc.dns_hostnames):
        return None  # EC2 refuses it until the VPC itself answers private names
    return repair(at, "medium", *(private_dns(at.subject, e) for e in _endpoints(at)))


@situated
def plan(at: Situation) -> Plan | None:
    """Turn private DNS on, which leads all of the VPC to the endpoint."""
    return _plan(at)


CAUSE = Cause(
    id=ID,
    group="network",
    stage="S2",
    until="S5",
    families=("network-unreachable", "pull-cancelled"),
    registries=("ecr",),
    decide=decide,
    plan=plan,
)
