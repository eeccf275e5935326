"""The image is in another Region, and the VPC reaches images only by endpoints of its own Region.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/vpc-endpoints.html
"""

from __future__ import annotations

from bot.egress import Situation, situated, verdict
from bot.model import Call, Cause, RuledOut, Verdict


@situated
def decide(at: Situation) -> Verdict:
    seen = {
        "vpc": at.vpc,
        "host": at.image.host,
        "there": at.image.region,
        "here": at.subject.region,
        "repository": at.image.repository,
    }
    if at.near or at.image.registry != "ecr":
        return RuledOut(seen)
    return verdict("far", at, **seen)


@situated
def advise(at: Situation) -> tuple[Call, ...]:
    """Replicate what the registry holds into this Region; a person knows which repositories."""
    if at.image.region in (None, at.subject.region) or at.image.registry != "ecr":
        return ()
    to = {"region": at.subject.region, "registryId": at.image.account}
    some = {"filter": at.image.repository, "filterType": "PREFIX_MATCH"}
    rule = {"destinations": [to], "repositoryFilters": [some]}
    rules = ["<rules that are there already>", rule]
    changed = {"replicationConfiguration": {"rules": rules}}
    return (
        Call("ecr", "describe_registry", {}),
        Call("ecr", "put_replication_configuration", changed),
    )


CAUSE = Cause(
    id="cross-region-image-unreachable",
    group="network",
    stage="S4",
    until="S5",
    families=("network-unreachable", "pull-cancelled"),
    registries=("ecr",),
    decide=decide,
    advise=advise,
)
