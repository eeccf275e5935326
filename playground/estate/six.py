"""Subnets without IPv4: what a task reaches from there, and by which of AWS's names.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html
"""

from __future__ import annotations

import ipaddress
import re
import zlib
from typing import Any

from playground.estate.filters import acl, egress

# AWS's hosts that have an IPv6 address, too: those of the registry, of its API, and of S3.
DUAL_STACK = re.compile(
    r"\d{12}\.dkr-ecr(?:-fips)?\.[a-z0-9-]+\.on\.aws|ecr\.[a-z0-9-]+\.api\.aws|.+\.s3\.dualstack\..+"
)
EVERYWHERE = "::/0"


def alone(subnet: Any) -> bool:
    """Tell whether *subnet* has no IPv4."""
    return not subnet.cidr_block


def block(subnet: Any) -> str:
    """Return the addresses of *subnet*, of IPv4 where it has them."""
    blocks = [a["ipv6CidrBlock"] for a in subnet.ipv6_cidr_block_associations.values()]
    return str(subnet.cidr_block or blocks[0])


def address(host: str) -> str | None:
    """Return the IPv6 address that *host* has in this world; None where it has none."""
    if not DUAL_STACK.fullmatch(host):
        return None
    low = zlib.crc32(host.encode())
    return f"2600:1f14:{low >> 16:x}:{low & 0xFFFF:x}::1"


def own(subnet: Any) -> str:
    """Return the address that a task has there, which is the one it leaves with."""
    return str(ipaddress.ip_network(block(subnet))[10])


def leaves(ec2: Any, table: Any, subnet: str, groups: tuple[str, ...], towards: str) -> bool:
    """Tell whether *table*, the ACL and the groups let a connection out to *towards*."""
    routes = table.routes
    out = next((r for r in routes if r.destination_ipv6_cidr_block == EVERYWHERE), None)
    gateway = out is not None and out.state == "active" and (out.egress_only_igw or out.gateway)
    return bool(gateway) and acl(ec2, subnet, towards, egress=True) and egress(ec2, groups, towards)
