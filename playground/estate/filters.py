"""What security groups and network ACLs of the estate let through, rule by rule."""

from __future__ import annotations

import ipaddress
from typing import Any

HTTPS = 443
REPLY = 40000  # any port of the range that Linux answers on


def egress(
    ec2: Any,
    groups: tuple[str, ...],
    address: str,
    towards: tuple[str, ...] = (),
    prefix_list: str | None = None,
) -> bool:
    rules = [r for g in groups for r in ec2.get_security_group_from_id(g).egress_rules]
    return any(_admits(r, address, towards, prefix_list) for r in rules)


def ingress(ec2: Any, groups: tuple[str, ...], address: str, of: tuple[str, ...]) -> bool:
    rules = [r for g in groups for r in ec2.get_security_group_from_id(g).ingress_rules]
    return any(_admits(r, address, of, None) for r in rules)


def _admits(rule: Any, address: str, groups: tuple[str, ...], prefix_list: str | None) -> bool:
    if rule.ip_protocol not in ("-1", "tcp", "6"):
        return False
    if rule.from_port is not None and not rule.from_port <= HTTPS <= rule.to_port:
        return False
    cidr = rule.ip_range.get("CidrIp") or rule.ip_range.get("CidrIpv6")
    return (
        (cidr is not None and _inside(address, cidr))
        or rule.source_group.get("GroupId") in groups
        or (prefix_list is not None and rule.prefix_list_id == prefix_list)
    )


def _inside(address: str, cidr: str) -> bool:
    return ipaddress.ip_address(address) in ipaddress.ip_network(cidr, strict=False)


def acl(ec2: Any, subnet_id: str, address: str, *, egress: bool) -> bool:
    """Tell whether the subnet's ACL lets a request out and its answer in."""
    acls = ec2.network_acls.values()
    acl = next((a for a in acls if any(s.subnet_id == subnet_id for s in a.associations)), None)
    if acl is None:
        return True
    out = _first_rule(acl, address, HTTPS, egress=egress)
    return out and _first_rule(acl, address, REPLY, egress=not egress)


def _first_rule(acl: Any, address: str, port: int, *, egress: bool) -> bool:
    for entry in sorted(acl.network_acl_entries, key=lambda e: int(e.rule_number)):
        cidr = entry.cidr_block or entry.ipv6_cidr_block
        same = cidr and _inside(address, cidr)
        protocol = str(entry.protocol) in ("-1", "6", "tcp")
        low, high = entry.port_range_from, entry.port_range_to
        ports = low in (None, "") or int(low) <= port <= int(high)
        if bool(entry.egress) == egress and same and protocol and ports:
            return bool(entry.rule_action == "allow")
    return False
