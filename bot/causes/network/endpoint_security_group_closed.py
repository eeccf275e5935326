"""The security group of a VPC endpoint lets no HTTPS in from whoever pulls.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
"""

from __future__ import annotations

from bot.egress import Situation, closed_by, hop_verdict, repair, situated
from bot.model import Cause, Plan, Verdict
from bot.vpc_steps import from_group, ingress

ID = "endpoint-security-group-closed"


@situated
def decide(at: Situation) -> Verdict:
    doors = _doors(at)
    return hop_verdict(
        ID,
        at,
        groups=list(doors),
        endpoints=[e for endpoints in doors.values() for e in endpoints],
        of=list(at.interface.groups or ()),
        owner=at.interface.owner,
        beside=sorted(_others(at, doors)),
        fixable=_plan(at) is not None,
    )


def _doors(at: Situation) -> dict[str, list[str]]:
    """Return the first group of each closed endpoint, and the endpoints behind it."""
    found: dict[str, list[str]] = {}
    for closure in closed_by(ID, at):
        endpoints = found.setdefault(closure.hop.id or "", [])
        if (which := closure.hop.why["endpoint"]) not in endpoints:
            endpoints.append(which)
    return found


def _others(at: Situation, doors: dict[str, list[str]]) -> set[str]:
    """Return the endpoints that share a group with a closed one, and open with it."""
    closed = {e for endpoints in doors.values() for e in endpoints}
    return {e.id for e in at.endpoints.items if set(e.groups) & doors.keys()} - closed


def _plan(at: Situation) -> Plan | None:
    groups = at.interface.groups
    if not groups:
        return None
    steps = (ingress(at.subject, door, from_group(groups[0])) for door in _doors(at) if door)
    return repair(at, "low", *steps)


@situated
def plan(at: Situation) -> Plan | None:
    """Let HTTPS in from the group of whoever pulls, and from nobody else."""
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
