"""What the policies of the VPC endpoints on the way say to a pull. Pure.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot import policy
from bot.egress.faults import exits
from bot.egress.situation import Situation
from bot.facts import VpcEndpoint
from bot.model import Unknown
from bot.network import Path
from bot.permissions import partition
from bot.policy import Decision, Request, Ruling
from bot.pulling import LOGIN, NEEDED, repository_arn

GIVEN = Decision.ALLOWED
REFUSED = (Decision.IMPLICIT_DENY, Decision.EXPLICIT_DENY)
# The account of ECR's that signs the address of a layer, and its organization: nobody's of ours.
SIGNER = "arn:{partition}:iam::000000000000:role/ecr"
ELSEWHERE = {"aws:PrincipalOrgID": "o-ecr", "aws:ResourceOrgID": "o-ecr"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """An action that the policy of *endpoint*, on the way from *subnet*, does not allow."""

    endpoint: VpcEndpoint
    subnet: str
    action: str
    resource: str
    ruling: Ruling


def asked(at: Situation, principal: str) -> tuple[tuple[str, str, str], ...]:
    """Return what a pull asks of ECR and of Secrets Manager: target, action and resource."""
    found = [("ecr-api", LOGIN, "*")]
    found += [("ecr-dkr", action, repository_arn(at.image)) for action in NEEDED]
    values = [s.value_from for c in at.definition.containers for s in c.secrets]
    values += [c.credentials for c in at.definition.containers if c.credentials]
    for secret in dict.fromkeys(v for v in values if ":secretsmanager:" in v):
        whole = ":".join(secret.split(":")[:7])
        found.append(("secretsmanager", "secretsmanager:GetSecretValue", whole))
    return tuple(found) if principal else ()


def layers(at: Situation) -> tuple[tuple[str, str, str], ...]:
    """Return what a pull asks of S3: layers, in a bucket of ECR's own."""
    return (("s3-layers", "s3:GetObject", f"{bucket(at)}/layer"),)


def bucket(at: Situation) -> str:
    """Return the ARN of the bucket that holds the layers of the image's Region."""
    region = at.image.region or at.subject.region
    return f"arn:{partition(region)}:s3:::prod-{region}-starport-layer-bucket"


def signer(at: Situation) -> str:
    return SIGNER.format(partition=partition(at.subject.region))


def refusals(
    at: Situation, principal: str, wanted: Iterable[tuple[str, str, str]]
) -> tuple[tuple[Refusal, ...], tuple[Unknown, ...]]:
    """Return what the endpoints on the way refuse *principal* of *wanted*, and what is open."""
    found: list[Refusal] = []
    open_: list[Unknown] = []
    for way in exits(at) if at.image.registry == "ecr" else ():
        paths = {p.target: p for p in way.ways}
        for target, action, resource in wanted:
            path = paths.get(target)
            for endpoint in _candidates(at, path):
                ruling = _ruling(at, endpoint, principal, action, resource)
                if ruling.decision is GIVEN or path is None:
                    continue
                if not _leads(path, endpoint):
                    open_ += _doubts(at, path, way.doubts or {})
                elif ruling.decision in REFUSED:
                    found.append(Refusal(endpoint, way.subnet, action, resource, ruling))
                else:
                    open_.append(_undecided(ruling))
    return tuple(found), tuple(dict.fromkeys(open_))


def _candidates(at: Situation, path: Path | None) -> Iterator[VpcEndpoint]:
    """Yield the endpoints that *path* takes; where that is not known, those that it may take."""
    if path is None:
        return
    taken = {h.id for h in path.hops if h.kind == "endpoint" and h.state == "open"}
    for endpoint in at.endpoints.items:
        if endpoint.id in taken or (path.via == "unknown" and _serves(endpoint, path.target)):
            yield endpoint


def _serves(endpoint: VpcEndpoint, target: str) -> bool:
    name = {"ecr-api": "ecr.api", "ecr-dkr": "ecr.dkr", "s3-layers": "s3"}.get(target, target)
    return endpoint.service.endswith(f".{name}")


def _leads(path: Path, endpoint: VpcEndpoint) -> bool:
    return any(h.kind == "endpoint" and h.id == endpoint.id for h in path.hops)


def _doubts(at: Situation, path: Path, doubts: object) -> list[Unknown]:
    known = doubts.get(path.target) if isinstance(doubts, dict) else None
    vpc = at.network.vpc
    unread = vpc if isinstance(vpc, Unknown) else None
    return [known or unread or Unknown("VpcEndpoints", "where names lead is not known")]


def _ruling(
    at: Situation, endpoint: VpcEndpoint, principal: str, action: str, resource: str
) -> Ruling:
    if endpoint.policy is None:
        return Ruling(GIVEN)
    context = {
        "aws:SecureTransport": "true",
        "aws:RequestedRegion": at.image.region or at.subject.region,
        "aws:SourceVpce": endpoint.id,
        **({"aws:SourceVpc": at.vpc} if at.vpc else {}),
        **(ELSEWHERE if principal == signer(at) else {}),
    }
    return policy.resource(Request(principal, action, resource, context), endpoint.policy)


def _undecided(ruling: Ruling) -> Unknown:
    keys = ", ".join(ruling.keys)
    because = f"condition key {keys} unknown" if keys else "its policy cannot be read in full"
    return Unknown("VpcEndpoints", because)
