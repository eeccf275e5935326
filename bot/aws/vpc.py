"""What EC2 can tell us about the network around the interface that pulls, one call for each fact.

All is read by VPC rather than by id, because what is missing, or stands elsewhere in the
VPC, explains as much as what is there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from bot.aws.accounts import WorkloadAccount
from bot.aws.client import NotFound, together
from bot.facts import (
    InternetGateways,
    NatGateway,
    NatGateways,
    PrefixLists,
    PullInterface,
    Route,
    RouteTable,
    RouteTables,
    Subnet,
    Subnets,
    Vpc,
    VpcEndpoint,
    VpcEndpoints,
)
from bot.model import Call, CannotTell

Said = Mapping[str, Any]

# A route has one of these; a route to an instance also names the interface, which says more.
TARGETS = (
    "NatGatewayId",
    "TransitGatewayId",
    "VpcPeeringConnectionId",
    "EgressOnlyInternetGatewayId",
    "NetworkInterfaceId",
    "InstanceId",
    "LocalGatewayId",
    "CarrierGatewayId",
    "CoreNetworkArn",
    "GatewayId",
)
DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
OWN_NAME = ".vpce."  # in the names that every endpoint has, whatever its private DNS
AMAZON_DNS = ("AmazonProvidedDNS",)


def subnets(here: WorkloadAccount, interface: PullInterface) -> Subnets:
    params = _by("subnet-id", *interface.subnets, *interface.others)
    found = tuple(map(_subnet, here.pages(Call("ec2", "describe_subnets", params), "Subnets")))
    pulling = tuple(s for s in found if s.id in interface.subnets)
    home = {s.vpc for s in pulling}
    if len(home) > 1:
        raise CannotTell("the subnets are of several VPCs")
    known = {s.id for s in pulling}
    missing = tuple(s for s in interface.subnets if s not in known)
    others = tuple(s for s in found if s.id in interface.others and s.vpc in home)
    return Subnets(pulling, missing, others)


def vpc(here: WorkloadAccount, inside: Subnets) -> Vpc:
    which = _vpc(inside)

    def attribute(name: str, key: str) -> bool:
        params = {"VpcId": which, "Attribute": name}
        answer = here.call(Call("ec2", "describe_vpc_attribute", params))
        return bool(answer[key]["Value"])

    asked: tuple[Callable[[], Any], ...] = (
        lambda: _cidrs_and_servers(here, which),
        lambda: attribute("enableDnsSupport", "EnableDnsSupport"),
        lambda: attribute("enableDnsHostnames", "EnableDnsHostnames"),
    )
    try:
        (cidrs, servers), support, hostnames = together(*asked)
    except NotFound:
        raise CannotTell(f"VPC {which} does not exist") from None
    return Vpc(which, cidrs, support, hostnames, servers)


def route_tables(here: WorkloadAccount, inside: Subnets) -> RouteTables:
    found = in_vpc(here, inside, "describe_route_tables", "RouteTables")
    return RouteTables(tuple(_route_table(t) for t in found))


def vpc_endpoints(here: WorkloadAccount, inside: Subnets) -> VpcEndpoints:
    found = in_vpc(here, inside, "describe_vpc_endpoints", "VpcEndpoints")
    return VpcEndpoints(tuple(_endpoint(e) for e in found))


def nat_gateways(here: WorkloadAccount, inside: Subnets) -> NatGateways:
    found = in_vpc(here, inside, "describe_nat_gateways", "NatGateways", filters="Filter")
    return NatGateways(
        tuple(
            NatGateway(
                n["NatGatewayId"],
                n.get("SubnetId", ""),
                n["State"],
                public=n.get("ConnectivityType", "public") == "public",
                addresses=tuple(
                    a["PublicIp"] for a in n.get("NatGatewayAddresses", ()) if a.get("PublicIp")
                ),
            )
            for n in found
        )
    )


def internet_gateways(here: WorkloadAccount, inside: Subnets) -> InternetGateways:
    params = _by("attachment.vpc-id", _vpc(inside))
    call = Call("ec2", "describe_internet_gateways", params)
    found = here.pages(call, "InternetGateways")
    return InternetGateways(tuple(g["InternetGatewayId"] for g in found if not _leaving(g)))


def _leaving(said: Said) -> bool:
    """Tell whether a gateway is being taken off the VPC, or was a moment ago."""
    states = {str(a.get("State", "")) for a in said.get("Attachments", ())}
    return bool(states) and states <= {"detaching", "detached"}


def prefix_lists(here: WorkloadAccount) -> PrefixLists:
    call = Call("ec2", "describe_managed_prefix_lists", _by("owner-id", "AWS"))
    found = here.pages(call, "PrefixLists")
    return PrefixLists({p["PrefixListId"]: p["PrefixListName"] for p in found})


def _vpc(inside: Subnets) -> str:
    if not inside.items:
        raise CannotTell("the subnets do not exist")
    return inside.items[0].vpc


def in_vpc(
    here: WorkloadAccount, inside: Subnets, operation: str, key: str, *, filters: str = "Filters"
) -> list[Said]:
    """Return all that *operation* lists in the VPC of the subnets."""
    params = {filters: [{"Name": "vpc-id", "Values": [_vpc(inside)]}]}
    return here.pages(Call("ec2", operation, params), key)


def _by(name: str, *values: str) -> dict[str, Any]:
    return {"Filters": [{"Name": name, "Values": list(values)}]}


def _cidrs_and_servers(
    here: WorkloadAccount, which: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    found = here.call(Call("ec2", "describe_vpcs", {"VpcIds": [which]}))["Vpcs"][0]
    more = (a["CidrBlock"] for a in found.get("CidrBlockAssociationSet", ()))
    cidrs = tuple(dict.fromkeys((found["CidrBlock"], *more)))
    return cidrs, _servers(here, found.get("DhcpOptionsId") or "default")


def _servers(here: WorkloadAccount, options: str) -> tuple[str, ...]:
    if options == "default":
        return AMAZON_DNS
    call = Call("ec2", "describe_dhcp_options", {"DhcpOptionsIds": [options]})
    try:
        found = here.call(call)["DhcpOptions"]
    except NotFound:
        return AMAZON_DNS
    pairs = (c for o in found for c in o.get("DhcpConfigurations", ()))
    servers = (v["Value"] for c in pairs if c["Key"] == "domain-name-servers" for v in c["Values"])
    return tuple(servers) or AMAZON_DNS


def _subnet(said: Said) -> Subnet:
    ipv6 = (a["Ipv6CidrBlock"] for a in said.get("Ipv6CidrBlockAssociationSet", ()))
    return Subnet(
        said["SubnetId"],
        said["VpcId"],
        said.get("AvailabilityZone", ""),
        said.get("CidrBlock", ""),
        tuple(ipv6),
        said.get("OwnerId"),
        said.get("AvailableIpAddressCount"),
    )


def _route_table(said: Said) -> RouteTable:
    associations = said.get("Associations", ())
    return RouteTable(
        said["RouteTableId"],
        main=any(a.get("Main") for a in associations),
        subnets=tuple(a["SubnetId"] for a in associations if a.get("SubnetId")),
        routes=tuple(_route(r) for r in said.get("Routes", ())),
    )


def _route(said: Said) -> Route:
    destination = next((said[d] for d in DESTINATIONS if said.get(d)), "")
    target = next((said[t] for t in TARGETS if said.get(t)), "")
    return Route(destination, target, said.get("State", "active"))


def _endpoint(said: Said) -> VpcEndpoint:
    policy = said.get("PolicyDocument")
    return VpcEndpoint(
        id=said["VpcEndpointId"],
        service=said["ServiceName"],
        type=said.get("VpcEndpointType", "Gateway"),
        state=said.get("State", "available"),
        private_dns=bool(said.get("PrivateDnsEnabled")),
        subnets=tuple(said.get("SubnetIds", ())),
        groups=tuple(g["GroupId"] for g in said.get("Groups", ())),
        route_tables=tuple(said.get("RouteTableIds", ())),
        policy=json.loads(policy) if policy else None,
        names=tuple(n for d in said.get("DnsEntries", ()) if OWN_NAME not in (n := d["DnsName"])),
    )


COLLECTORS = (
    subnets,
    vpc,
    route_tables,
    vpc_endpoints,
    nat_gateways,
    internet_gateways,
    prefix_lists,
)
