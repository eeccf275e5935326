"""The image is in another Region, and the VPC reaches images only by endpoints of its own Region.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/vpc-endpoints.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.egress import Situation, across, exits, faulty, situated, verdict
from bot.facts import AskedImage, ImageCopy, ImageReference
from bot.model import Call, Cause, Plan, RuledOut, Unknown, Verdict
from bot.permissions import partition
from bot.references import Place, replaced
from bot.references import at as reference
from bot.steps import with_images

FAULT: Final = "far"


@situated
def decide(at: Situation, asked: AskedImage | Unknown, copy: ImageCopy | Unknown) -> Verdict:
    seen = {
        "vpc": at.vpc,
        "host": at.image.host,
        "there": at.image.region,
        "here": at.subject.region,
        "repository": at.image.repository,
    }
    if at.near or at.image.registry != "ecr":
        return RuledOut(seen)
    fixable = _plan(at, asked, copy) is not None
    near = _near(at).written if fixable else None
    return verdict(FAULT, at, **seen, near=near, fixable=fixable)


@situated
def plan(at: Situation, asked: AskedImage, copy: ImageCopy) -> Plan | None:
    """Pull the very same image from the task's own registry, where that has it in this Region."""
    return _plan(at, asked, copy)


def _plan(at: Situation, asked: AskedImage | Unknown, copy: ImageCopy | Unknown) -> Plan | None:
    if at.ours is None or isinstance(asked, Unknown) or isinstance(copy, Unknown):
        return None
    same = copy.digest is not None and copy.digest == asked.digest
    if not same or copy.status not in (None, "ACTIVE") or not _works(at):
        return None
    return with_images(at.ours, at.definition, replaced(at.image, at.definition, _near(at).written))


def _near(at: Situation) -> ImageReference:
    """Return the reference to the image in the task's own registry, in its Region."""
    account, region = at.subject.account, at.subject.region
    written = reference(at.image, Place(partition(region), account, region, at.image.repository))
    host = written.partition("/")[0]
    return replace(at.image, written=written, host=host, account=account, region=region)


def _works(at: Situation) -> bool:
    """Tell whether a start finds every way open then, from every subnet."""
    if all(w.fault != FAULT for w in exits(at)):
        return False
    return all(w.sure for w in exits(replace(at, image=_near(at))))


@situated
def advise(at: Situation) -> tuple[Call, ...]:
    """Replicate what the registry holds into this Region, or make endpoints that reach into the other."""
    there = at.image.region
    if there in (None, at.subject.region) or at.image.registry != "ecr":
        return ()
    to = {"region": at.subject.region, "registryId": at.image.account}
    some = {"filter": at.image.repository, "filterType": "PREFIX_MATCH"}
    rule = {"destinations": [to], "repositoryFilters": [some]}
    rules = ["<rules that are there already>", rule]
    changed = {"replicationConfiguration": {"rules": rules}}
    closed = {w.subnet for w in faulty(at, FAULT)}
    subnets = [s for s in at.subnets.all if s.id in closed]
    return (
        Call("ecr", "describe_registry", {}),
        Call("ecr", "put_replication_configuration", changed),
        *(across(there, subnets, at.interface) if subnets else ()),
    )


CAUSE = Cause(
    id="cross-region-image-unreachable",
    group="network",
    stage="S3",
    until="S5",
    families=("network-unreachable", "pull-cancelled"),
    registries=("ecr",),
    decide=decide,
    plan=plan,
    advise=advise,
)
