"""The policy of a VPC endpoint for ECR or Secrets Manager does not let the pull through.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
"""

from __future__ import annotations

from bot.egress import Situation, repair, situated
from bot.egress.policies import Refusal, asked, refusals
from bot.facts import PullingRole
from bot.model import Cause, Confirmed, Plan, RuledOut, Undecided, Unknown, Verdict
from bot.policy import Decision
from bot.remedies import merged
from bot.vpc_steps import endpoint_policy

SID = "EcsPullBot"


@situated
def decide(at: Situation, who: PullingRole | Unknown) -> Verdict:
    return _verdict(at, who)


def _verdict(at: Situation, who: PullingRole | Unknown) -> Verdict:
    nobody = isinstance(who, Unknown) or (who.kind == "execution-role" and not who.exists)
    arn = None if isinstance(who, Unknown) or nobody else who.arn
    anybody = f"arn:aws:iam::{at.subject.account}:role/any"
    found, open_ = refusals(at, arn or anybody, asked(at, arn or anybody))
    seen = {
        "endpoints": list(dict.fromkeys(f.endpoint.id for f in found)),
        "services": list(dict.fromkeys(f.endpoint.service for f in found)),
        "actions": list(dict.fromkeys(f.action for f in found)),
        "denies": any(f.ruling.decision is Decision.EXPLICIT_DENY for f in found),
        "role": (arn or "").rpartition("/")[2] or None,
        "closed": list(dict.fromkeys(f.subnet for f in found)),
        "vpc": at.vpc,
    }
    if found and isinstance(who, Unknown):
        return Undecided((who,))
    if found and arn is not None:
        return Confirmed({**seen, "fixable": _sure(who) and not seen["denies"]})
    return Undecided(open_) if open_ else RuledOut(seen)


def _sure(who: PullingRole | Unknown) -> bool:
    """Tell whether IAM shows the role that pulls, so that a statement can name it."""
    return isinstance(who, PullingRole) and who.exists


@situated
def plan(at: Situation, role: PullingRole) -> Plan | None:
    """Add one statement for the role to each policy; a Deny is somebody's decision, and stays."""
    verdict = _verdict(at, role)
    if not isinstance(verdict, Confirmed) or not verdict.proof["fixable"] or not role.arn:
        return None
    found, _ = refusals(at, role.arn, asked(at, role.arn))
    by_endpoint: dict[str, list[Refusal]] = {}
    for refusal in found:
        by_endpoint.setdefault(refusal.endpoint.id, []).append(refusal)
    steps = []
    for refused in by_endpoint.values():
        document = refused[0].endpoint.policy
        for resource in dict.fromkeys(r.resource for r in refused):
            actions = [r.action for r in refused if r.resource == resource]
            document = merged(
                document, _statement(role.arn, list(dict.fromkeys(actions)), resource)
            )
        steps.append(endpoint_policy(at.subject, refused[0].endpoint, document or {}))
    return repair(at, "medium", *steps)


def _statement(role: str, actions: list[str], resource: str) -> dict[str, object]:
    said = {"Effect": "Allow", "Principal": {"AWS": role}, "Action": actions, "Resource": resource}
    return {"Statement": [{"Sid": SID, **said}]}


CAUSE = Cause(
    id="endpoint-policy-denies",
    group="network",
    stage="S2",
    until="S5",
    families=("vpc-endpoint-policy-denied", "ecr-auth-permission"),
    registries=("ecr",),
    decide=decide,
    plan=plan,
)
