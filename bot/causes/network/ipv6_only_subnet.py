"""The subnet has no IPv4, and the image's host is not one that ECR answers for over IPv6.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html
"""

from __future__ import annotations

from dataclasses import replace

from bot.egress import Situation, closed_by, exits, hop_verdict, situated
from bot.model import Call, Cause, Plan, Verdict
from bot.partitions import dual_stack
from bot.references import on
from bot.remedies import registered
from bot.steps import with_images

FAULT = "ipv6-only-subnet"


@situated
def decide(at: Situation) -> Verdict:
    dual = dual_stack(at.image.host)
    fixable = _plan(at) is not None
    return hop_verdict(FAULT, at, host=at.image.host, dual=dual, vpc=at.vpc, fixable=fixable)


@situated
def plan(at: Situation) -> Plan | None:
    """Name the registry by its dual-stack host, wherever its usual one is written."""
    return _plan(at)


def _plan(at: Situation) -> Plan | None:
    dual = dual_stack(at.image.host)
    if dual is None or at.ours is None or not (_able(at) and _works(at, dual)):
        return None
    usual = f"{at.image.host}/"
    containers = (c for c in at.definition.containers if c.image.startswith(usual))
    images = {c.name: f"{dual}/{c.image.removeprefix(usual)}" for c in containers}
    return with_images(at.ours, at.definition, images)


def _able(at: Situation) -> bool:
    """Tell whether tasks run without IPv4 there: on Linux, on Fargate from platform 1.4.0 on."""
    system = (at.definition.raw.get("runtimePlatform") or {}).get("operatingSystemFamily", "LINUX")
    parts = (at.platform.version or "1.4.0").split(".")
    numbers = tuple(int(p) for p in parts) if all(p.isdecimal() for p in parts) else (1, 4)
    return at.platform.launch_type == "FARGATE" and system == "LINUX" and numbers >= (1, 4)


def _works(at: Situation, dual: str) -> bool:
    """Tell whether a start finds every way open then, and none by an endpoint.

    Of endpoints it is not sure that they serve that host.
    """
    image = replace(at.image, host=dual, written=on(at.image, dual))
    after = exits(replace(at, image=image)) if closed_by(FAULT, at) else ()
    return bool(after) and all(w.sure and all(p.via != "endpoint" for p in w.ways) for w in after)


@situated
def advise(at: Situation) -> tuple[Call, ...]:
    """Register the revision with the dual-stack host of the registry."""
    dual = dual_stack(at.image.host)
    if dual in (None, at.image.host):
        return ()
    return registered(at.definition.family, f"{on(at.image, dual)} as the image")


CAUSE = Cause(
    id=FAULT,
    group="network",
    stage="S3",
    until="S5",
    families=("network-unreachable", "pull-cancelled", "dns-failure"),
    decide=decide,
    plan=plan,
    advise=advise,
)
