"""A slow second opinion on a VPC: it knows every address, and tries them one by one."""

from __future__ import annotations

from functools import cache
from ipaddress import ip_address, ip_network

from bot.network import Network
from tests.network.worlds import FAR, LAYERS, NAT, TASK

# Where answers change: the ends of every block that the rules below name.
OUTSIDE = ("1.1.1.1", "51.255.255.255", "52.0.0.0", "52.255.255.255", "53.0.0.0", "126.255.255.255", "128.0.0.0", "223.255.255.255")  # fmt: skip
CLIENTS = ("10.0.0.4", "10.0.0.12")
FARS = {NAT: ("10.0.1.0", "10.0.1.7", "10.0.1.8", "10.0.1.15"), FAR: ("10.0.2.0", "10.0.2.15")}
FARS[TASK] = ("10.0.0.0", "10.0.0.7", "10.0.0.8", "10.0.0.15")
CLIENT_PORTS = (32768, 49151, 49152, 60999)
NAT_PORTS = (1024, 32767, 32768, 49151, 49152, 60999, 61000, 65535)


@cache
def inside(address: str, cidr: str) -> bool:
    here, block = ip_address(address), ip_network(cidr)
    return here.version == block.version and here in block


def opinions(world: Network, target: str) -> set[bool]:
    """Return what happens to every connection that may be tried: it works, or it does not."""
    service = {"ecr-api": "ecr.api", "ecr-dkr": "ecr.dkr"}.get(target)
    if not world.vpc.dns_support:
        return {False}
    usable = [
        e
        for e in world.endpoints.items
        if service and e.service.endswith(service) and e.state == "available" and e.private_dns
    ]
    if usable and world.vpc.dns_hostnames:
        end = usable[0]
        tries = [(s, a) for s in end.subnets for a in FARS[s]]
        return {
            _to_endpoint(world, end, s, a, c, p)
            for s, a in tries
            for c in CLIENTS
            for p in CLIENT_PORTS
        }
    return {_out(world, target, a, c, p) for a in OUTSIDE for c in CLIENTS for p in CLIENT_PORTS}


def _to_endpoint(world, end, subnet, address, client, port):
    mine, theirs = _groups(world, world.interface.groups), _groups(world, end.groups)
    if not _group_lets([r for g in mine for r in g.egress], address, end.groups):
        return False
    if not _group_lets([r for g in theirs for r in g.ingress], client, world.interface.groups):
        return False
    if subnet == TASK:
        return True
    return (
        _acl_lets(world, TASK, True, address, 443)
        and _acl_lets(world, TASK, False, address, port)
        and _acl_lets(world, subnet, False, client, 443)
        and _acl_lets(world, subnet, True, client, port)
    )


def _out(world, target, address, client, port):
    layers = target == "s3-layers"
    rules = [r for g in _groups(world, world.interface.groups) for r in g.egress]
    if not _group_lets(rules, address, (), LAYERS if layers else None):
        return False
    if not _acl_lets(world, TASK, True, address, 443) or not _acl_lets(world, TASK, False, address, port):  # fmt: skip
        return False
    routes = _table(world, TASK).routes
    gateway = any(e.id == "vpce-s3" and e.state == "available" for e in world.endpoints.items)
    if layers and gateway and any(r.target == "vpce-s3" and r.state == "active" for r in routes):
        return True
    target = _hop(routes, address)
    if target == "nat-1":
        return _nat_works(world, address, client, port)
    return target in world.gateways.ids and world.interface.public_ip


def _nat_works(world, address, client, port):
    nat = world.nats.items[0]
    if nat.state != "available" or not nat.public:
        return False
    return (
        _hop(_table(world, NAT).routes, address) in world.gateways.ids
        and _acl_lets(world, NAT, False, client, 443)
        and _acl_lets(world, NAT, True, client, port)
        and _acl_lets(world, NAT, True, address, 443)
        and all(_acl_lets(world, NAT, False, address, p) for p in NAT_PORTS)
    )


def _hop(routes, address):
    """Try every route, keep the longest prefix."""
    best = None
    for route in routes:
        if route.destination.startswith("pl-") or not inside(address, route.destination):
            continue
        length = ip_network(route.destination).prefixlen
        if best is None or length > best[0]:
            best = (length, route)
    return best[1].target if best and best[1].state == "active" else None


def _table(world, subnet):
    own = [t for t in world.tables.items if subnet in t.subnets]
    return (own or [t for t in world.tables.items if t.main])[0]


def _groups(world, ids):
    return [g for g in world.groups.items if g.id in ids]


def _group_lets(rules, address, groups, prefix_list=None):
    return any(
        (r.protocol == "-1" or (r.protocol in ("tcp", "6") and r.from_port <= 443 <= r.to_port))
        and (
            any(inside(address, c) for c in r.cidrs)
            or any(g in groups for g in r.groups)
            or prefix_list in r.prefix_lists
        )
        for r in rules
    )


def _acl_lets(world, subnet, egress, address, port):
    acl = next(a for a in world.acls.items if subnet in a.subnets)
    for entry in sorted(acl.entries, key=lambda e: e.number):
        if entry.egress != egress or entry.protocol not in ("-1", "6"):
            continue
        if not inside(address, entry.cidr):
            continue
        if entry.protocol == "6" and entry.from_port is not None and not entry.from_port <= port <= entry.to_port:  # fmt: skip
            continue
        return entry.allow
    return False
