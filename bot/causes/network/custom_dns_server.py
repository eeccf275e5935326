"""The VPC asks a DNS server of its own, which does not know the registry, or not its endpoint.

https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSetConcepts.html
"""

from __future__ import annotations

from ipaddress import ip_address

from bot.egress import Situation, exits, situated
from bot.model import Call, Cause, Confirmed, RuledOut, Undecided, Unknown, Verdict
from bot.network.ways import custom_servers

KNOWN = ("ecr", "ecr-public", "docker-hub")  # hosts that exist, whoever does not find them


@situated
def decide(at: Situation) -> Verdict:
    vpc = at.network.vpc
    if isinstance(vpc, Unknown):
        return Undecided((vpc,))
    servers, asked = custom_servers(vpc), _endpoints(at)
    seen = {
        "vpc": vpc.id,
        "servers": servers,
        "endpoints": list(asked),
        "host": at.said.entities.endpoint_host or at.image.host,
        "address": at.said.address,
        "closed": [s.id for s in at.subnets.items],
    }
    if not servers:
        return RuledOut(seen)
    if at.said.family == "dns-failure" and at.image.registry in KNOWN:
        return Confirmed({**seen, "kind": "no-answer"})
    targets = set(asked.values())
    if asked and _public(at.said.address) and at.said.target in targets:
        return Confirmed({**seen, "kind": "past"})
    open_ = (Unknown("Vpc", f"whether names lead to {e} is not known") for e in asked)
    return Undecided(tuple(open_)) if asked else RuledOut(seen)


def _endpoints(at: Situation) -> dict[str, str]:
    """Return the endpoints that this server would have to know, with their targets."""
    hops = ((h, p) for w in exits(at) for p in w.ways for h in p.hops)
    named = ((h.why["endpoint"], p) for h, p in hops if h.why.get("reason") == "custom-dns")
    return {str(e): p.target for e, p in named}


def _public(address: str | None) -> bool:
    return address is not None and ip_address(address).is_global


@situated
def advise(at: Situation) -> tuple[Call, ...]:
    """See what the servers could forward to; how they are set up, only their owner knows."""
    vpc = at.network.vpc
    asked = not isinstance(vpc, Unknown) and custom_servers(vpc)
    return (Call("route53resolver", "list_resolver_endpoints", {}),) if asked else ()


CAUSE = Cause(
    id="custom-dns-server",
    group="network",
    stage="S2",
    until="S5",
    families=("dns-failure", "network-unreachable", "pull-cancelled"),
    decide=decide,
    advise=advise,
)
