"""The security group of whoever pulls lets no HTTPS out on the way that the pull takes.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/verify-connectivity.html
"""

from __future__ import annotations

from bot.egress import Closure, Situation, closed_by, hop_verdict, layer_list, repair, situated
from bot.model import JSON, Cause, Plan, Verdict
from bot.vpc_steps import egress, from_group, to_anywhere, to_list

ID = "task-security-group-closed"


@situated
def decide(at: Situation) -> Verdict:
    plan = _plan(at)
    return hop_verdict(
        ID,
        at,
        groups=list(at.interface.groups or ()),
        owner=at.interface.owner,
        towards=list(dict.fromkeys(str(c.hop.why["to"]) for c in closed_by(ID, at))),
        opens=[_named(p) for p in _permissions(at)],
        fixable=plan is not None,
    )


def _permissions(at: Situation) -> list[dict[str, JSON]]:
    """Return the least that lets each closed way out; a rule for everywhere leaves no other."""
    found: list[dict[str, JSON]] = []
    for wanted in (_permission(at, c) for c in closed_by(ID, at)):
        if wanted is not None and wanted not in found:
            found.append(wanted)
    return [p for p in found if "IpRanges" in p] or found


def _permission(at: Situation, closure: Closure) -> dict[str, JSON] | None:
    if closure.via == "endpoint":
        which = closure.hop.why["to"]
        groups = next((e.groups for e in at.endpoints.items if e.id == which), ())
        return from_group(groups[0]) if groups else None
    if closure.via == "gateway-endpoint":
        layers = layer_list(at)
        return to_list(layers) if layers else None
    subnet = next((s for s in at.subnets.all if s.id == closure.subnet), None)
    public = closure.via in ("internet", "nat") and subnet is not None and subnet.cidr
    return to_anywhere() if public else None


def _named(permission: dict[str, JSON]) -> str:
    """Return the group, prefix list or block that *permission* is for."""
    (where,) = next(v for v in permission.values() if isinstance(v, list))
    return str(next(iter(where.values())))


def _plan(at: Situation) -> Plan | None:
    groups, needed = at.interface.groups, len(closed_by(ID, at))
    found = _permissions(at)
    if not groups or not needed or any(_permission(at, c) is None for c in closed_by(ID, at)):
        return None
    return repair(at, "low", *(egress(at.subject, groups[0], p) for p in found))


@situated
def plan(at: Situation) -> Plan | None:
    """Let HTTPS out to the endpoint's group, to S3's list, or to everywhere: whatever is used."""
    return _plan(at)


CAUSE = Cause(
    id=ID,
    group="network",
    stage="S2",
    until="S5",
    families=("network-unreachable", "pull-cancelled", "runtime-error"),
    decide=decide,
    plan=plan,
)
