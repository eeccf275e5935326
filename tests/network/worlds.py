"""Made-up VPCs, and a slow second opinion that knows every address and tries them one by one."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from ipaddress import ip_address, ip_network
from random import Random

from bot.facts import (
    AclEntry,
    InternetGateways,
    NatGateway,
    NatGateways,
    NetworkAcl,
    NetworkAcls,
    PrefixLists,
    PullInterface,
    Route,
    RouteTable,
    RouteTables,
    Rule,
    SecurityGroup,
    SecurityGroups,
    Subnet,
    Subnets,
    Vpc,
    VpcEndpoint,
    VpcEndpoints,
)
from bot.network import Network

REGION = "eu-west-1"
TASK, NAT, FAR = "subnet-task", "subnet-nat", "subnet-far"
BLOCKS = {TASK: "10.0.0.0/28", NAT: "10.0.1.0/28", FAR: "10.0.2.0/28"}
LAYERS, OTHERS = "pl-layers", "pl-tables"
# Where answers change: the ends of every block that the rules below name.
OUTSIDE = ("1.1.1.1", "51.255.255.255", "52.0.0.0", "52.255.255.255", "53.0.0.0", "126.255.255.255", "128.0.0.0", "223.255.255.255")  # fmt: skip
CLIENTS = ("10.0.0.4", "10.0.0.12")
FARS = {NAT: ("10.0.1.0", "10.0.1.7", "10.0.1.8", "10.0.1.15"), FAR: ("10.0.2.0", "10.0.2.15")}
FARS[TASK] = ("10.0.0.0", "10.0.0.7", "10.0.0.8", "10.0.0.15")
CLIENT_PORTS = (32768, 49151, 49152, 60999)
NAT_PORTS = (1024, 32767, 32768, 49151, 49152, 60999, 61000, 65535)


# --- making up -----------------------------------------------------------------------------


def network(chance: Random) -> Network:
    """Return a VPC that mostly works, with a few things changed."""
    likely = chance.random
    return Network(
        interface=PullInterface((TASK,), _some(chance, ("sg-task", "sg-more")), likely() < 0.7),
        subnets=Subnets(tuple(Subnet(i, "vpc-1", "a", c) for i, c in BLOCKS.items())),
        vpc=Vpc("vpc-1", ("10.0.0.0/16",), likely() < 0.93, likely() < 0.93),
        tables=RouteTables(tuple(_tables(chance))),
        endpoints=VpcEndpoints(tuple(_endpoints(chance))),
        groups=SecurityGroups(tuple(_group(chance, i) for i in ("sg-task", "sg-more", "sg-end"))),
        acls=NetworkAcls(tuple(_acl(chance, s) for s in BLOCKS)),
        nats=NatGateways(
            (
                NatGateway(
                    "nat-1", NAT, chance.choice(("available",) * 6 + ("failed",)), likely() < 0.9
                ),
            )
        ),
        gateways=InternetGateways(("igw-1",) if likely() < 0.9 else ()),
        prefixes=PrefixLists(
            {LAYERS: f"com.amazonaws.{REGION}.s3", OTHERS: f"com.amazonaws.{REGION}.dynamodb"}
        ),
    )


def _some(chance: Random, names: tuple[str, ...]) -> tuple[str, ...]:
    return names[: chance.choice((1, 1, 2))]


def _tables(chance: Random) -> list[RouteTable]:
    main = RouteTable("rtb-main", True, (), _routes(chance, "igw-1"))
    nat = RouteTable("rtb-nat", False, (NAT,), _routes(chance, "igw-1"))
    task = RouteTable("rtb-task", False, (TASK,), _routes(chance, "nat-1"))
    return [t for t in (task, main, nat) if t is not task or chance.random() < 0.7]


def _routes(chance: Random, way: str) -> tuple[Route, ...]:
    def state():
        return chance.choice(("active",) * 9 + ("blackhole",))

    routes = [Route("10.0.0.0/16", "local")]
    if chance.random() < 0.9:
        routes.append(Route("0.0.0.0/0", chance.choice((way, way, "igw-1")), state()))
    if chance.random() < 0.1:
        routes += [Route("0.0.0.0/1", way, state()), Route("128.0.0.0/1", way)]
    if chance.random() < 0.1:
        routes.append(Route("52.0.0.0/8", chance.choice(("nat-1", "igw-1")), state()))
    if chance.random() < 0.4:
        routes.append(Route(LAYERS, "vpce-s3", state()))
    if chance.random() < 0.2:
        routes.append(Route("::/0", "igw-1"))
    chance.shuffle(routes)
    return tuple(routes)


def _endpoints(chance: Random) -> list[VpcEndpoint]:
    found = []
    for name in ("ecr.api", "ecr.dkr"):
        subnets = chance.choice(((FAR,), (TASK,), (FAR, TASK), (FAR, NAT)))
        end = VpcEndpoint(
            f"vpce-{name}", f"com.amazonaws.{REGION}.{name}", "Interface",
            chance.choice(("available",) * 6 + ("pending", "deleted")),
            chance.random() < 0.85, subnets, ("sg-end",),
        )  # fmt: skip
        found += [end] if chance.random() < 0.6 else []
    gateway = VpcEndpoint(
        "vpce-s3", f"com.amazonaws.{REGION}.s3", "Gateway", chance.choice(("available",) * 6 + ("pending",))
    )  # fmt: skip
    return [*found, gateway] if chance.random() < 0.7 else found


def _group(chance: Random, name: str) -> SecurityGroup:
    return SecurityGroup(name, _rules(chance), _rules(chance))


def _rules(chance: Random) -> tuple[Rule, ...]:
    rules = tuple(_rule(chance) for _ in range(chance.choice((0, 1, 1, 2, 3))))
    return rules if chance.random() < 0.4 else (*rules, Rule("-1", None, None, ("0.0.0.0/0",)))


def _rule(chance: Random) -> Rule:
    protocol = chance.choice(("-1", "-1", "tcp", "tcp", "6", "udp"))
    ports = chance.choice(((443, 443), (443, 443), (0, 65535), (80, 80), (400, 500)))
    pool = ("0.0.0.0/0", "0.0.0.0/0", "10.0.0.0/16", "10.0.2.0/28", "10.0.0.0/29", "52.0.0.0/8", "::/0", "0.0.0.0/1", "128.0.0.0/1")  # fmt: skip
    kind = chance.random()
    if kind < 0.2:
        return Rule(protocol, *ports, groups=(chance.choice(("sg-task", "sg-end", "sg-else")),))
    if kind < 0.35:
        return Rule(protocol, *ports, prefix_lists=(chance.choice((LAYERS, OTHERS)),))
    cidrs = tuple(chance.choice(pool) for _ in range(chance.choice((1, 1, 2))))
    return Rule(protocol, *((None, None) if protocol == "-1" else ports), cidrs=cidrs)


def _acl(chance: Random, subnet: str) -> NetworkAcl:
    entries = [AclEntry(32767, way, False, "-1", "0.0.0.0/0") for way in (True, False)]
    if chance.random() < 0.8:
        entries += [AclEntry(100, way, True, "-1", "0.0.0.0/0") for way in (True, False)]
    else:
        entries += [_entry(chance, n) for n in chance.sample(range(1, 200), chance.randint(1, 6))]
    if chance.random() < 0.2:
        entries.append(_entry(chance, 50))
    chance.shuffle(entries)
    return NetworkAcl(f"acl-{subnet}", (subnet,), tuple(entries))


def _entry(chance: Random, number: int) -> AclEntry:
    pool = ("0.0.0.0/0", "0.0.0.0/0", "10.0.0.0/16", "10.0.0.0/29", "10.0.1.0/28", "52.0.0.0/8", "::/0", "128.0.0.0/1")  # fmt: skip
    ports = chance.choice(((None, None), (443, 443), (1024, 65535), (32768, 60999), (49152, 65535), (0, 65535)))  # fmt: skip
    protocol = chance.choice(("-1", "6", "6", "17"))
    allow = chance.random() < 0.75
    return AclEntry(number, chance.random() < 0.5, allow, protocol, chance.choice(pool), *ports)


# --- the slow opinion ----------------------------------------------------------------------


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


def without(world: Network, unknown, names) -> Network:
    """Return *world* with the facts *names* not read."""
    return replace(world, **dict.fromkeys(names, unknown))
