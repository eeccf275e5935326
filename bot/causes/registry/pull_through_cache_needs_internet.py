"""A cache has yet to bring the image, and the first pull of one fetches layers from the internet.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
"""

from __future__ import annotations

from bot.caching import rule_of
from bot.egress import Exit, Situation, exits, outward, situated, to_nat
from bot.facts import AskedImage, CacheRule, CacheRules, Recorded, Repository, StoppedTask
from bot.model import Call, Cause, Confirmed, RuledOut, Undecided, Unknown, Verdict
from bot.recordings import far_layer

CLOSED = ("no-route", "no-public-ip")


@situated
def decide(
    at: Situation,
    rules: CacheRules,
    repository: Repository,
    asked: AskedImage | Unknown,
    recorded: Recorded | Unknown,
    task: StoppedTask | Unknown,
) -> Verdict:
    """Judge the way out of the subnets that reach ECR itself, by endpoints.

    Once ECR has the image, it may not yet have all of its layers; then only the record tells.
    """
    rule = rule_of(rules, at.image.repository)
    seen = {"image": at.image.written, "container": at.image.container, "vpc": at.vpc}
    if at.image.registry != "ecr" or rule is None or rule.upstream == "ecr":
        return RuledOut(seen)
    if isinstance(asked, Unknown):
        return Undecided((asked,))
    layer = far_layer(recorded, task)
    if repository.exists and asked.exists and layer is None:
        return RuledOut(seen)
    ways = _ways(at, rule)
    closed = [w for w in ways if w.fault in CLOSED]
    if closed:
        seen |= {"prefix": rule.prefix, "upstream": rule.host, "layer": layer}
        tables = sorted({w.table for w in closed})
        return Confirmed({**seen, "closed": [w.subnet for w in closed], "tables": tables})
    doubts = tuple(dict.fromkeys(u for w in ways for u in w.unknown))
    return Undecided(doubts) if doubts else RuledOut(seen)


def _ways(at: Situation, rule: CacheRule) -> tuple[Exit, ...]:
    """Return the ways to the internet of the subnets that reach ECR itself."""
    near = {w.subnet for w in exits(at) if w.fault == "none" and not w.closed}
    return tuple(w for w in outward(at, rule.host) if w.subnet in near)


@situated
def advise(at: Situation, rules: CacheRules) -> tuple[Call, ...]:
    """Give the subnets a way out; or fill the cache by a pull from a network that has one."""
    rule = rule_of(rules, at.image.repository)
    ways = _ways(at, rule) if rule else ()
    return to_nat(w.table for w in ways if w.fault in CLOSED)


CAUSE = Cause(
    id="pull-through-cache-needs-internet",
    group="registry",
    stage="S5",
    families=("pull-through-cache-failure", "network-unreachable", "pull-cancelled"),
    registries=("ecr",),
    decide=decide,
    advise=advise,
)
