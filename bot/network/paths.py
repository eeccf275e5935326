"""The way from each subnet to each target, and which targets the start of a task has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.facts import ImageReference, Platform, Subnet, TaskDefinition
from bot.model import Unknown
from bot.network.addresses import State, together
from bot.network.routing import effective
from bot.network.view import Hop, Network, Via, View, hop, unread
from bot.network.ways import BETTER, way

Target = str
NAT64 = "64:ff9b::/96"
# Targets that a VPC endpoint can stand in for, and the endings of their service names.
SERVICES = {
    "ecr-api": "ecr.api",
    "ecr-dkr": "ecr.dkr",
    "s3-layers": "s3",
    "secretsmanager": "secretsmanager",
    "ssm": "ssm",
    "kms": "kms",
    "logs": "logs",
}


# How engineers know the targets that have no host of the image.
KNOWN_AS = {"ecr-api": "api.ecr", "ecr-dkr": "dkr.ecr", "s3-layers": "starport-layer-bucket"}


@dataclass(frozen=True, slots=True)
class Path:
    """The way from a subnet to a target; every hop has to be open."""

    source: str
    target: str
    hops: tuple[Hop, ...]
    via: Via

    @property
    def state(self) -> State:
        return together(h.state for h in self.hops)

    @property
    def blocked_by(self) -> Hop | None:
        return next((h for h in self.hops if h.state == "closed"), None)


def paths(
    network: Network, wanted: tuple[Target, ...], *, region: str, ipv6: bool | None = None
) -> tuple[Path, ...]:
    """Return the way from every subnet that pulls to each of the *wanted* targets."""
    interface = network.interface
    sources = () if isinstance(interface, Unknown) else interface.subnets
    return tuple(path(network, s, t, region=region, ipv6=ipv6) for s in sources for t in wanted)


def path(
    network: Network,
    source: str,
    target: Target,
    *,
    region: str,
    ipv6: bool | None = None,
    host: str | None = None,
) -> Path:
    """Return the way from subnet *source* to *target*.

    *region* is the target's own, *host* its name where that is known; *ipv6* tells whether it
    answers over IPv6 (None: not known), which matters in a subnet that has such addresses.
    """
    subnet, first = _subnet(network, source, ipv6=ipv6)
    if first.state == "closed":
        return Path(source, target, (first,), "none")
    families: list[Literal[4, 6]] = [4] if subnet is None or subnet.cidr else []
    families += [6] if subnet and subnet.ipv6 and (ipv6 or not families) else []
    service = SERVICES.get(target)
    views = [View(network, source, subnet, f, region, service, host) for f in families or [4]]
    ways = [way(view) for view in views]
    via, hops = min(ways, key=lambda way: BETTER[together(h.state for h in way[1])])
    return Path(source, target, (first, *hops), via)


def _subnet(network: Network, source: str, *, ipv6: bool | None) -> tuple[Subnet | None, Hop]:
    known = network.subnets
    if isinstance(known, Unknown):
        return None, unread("subnet", source, "Subnets")
    if source in known.missing:
        return None, hop("subnet", source, "closed", "subnet-missing")
    subnet = next((s for s in known.all if s.id == source), None)
    if subnet is None:
        return None, unread("subnet", source, "Subnets")
    if subnet.cidr or ipv6 or not subnet.ipv6:
        return subnet, Hop("subnet", source, "open", {"zone": subnet.zone, "vpc": subnet.vpc})
    open_ = ipv6 is None or _translated(network, source)
    state: State = "unknown" if open_ else "closed"
    return subnet, hop("subnet", source, state, "ipv6-only", ipv6=list(subnet.ipv6))


def _translated(network: Network, source: str) -> bool:
    """Tell whether a NAT gateway may translate to IPv4; if names lead there, DNS64 alone tells."""
    tables = () if isinstance(network.tables, Unknown) else network.tables.items
    table = effective(source, tables)
    routes = table.routes if table else ()
    return any(r.destination == NAT64 and r.state != "blackhole" for r in routes)


def targets(
    image: ImageReference,
    platform: Platform,
    definition: TaskDefinition | None = None,
    region: str | None = None,
) -> tuple[Target, ...]:
    """Return what the start of a task reaches over the interface that pulls, in that order.

    What lies beside the image counts only where it is in *region*; None: wherever it is.

    Fargate up to 1.3.0 logs in, reads secrets and writes logs over an interface of its own;
    on the customer's own machines (EXTERNAL) there is no VPC to judge.
    """
    if platform.launch_type == "EXTERNAL":
        return ()
    old = _old_fargate(platform, definition)
    early, late = ((), ()) if old or definition is None else _beside_image(definition, region)
    by_registry = {
        "ecr": ("ecr-dkr", "s3-layers") if old else ("ecr-api", "ecr-dkr", "s3-layers"),
        "ecr-public": ("ecr-public",),
        "docker-hub": ("dockerhub",),
    }
    return (*early, *by_registry.get(image.registry, ("registry",)), *late)


def _beside_image(
    definition: TaskDefinition, region: str | None
) -> tuple[tuple[Target, ...], tuple[Target, ...]]:
    """Return what a task reads before its image, and what it writes after it."""
    values = [s.value_from for c in definition.containers for s in c.secrets]
    near = [v for v in values if _is_in(region, v)]
    kept = [c.credentials for c in definition.containers if c.credentials]
    secret = any(":secretsmanager:" in v for v in near) or any(_is_in(region, k) for k in kept)
    early = [("secretsmanager", secret), ("ssm", any(":secretsmanager:" not in v for v in near))]
    logs = any(
        c.log_driver == "awslogs" and region in (None, c.log_options.get("awslogs-region", region))
        for c in definition.containers
    )
    return tuple(name for name, wanted in early if wanted), ("logs",) if logs else ()


def _is_in(region: str | None, reference: str) -> bool:
    """Tell whether a secret or parameter is in *region*; a bare name is in the task's own."""
    parts = reference.split(":")
    return region is None or parts[0] != "arn" or len(parts) < 4 or parts[3] == region


def _old_fargate(platform: Platform, definition: TaskDefinition | None) -> bool:
    """Tell whether login and secrets take Fargate's own interface; 1.0.0 is of Windows."""
    system = (definition.raw if definition else {}).get("runtimePlatform") or {}
    if str(system.get("operatingSystemFamily", "")).startswith("WINDOWS"):
        return False
    parts = (platform.version or "").split(".")
    if platform.launch_type != "FARGATE" or not all(p.isdecimal() for p in parts):
        return False
    return (1, 1) <= tuple(int(p) for p in parts) < (1, 4)
