"""What a VPC endpoint serves, and the calls that make one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.egress.situation import Situation
from bot.facts import PullInterface, Subnet, VpcEndpoint, VpcEndpoints
from bot.model import Call, Unknown
from bot.network import SERVICES
from bot.network.families import asked
from bot.network.view import GONE


def usable(endpoints: VpcEndpoints) -> tuple[VpcEndpoint, ...]:
    """Return the endpoints that are there, or will be in a moment."""
    return tuple(e for e in endpoints.items if e.state.lower() not in GONE)


def service(region: str, name: str) -> str:
    """Return the full name of the endpoint service *name*; China has its own, but for S3."""
    prefix = "cn.com.amazonaws" if region.startswith("cn-") and name != "s3" else "com.amazonaws"
    return f"{prefix}.{region}.{name}"


def wanted(at: Situation, target: str) -> str:
    """Return the full name of the endpoint service that a start would reach *target* by."""
    home = at.subject.region
    name = SERVICES[target]
    return service(home, asked(name, at.image.host) if target == "ecr-dkr" else name)


def serves(endpoint: VpcEndpoint, region: str, name: str) -> bool:
    """Tell whether *endpoint* leads to the service *name* of *region*."""
    return endpoint.service.endswith(f".{region}.{name}")


def gateway_of(endpoints: VpcEndpoints, region: str) -> VpcEndpoint | None:
    """Return the gateway endpoint for S3, if there is one."""
    found = (e for e in usable(endpoints) if e.type == "Gateway" and serves(e, region, "s3"))
    return next(found, None)


def layer_list(at: Situation) -> str | None:
    """Return the prefix list that stands for S3 in the image's Region."""
    region = at.image.region or at.subject.region
    gateways = {e.id for e in usable(at.endpoints) if e.type == "Gateway"}
    served = {e.id for e in usable(at.endpoints) if serves(e, region, "s3")} & gateways
    routes = (r for t in at.tables.items for r in t.routes if r.target in served)
    if routed := next((r.destination for r in routes if r.destination.startswith("pl-")), None):
        return routed
    known = at.network.prefixes
    names = {} if isinstance(known, Unknown) else known.names
    return next((i for i, name in names.items() if name.endswith(f".{region}.s3")), None)


def creating(
    names: Iterable[str],
    subnets: Sequence[Subnet],
    tables: Sequence[str],
    interface: PullInterface,
    gateway: VpcEndpoint | None,
) -> tuple[Call, ...]:
    """Return the calls that give *subnets* the endpoints *names*; *gateway* is the one of S3."""
    return tuple(
        _to_layers(name, subnets[0].vpc, tables, gateway)
        if name.endswith(".s3")
        else _interface(name, subnets, interface)
        for name in names
    )


def across(region: str, subnets: Sequence[Subnet], interface: PullInterface) -> tuple[Call, ...]:
    """Return the calls that let *subnets* reach images of another *region* by endpoints.

    S3 has no gateway for it, and its private DNS has to be told to serve the VPC itself.
    """
    login = service(region, "ecr.api")
    calls = []
    for name in (login, service(region, "ecr.dkr"), f"{login.removesuffix('.ecr.api')}.s3"):
        made = _interface(name, subnets, interface)
        s3 = {"DnsOptions": {"PrivateDnsOnlyForInboundResolverEndpoint": False}}
        more = s3 if name.endswith(".s3") else {}
        calls.append(replace(made, params={**made.params, "ServiceRegion": region, **more}))
    return tuple(calls)


def to_nat(tables: Iterable[str]) -> tuple[Call, ...]:
    """Return the calls that lead route *tables* to a NAT gateway, which only a person can name."""
    route = {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "<nat gateway>"}
    names = sorted({t for t in tables if t})
    return tuple(Call("ec2", "create_route", {"RouteTableId": t, **route}) for t in names)


def _to_layers(name: str, vpc: str, tables: Sequence[str], gateway: VpcEndpoint | None) -> Call:
    """Return the call that puts the gateway endpoint for S3 on route *tables*, new or as it is."""
    if gateway is not None:
        added = {"VpcEndpointId": gateway.id, "AddRouteTableIds": list(tables)}
        return Call("ec2", "modify_vpc_endpoint", added)
    params = {"VpcId": vpc, "VpcEndpointType": "Gateway", "ServiceName": name}
    return Call("ec2", "create_vpc_endpoint", {**params, "RouteTableIds": list(tables)})


def _interface(name: str, subnets: Sequence[Subnet], interface: PullInterface) -> Call:
    """Return the call that creates the endpoint *name*, in one subnet of each zone."""
    by_zone = {s.zone: s.id for s in reversed(subnets)}
    return Call(
        "ec2",
        "create_vpc_endpoint",
        {
            "VpcId": subnets[0].vpc,
            "VpcEndpointType": "Interface",
            "ServiceName": name,
            "SubnetIds": sorted(by_zone.values()),
            "SecurityGroupIds": [f"<group that lets 443 in from the {interface.owner}>"],
            "PrivateDnsEnabled": True,
        },
    )
