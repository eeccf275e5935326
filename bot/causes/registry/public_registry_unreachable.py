"""The image is in a registry on the internet, and its subnet has no way there.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
"""

from __future__ import annotations

import ipaddress

from bot.egress import Situation, exits, situated, to_nat, verdict
from bot.facts import Recorded
from bot.model import Call, Cause, Confirmed, RuledOut, Undecided, Unknown, Verdict

# Hosts that the whole internet knows; any other may be a server in the same network.
PUBLIC = (
    "ghcr.io", "quay.io", "gcr.io", "pkg.dev", "registry.k8s.io", "registry.gitlab.com",
    "mcr.microsoft.com", "azurecr.io", "nvcr.io", "docker.elastic.co", "cgr.dev",
)  # fmt: skip


@situated
def decide(at: Situation, recorded: Recorded | Unknown) -> Verdict:
    image = at.image
    if image.registry == "ecr":
        return RuledOut({"host": image.host})
    found = verdict("no-route", at, host=image.host, vpc=at.vpc, image=image.written)
    if isinstance(found, Confirmed) and not _public(at, recorded):
        because = f"whether {image.host} is on the internet is not known"
        return Undecided((Unknown("ImageReference", because),))
    return found


def _public(at: Situation, recorded: Recorded | Unknown) -> bool:
    """Tell whether the registry is surely on the internet, by its name or the address that was tried."""
    host = at.image.host.lower().partition(":")[0]
    known = any(host == name or host.endswith(f".{name}") for name in PUBLIC)
    if at.image.registry != "other" or known:
        return True
    said = None if isinstance(recorded, Unknown) else recorded.symptom
    if said is None or said.entities.endpoint_host != at.image.host or not said.address:
        return False
    try:
        return ipaddress.ip_address(said.address).is_global
    except ValueError:
        return False


@situated
def advise(at: Situation) -> tuple[Call, ...]:
    """Lead the subnets to a NAT gateway: no VPC endpoint leads to this registry."""
    return to_nat(w.table for w in exits(at) if w.fault == "no-route")


CAUSE = Cause(
    id="public-registry-unreachable",
    group="registry",
    stage="S4",
    until="S5",
    families=("network-unreachable", "pull-cancelled"),
    registries=("docker-hub", "ecr-public", "other"),
    decide=decide,
    advise=advise,
)
