"""What a VPC endpoint serves, and the calls that make one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.facts import (
    ImageReference,
    Platform,
    PullInterface,
    RouteTable,
    Subject,
    Subnet,
    TaskDefinition,
    VpcEndpoint,
    VpcEndpoints,
)
from bot.model import Call

GONE = {"deleted", "deleting", "failed", "rejected", "expired"}
# Up to 1.3.0 the login does not leave through the interface of the task; 1.0.0 is Windows.
OLD_FARGATE = ("1.1.", "1.2.", "1.3.")


def needed(
    subject: Subject, image: ImageReference, platform: Platform, definition: TaskDefinition
) -> tuple[str, ...]:
    """Return the interface endpoints that a start without internet needs, in order of use."""
    asked = [s.value_from for c in definition.containers for s in c.secrets]
    asked += [c.credentials for c in definition.containers if c.credentials]
    here = [a for a in asked if not a.startswith("arn:") or a.split(":")[3] == subject.region]
    names = sorted({"secretsmanager" if ":secretsmanager:" in a else "ssm" for a in here})
    old = platform.launch_type == "FARGATE" and (platform.version or "").startswith(OLD_FARGATE)
    names = [] if old else [*names, "ecr.api"]
    if image.registry == "ecr":
        names.append("ecr.dkr")
    logged = [
        c.log_options.get("awslogs-region", subject.region)
        for c in definition.containers
        if c.log_driver == "awslogs"
    ]
    return (*names, *(["logs"] if subject.region in logged else []))


def usable(endpoints: VpcEndpoints) -> tuple[VpcEndpoint, ...]:
    """Return the endpoints that are there, or will be in a moment."""
    return tuple(e for e in endpoints.items if e.state.lower() not in GONE)


def service(region: str, name: str) -> str:
    """Return the full name of the endpoint service *name*; China has its own, but for S3."""
    prefix = "cn.com.amazonaws" if region.startswith("cn-") and name != "s3" else "com.amazonaws"
    return f"{prefix}.{region}.{name}"


def serves(endpoint: VpcEndpoint, region: str, name: str) -> bool:
    """Tell whether *endpoint* leads to the service *name* of *region*, by its FIPS name too."""
    names = {name, name.replace("ecr.", "ecr-fips.")}
    return any(endpoint.service.endswith(f".{region}.{n}") for n in names)


def gateway_of(endpoints: VpcEndpoints, region: str) -> VpcEndpoint | None:
    """Return the gateway endpoint for S3, if there is one."""
    found = (e for e in usable(endpoints) if e.type == "Gateway" and serves(e, region, "s3"))
    return next(found, None)


def leads_to_layers(
    table: RouteTable | None, endpoints: Iterable[VpcEndpoint], region: str
) -> bool:
    """Tell whether S3 is reached by an interface endpoint, or by a gateway on *table*."""
    for found in (e for e in endpoints if serves(e, region, "s3")):
        routed = table and (
            table.id in found.route_tables or any(r.target == found.id for r in table.routes)
        )
        if found.type != "Gateway" or routed:
            return True
    return False


def create(
    name: str, subnets: Sequence[Subnet], tables: Sequence[str], interface: PullInterface
) -> Call:
    """Return the call that creates the endpoint *name* for *subnets*, one subnet for each zone."""
    vpc = subnets[0].vpc
    if name.endswith(".s3"):
        return create_gateway(name, vpc, tables)
    by_zone = {s.zone: s.id for s in reversed(subnets)}
    return Call(
        "ec2",
        "create_vpc_endpoint",
        {
            "VpcId": vpc,
            "VpcEndpointType": "Interface",
            "ServiceName": name,
            "SubnetIds": sorted(by_zone.values()),
            "SecurityGroupIds": [f"<group that lets 443 in from the {interface.owner}>"],
            "PrivateDnsEnabled": True,
        },
    )


def create_gateway(name: str, vpc: str, tables: Sequence[str]) -> Call:
    """Return the call that creates the gateway endpoint *name* on route *tables*."""
    params = {"VpcId": vpc, "VpcEndpointType": "Gateway", "ServiceName": name}
    return Call("ec2", "create_vpc_endpoint", {**params, "RouteTableIds": list(tables)})
