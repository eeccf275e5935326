"""What EC2 can tell us about who may talk to whom: security groups and network ACLs."""

from __future__ import annotations

from bot.aws.accounts import WorkloadAccount
from bot.aws.vpc import Said, in_vpc
from bot.facts import (
    AclEntry,
    NetworkAcl,
    NetworkAcls,
    Rule,
    SecurityGroup,
    SecurityGroups,
    Subnets,
)


def security_groups(here: WorkloadAccount, inside: Subnets) -> SecurityGroups:
    found = in_vpc(here, inside, "describe_security_groups", "SecurityGroups")
    return SecurityGroups(
        tuple(
            SecurityGroup(
                g["GroupId"],
                tuple(_rule(r) for r in g.get("IpPermissions", ())),
                tuple(_rule(r) for r in g.get("IpPermissionsEgress", ())),
            )
            for g in found
        )
    )


def network_acls(here: WorkloadAccount, inside: Subnets) -> NetworkAcls:
    found = in_vpc(here, inside, "describe_network_acls", "NetworkAcls")
    return NetworkAcls(
        tuple(
            NetworkAcl(
                a["NetworkAclId"],
                tuple(s["SubnetId"] for s in a.get("Associations", ()) if "SubnetId" in s),
                tuple(_entry(e) for e in a.get("Entries", ())),
            )
            for a in found
        )
    )


def _rule(said: Said) -> Rule:
    return Rule(
        protocol=str(said.get("IpProtocol", "-1")),
        from_port=said.get("FromPort"),
        to_port=said.get("ToPort"),
        cidrs=(
            *(r["CidrIp"] for r in said.get("IpRanges", ())),
            *(r["CidrIpv6"] for r in said.get("Ipv6Ranges", ())),
        ),
        groups=tuple(p["GroupId"] for p in said.get("UserIdGroupPairs", ()) if "GroupId" in p),
        prefix_lists=tuple(p["PrefixListId"] for p in said.get("PrefixListIds", ())),
    )


def _entry(said: Said) -> AclEntry:
    ports = said.get("PortRange") or {}
    return AclEntry(
        number=said["RuleNumber"],
        egress=bool(said["Egress"]),
        allow=said["RuleAction"] == "allow",
        protocol=str(said["Protocol"]),
        cidr=said.get("CidrBlock") or said.get("Ipv6CidrBlock") or "",
        from_port=ports.get("From"),
        to_port=ports.get("To"),
    )


COLLECTORS = (security_groups, network_acls)
