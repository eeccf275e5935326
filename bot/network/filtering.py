"""What security groups and network ACLs let through, without knowing every address.

A peer is a region: its address lies somewhere inside. What holds for all of the region is open
or closed; what depends on where in it the peer is, is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.facts import AclEntry, Rule
from bot.network.addresses import Region, Span, State, block, minus

HTTPS = (443, 443)
ALL_PORTS = (0, 65535)
Area = tuple[Span, Span]


@dataclass(frozen=True, slots=True)
class Peer:
    """The other end of a connection, as rules may name it.

    *groups*: its security groups (None: nobody told). *lists*: prefix lists it is in;
    *others*: prefix lists it is known not to be in.
    """

    region: Region
    groups: tuple[str, ...] | None = ()
    lists: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()


def admits(rules: Iterable[Rule], peer: Peer) -> State:
    """Return whether *rules*, of all groups on an interface, let TCP 443 through with *peer*."""
    left, doubt = peer.region.spans, False
    for rule in rules:
        if not _on_https(rule):
            continue
        if peer.lists & set(rule.prefix_lists) or set(peer.groups or ()) & set(rule.groups):
            return "open"
        doubt |= bool(set(rule.prefix_lists) - peer.others)
        doubt |= peer.groups is None and bool(rule.groups)
        for cidr in rule.cidrs:
            found = block(cidr)
            if found is None:
                doubt = True
            elif found.family == peer.region.family:
                left = minus(left, found.span)
    if not left:
        return "open"
    return "unknown" if doubt or left != peer.region.spans else "closed"


def _on_https(rule: Rule) -> bool:
    if rule.protocol == "-1":
        return True
    if rule.protocol.lower() not in ("tcp", "6"):
        return False
    low, high = rule.from_port, rule.to_port
    return low is None or high is None or low <= HTTPS[0] <= high or (low, high) == (-1, -1)


def passes(entries: Iterable[AclEntry], *, egress: bool, peer: Region, ports: Span) -> State:
    """Return whether an ACL lets TCP through: the lowest number that matches decides.

    *peer* is where the other end lies, *ports* the range in which the destination port lies.
    """
    left: tuple[Area, ...] = tuple((span, ports) for span in peer.spans)
    said: set[bool] = set()
    for entry in sorted((e for e in entries if e.egress == egress), key=lambda e: e.number):
        found = block(entry.cidr)
        if entry.protocol not in ("-1", "6", "tcp"):
            continue
        if found is None:
            return "unknown"
        if found.family != peer.family:
            continue
        rest = tuple(a for area in left for a in _outside(area, (found.span, _ports(entry))))
        if rest != left:
            said.add(entry.allow)
            left = rest
    said |= {False} if left else set()  # the rule with the asterisk
    return "unknown" if len(said) > 1 else "open" if said == {True} else "closed"


def _ports(entry: AclEntry) -> Span:
    if entry.protocol == "-1" or entry.from_port is None or entry.to_port is None:
        return ALL_PORTS
    return entry.from_port, entry.to_port


def _outside(area: Area, rule: Area) -> list[Area]:
    """Return what of *area*, addresses by ports, *rule* does not match."""
    (low, high), ports = area
    inner = max(low, rule[0][0]), min(high, rule[0][1])
    matched = max(ports[0], rule[1][0]), min(ports[1], rule[1][1])
    if inner[0] > inner[1] or matched[0] > matched[1]:
        return [area]
    rest: list[Area] = [(span, ports) for span in minus([(low, high)], inner)]
    return rest + [(inner, span) for span in minus([ports], matched)]
