"""The VPC answers no names, or no private ones: DNS support or DNS hostnames are off.

https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns-support.html
"""

from __future__ import annotations

from bot.egress import Situation, beside, closed_by, hop_verdict, repair, situated
from bot.model import Cause, Plan, Verdict
from bot.vpc_steps import switched_on

ID = "vpc-dns-off"


@situated
def decide(at: Situation) -> Verdict:
    return hop_verdict(
        ID,
        at,
        vpc=at.vpc,
        attributes=_off(at),
        endpoints=list(_endpoints(at)),
        beside=beside(at),
    )


def _endpoints(at: Situation) -> dict[str, None]:
    """Return the endpoints whose private names stay without an answer."""
    named = (c.hop.why.get("endpoint") for c in closed_by(ID, at))
    return dict.fromkeys(str(e) for e in named if e)


def _off(at: Situation) -> list[str]:
    """Return the attributes to turn on, in the order that EC2 allows."""
    seen = [c.hop.why for c in closed_by(ID, at)]
    support = any(why.get("support") is False for why in seen)
    hostnames = any(why.get("hostnames") is False for why in seen)
    named = {"enableDnsSupport": support, "enableDnsHostnames": hostnames}
    return [name for name, off in named.items() if off]


@situated
def plan(at: Situation) -> Plan | None:
    """Turn on what is off, one attribute a call."""
    steps = (switched_on(at.subject, at.vpc, name) for name in _off(at) if at.vpc)
    return repair(at, "medium", *steps)


CAUSE = Cause(
    id=ID,
    group="network",
    stage="S2",
    until="S5",
    families=("dns-failure", "network-unreachable", "pull-cancelled"),
    decide=decide,
    plan=plan,
)
