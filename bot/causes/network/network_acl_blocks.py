"""A network ACL on the way refuses HTTPS out, or the answers on the client's ports in.

https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html
"""

from __future__ import annotations

from bot.egress import Situation, away_from, closed_by, hop_verdict, situated, stays
from bot.egress.acls import LAST, Opening, openings
from bot.model import JSON, Call, Cause, Plan, Verdict

ID = "network-acl-blocks"


@situated
def decide(at: Situation) -> Verdict:
    closed = closed_by(ID, at)
    of = dict.fromkeys(str(c.hop.why["subnet"]) for c in closed)
    found = [_worded(o) for o in openings(at, closed)]
    return hop_verdict(
        ID,
        at,
        acl_subnets=list(of),
        entries=found,
        **stays(ID, at),
    )


def _worded(opening: Opening) -> dict[str, JSON]:
    low, high = opening.leg.ports
    return {
        "acl": opening.acl,
        "egress": opening.leg.egress,
        "cidr": opening.leg.cidr,
        "ports": str(low) if low == high else f"{low}-{high}",
        "number": str(opening.number),
        "blocker": "*" if opening.blocker == LAST else str(opening.blocker),
    }


@situated
def plan(at: Situation) -> Plan | None:
    """Run the service only in those of its subnets that have a way."""
    return away_from(ID, at)


@situated
def advise(at: Situation) -> tuple[Call, ...]:
    """Let in and out what the pull needs, before the rule that stops it; for a person to decide."""
    return tuple(_entry(o) for o in openings(at, closed_by(ID, at)))


def _entry(opening: Opening) -> Call:
    low, high = opening.leg.ports
    return Call(
        "ec2",
        "create_network_acl_entry",
        {
            "NetworkAclId": opening.acl,
            "RuleNumber": opening.number,
            "Protocol": "6",
            "RuleAction": "allow",
            "Egress": opening.leg.egress,
            "CidrBlock": opening.leg.cidr,
            "PortRange": {"From": low, "To": high},
        },
    )


CAUSE = Cause(
    id=ID,
    group="network",
    stage="S2",
    until="S5",
    families=("network-unreachable", "pull-cancelled"),
    decide=decide,
    plan=plan,
    advise=advise,
)
