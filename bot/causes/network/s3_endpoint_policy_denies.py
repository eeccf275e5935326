"""The policy of the S3 endpoint keeps layers back: ECR's own account signs for these, not a role.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
"""

from __future__ import annotations

import json
import re

from bot.egress import Situation, repair, situated
from bot.egress.policies import bucket, layers, refusals, signer
from bot.model import Cause, Confirmed, Plan, RuledOut, Undecided, Unknown, Verdict
from bot.policy import Decision
from bot.remedies import merged
from bot.vpc_steps import endpoint_policy

SID = "EcsPullBotLayers"
OWNER = "aws:ResourceAccount"  # whose the bucket is, AWS keeps to itself


@situated
def decide(at: Situation) -> Verdict:
    found, open_ = refusals(at, signer(at), layers(at))
    denies = any(f.ruling.decision is Decision.EXPLICIT_DENY for f in found)
    seen = {
        "endpoints": list(dict.fromkeys(f.endpoint.id for f in found)),
        "bucket": bucket(at),
        "denies": denies,
        "closed": list(dict.fromkeys(f.subnet for f in found)),
        "vpc": at.vpc,
        "fixable": not denies,
    }
    if any(_foreign(at, json.dumps(f.endpoint.policy)) for f in found):
        return Undecided((Unknown("VpcEndpoints", f"condition key {OWNER} unknown"),))
    if found:
        return Confirmed(seen)
    return Undecided(open_) if open_ else RuledOut(seen)


def _foreign(at: Situation, document: str) -> bool:
    """Tell whether *document* lets in buckets of accounts that are not the task's own."""
    named = set(re.findall(r"(?<!\d)\d{12}(?!\d)", document)) - {at.subject.account}
    return OWNER.lower() in document.lower() and bool(named)


@situated
def plan(at: Situation) -> Plan | None:
    """Add one statement for ECR's bucket; a Deny is somebody's decision, and stays."""
    found, _ = refusals(at, signer(at), layers(at))
    if any(f.ruling.decision is Decision.EXPLICIT_DENY for f in found):
        return None
    said = {"Sid": SID, "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
    addition = {"Statement": [{**said, "Resource": f"{bucket(at)}/*"}]}
    endpoints = {f.endpoint.id: f.endpoint for f in found}.values()
    steps = (endpoint_policy(at.subject, e, merged(e.policy, addition)) for e in endpoints)
    return repair(at, "medium", *steps)


CAUSE = Cause(
    id="s3-endpoint-policy-denies",
    group="network",
    stage="S5",
    families=("layer-store-denied", "ecr-auth-permission"),
    registries=("ecr",),
    decide=decide,
    plan=plan,
)
