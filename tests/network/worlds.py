"""Made-up VPCs that mostly work."""

from __future__ import annotations

from dataclasses import replace
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


def without(world: Network, unknown, names) -> Network:
    """Return *world* with the facts *names* not read."""
    return replace(world, **dict.fromkeys(names, unknown))
