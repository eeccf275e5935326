"""Is there a way from a task to a service: the estate's own walk over its VPCs.

Small on purpose and written apart from the bot's, so that the two can disagree.
"""

from __future__ import annotations

import ipaddress
import zlib
from typing import Any

from playground.estate import policy, six
from playground.estate.filters import acl, egress, ingress
from playground.estate.ways import Blocked, Place, Site, Way

AMAZON_DNS = "AmazonProvidedDNS"
ANY_PUBLIC = "52.46.0.1"


def way(place: Place | Site, service: str, region: str, host: str) -> Way | Blocked:
    """Walk from *place* to AWS's *service* (``ecr.api``, ``s3``, ...) in *region*, named *host*."""
    if isinstance(place, Site):
        return internet(place, host)
    ec2 = _ec2(place)
    vpc = ec2.get_vpc(ec2.get_subnet(place.subnet).vpc_id)
    if mute := _mute(vpc, place):
        return mute
    if six.alone(ec2.get_subnet(place.subnet)):  # endpoints of ECR are of IPv4
        return _by_six(ec2, place, host)
    endpoint = (
        _interface_endpoint(ec2, vpc, _family(service, host)) if region == place.region else None
    )
    if endpoint:
        return _to_endpoint(ec2, place, endpoint)
    gateway = _gateway_endpoint(ec2, place, service) if region == place.region else None
    if gateway:
        return _to_gateway(ec2, place, gateway, host)
    return internet(place, host)


def _family(service: str, host: str) -> str:
    """Return the service whose endpoint answers for *host*: ECR has other ones for FIPS."""
    return service.replace("ecr.", "ecr-fips.") if ".ecr-fips." in host else service


def names(endpoint: Any) -> list[str]:
    """Return the public names that lead to an interface endpoint from inside its VPC."""
    if (endpoint.vpc_endpoint_type or "").lower() != "interface":
        return []
    _, _, region, *service = endpoint.service_name.split(".")
    return [".".join((*reversed(service), region, "amazonaws.com"))]


def internet(place: Place | Site, host: str) -> Way | Blocked:
    """Walk from *place* to a public address."""
    if isinstance(place, Site):
        return Blocked(public_address(host)) if place.shut else Way()
    ec2 = _ec2(place)
    if mute := _mute(ec2.get_vpc(ec2.get_subnet(place.subnet).vpc_id), place):
        return mute
    if six.alone(ec2.get_subnet(place.subnet)):
        return _by_six(ec2, place, host)
    address = public_address(host)
    leaves = _leaves(ec2, place) and acl(ec2, place.subnet, address, egress=True)
    if leaves and egress(ec2, place.groups, address):
        return Way(None, _leaving_with(ec2, place))
    return Blocked(address)


def _by_six(ec2: Any, place: Place, host: str) -> Way | Blocked:
    """Walk out of a subnet without IPv4."""
    address, table = six.address(host), _route_table(ec2, place.subnet)
    if address is None:
        return Blocked(public_address(host), foreign=True)
    if not six.leaves(ec2, table, place.subnet, place.groups, address):
        return Blocked(f"[{address}]")
    return Way(None, {"aws:sourceip": (six.own(ec2.get_subnet(place.subnet)),)})


def _leaving_with(ec2: Any, place: Place) -> policy.Context:
    """Return the public address that packets leave with, where a NAT gateway gives them one."""
    nat = _default_route(ec2, place.subnet).nat_gateway
    found = [a["publicIp"] for a in nat.address_set if a.get("publicIp")] if nat else []
    return {"aws:sourceip": (found[0],)} if found else {}


def registry_api(place: Place | Site | None, region: str) -> str:
    """Return by which name ECS logs in: in a subnet without IPv4 by that of both families."""
    foreign = isinstance(place, Place) and six.alone(_ec2(place).get_subnet(place.subnet))
    return f"ecr.{region}.api.aws" if foreign else f"api.ecr.{region}.amazonaws.com"


def public_address(host: str) -> str:
    """Return the address that *host* has in this world: always the same, in AWS's ranges."""
    low = zlib.crc32(host.encode())
    first = "52.219" if host.startswith("prod-") else "52.46" if "ecr" in host else "54.83"
    return f"{first}.{low >> 8 & 255}.{low & 255}"


def _ec2(place: Place) -> Any:
    from moto.ec2.models import ec2_backends

    return ec2_backends[place.account][place.region]


def _named(ec2: Any, vpc_id: str, service: str, kind: str) -> list[Any]:
    return [
        e
        for e in ec2.vpc_end_points.values()
        if e.vpc_id == vpc_id
        and e.service_name.endswith(f".{ec2.region_name}.{service}")
        and (e.vpc_endpoint_type or "Gateway").lower() == kind
        and e.state == "available"
    ]


def _on(value: object) -> bool:
    return str(value).lower() == "true"


def _mute(vpc: Any, place: Place) -> Blocked | None:
    """Return what a lookup ends with where the VPC's name server gives no answer."""
    own = str(ipaddress.ip_network(vpc.cidr_block)[2])
    asked = vpc.dhcp_options._options["domain-name-servers"] if vpc.dhcp_options else None
    server = next(iter([asked] if isinstance(asked, str) else asked or [AMAZON_DNS]))
    here = _own_cidr(_ec2(place), place)
    if server not in (AMAZON_DNS, own):
        return Blocked(here, server, lost=True)  # nobody told it to forward anything
    return None if _on(vpc.enable_dns_support) else Blocked(here, own)


def crowded(place: Place) -> bool:
    """Tell whether more interfaces than addresses stand in the subnet of *place*."""
    return int(_ec2(place).get_subnet(place.subnet).available_ip_address_count) < 0


def _interface_endpoint(ec2: Any, vpc: Any, service: str) -> Any:
    """Return the endpoint that answers for the service's usual name in this VPC."""
    dns = _on(vpc.enable_dns_support) and _on(vpc.enable_dns_hostnames)
    found = _named(ec2, vpc.id, service, "interface")
    return next((e for e in found if dns and _on(e.private_dns_enabled) and e.subnet_ids), None)


def _gateway_endpoint(ec2: Any, place: Place, service: str) -> Any:
    table = _route_table(ec2, place.subnet)
    found = _named(ec2, table.vpc_id, service, "gateway")
    return next((e for e in found if table.id in e.route_table_ids), None)


def _to_endpoint(ec2: Any, place: Place, endpoint: Any) -> Way | Blocked:
    there, here = endpoint.subnet_ids[0], _own_cidr(ec2, place)
    target, theirs = _address_in(ec2, there), tuple(endpoint.security_group_ids)
    open_ = (
        egress(ec2, place.groups, target, theirs)
        and ingress(ec2, theirs, here, place.groups)
        and _between(ec2, place.subnet, here, there, target)
    )
    if not open_:
        return Blocked(target)
    seen = {"aws:sourcevpce": (endpoint.id,), "aws:sourcevpc": (endpoint.vpc_id,)}
    return Way(policy.parse(endpoint.policy_document), seen)


def _to_gateway(ec2: Any, place: Place, endpoint: Any, host: str) -> Way | Blocked:
    address = public_address(host)
    prefix_list = endpoint.destination_prefix_list_id
    open_ = egress(ec2, place.groups, address, prefix_list=prefix_list) and acl(
        ec2, place.subnet, address, egress=True
    )
    return Way(policy.parse(endpoint.policy_document)) if open_ else Blocked(address)


def _own_cidr(ec2: Any, place: Place) -> str:
    return _address_in(ec2, place.subnet)


def _address_in(ec2: Any, subnet_id: str) -> str:
    return six.own(ec2.get_subnet(subnet_id))


def _between(ec2: Any, near: str, here: str, far: str, there: str) -> bool:
    """Tell whether the ACLs of both subnets let a connection pass; within one, there is none."""
    if near == far:
        return True
    return acl(ec2, near, there, egress=True) and acl(ec2, far, here, egress=False)


def _route_table(ec2: Any, subnet_id: str) -> Any:
    """Return the table in effect: the subnet's own, or else the main one of its VPC."""
    tables = list(ec2.route_tables.values())
    own = next((t for t in tables if subnet_id in t._associations.values()), None)
    vpc_id = ec2.get_subnet(subnet_id).vpc_id
    return own or next(t for t in tables if t.vpc_id == vpc_id and t.main_association_id)


def _default_route(ec2: Any, subnet_id: str) -> Any:
    routes = _route_table(ec2, subnet_id).routes
    return next((r for r in routes if r.destination_cidr_block == "0.0.0.0/0"), None)


def _leaves(ec2: Any, place: Place) -> bool:
    """Tell whether the default route leads out, for an interface with or without public address."""
    route = _default_route(ec2, place.subnet)
    if route is None or route.state != "active":
        return False
    if route.nat_gateway is not None:
        return _carries(ec2, route.nat_gateway, place)
    if str(route.gateway_id).startswith("igw-"):
        return place.public_ip
    # An appliance drops what is not its own while EC2 checks source and destination for it.
    forwards = route.interface is not None and not route.interface.source_dest_check
    return route.transit_gateway is not None or forwards


def _carries(ec2: Any, nat: Any, place: Place) -> bool:
    """Tell whether a NAT gateway takes connections of *place* to the internet."""
    if nat.state != "available" or nat.connectivity_type == "private":
        return False
    onwards = _default_route(ec2, nat.subnet_id)
    if onwards is None or onwards.state != "active":
        return False
    here, beside = _own_cidr(ec2, place), nat.subnet_id == place.subnet
    out = acl(ec2, nat.subnet_id, ANY_PUBLIC, egress=True)
    taken = beside or acl(ec2, nat.subnet_id, here, egress=False)
    return str(onwards.gateway_id).startswith("igw-") and out and taken
