"""The hops that filter: security groups at both ends, network ACLs on both subnets."""

from __future__ import annotations

from bot.facts import Rule, VpcEndpoint
from bot.model import Unknown
from bot.network.addresses import INTERNET, Region, State, one_of, together
from bot.network.filtering import HTTPS, Peer, admits, passes
from bot.network.view import NAT_PORTS, Hop, View, hop, unread


def group_to_public(view: View) -> Hop:
    """Judge egress of the interface's groups to public addresses; rules name S3's by a list."""
    s3 = _lists(view, "s3")
    ours = s3 if view.service == "s3" else frozenset()
    others = (s3 | _lists(view, "dynamodb")) - ours
    towards = "internet" if view.service is None else view.service
    return _egress(view, Peer(INTERNET[view.family], (), ours, others), towards)


def group_to_endpoint(view: View, endpoint: VpcEndpoint) -> Hop:
    """Judge egress of the interface's groups to the interfaces of *endpoint*."""
    others = _lists(view, "")
    return _egress(
        view, Peer(_inside(view, endpoint), endpoint.groups or None, others=others), endpoint.id
    )


def _egress(view: View, peer: Peer, towards: str) -> Hop:
    interface = view.network.interface
    if isinstance(interface, Unknown) or interface.groups is None:
        return unread("security-group", None, "PullInterface", to=towards)
    groups = interface.groups
    state = _groups(view, groups, peer, egress=True)
    which = groups[0] if groups else None
    why = _why(view, groups, state, "no-egress")
    return hop("security-group", which, state, why, groups=list(groups), to=towards)


def group_of_endpoint(view: View, endpoint: VpcEndpoint) -> Hop:
    """Judge ingress of the endpoint's groups from the interface."""
    interface = view.network.interface
    theirs = None if isinstance(interface, Unknown) else interface.groups
    peer = Peer(view.here, theirs, others=_lists(view, ""))
    state = _groups(view, endpoint.groups, peer, egress=False)
    return hop(
        "endpoint-security-group", endpoint.groups[0] if endpoint.groups else None, state,
        _why(view, endpoint.groups, state, "no-ingress"), groups=list(endpoint.groups), endpoint=endpoint.id,
        of=None if theirs is None else list(theirs), cidr=view.subnet.cidr if view.subnet else None,
    )  # fmt: skip


def _groups(view: View, ids: tuple[str, ...], peer: Peer, *, egress: bool) -> State:
    """Return what the union of the groups *ids* says; one that was not read may open it."""
    known = view.network.groups
    found = {} if isinstance(known, Unknown) else {g.id: g for g in known.items}
    there = [found[i] for i in ids if i in found]
    rules: list[Rule] = [r for g in there for r in (g.egress if egress else g.ingress)]
    state = admits(rules, peer)
    return "unknown" if state == "closed" and (not ids or len(there) < len(ids)) else state


def _why(view: View, ids: tuple[str, ...], state: State, closed: str) -> str:
    """Return the reason of a group that is not open: what it refuses, or what is not known of it."""
    if state == "closed":
        return closed
    known = view.network.groups
    there = () if isinstance(known, Unknown) else [g.id for g in known.items]
    return "depends" if ids and set(ids) <= set(there) else "unread"


def _lists(view: View, service: str) -> frozenset[str]:
    """Return AWS's own prefix lists in *view*'s Region: of *service*, or all of them."""
    known = view.network.prefixes
    names = {} if isinstance(known, Unknown) else known.names
    if service:
        found = {i for i, name in names.items() if view.is_list(name, service)}
        gateways = [e for e in view.gateway_endpoints() if view.is_list(e.service, service)]
        targets = {e.id for e in gateways}
        table = view.table(view.source)
        routes = table.routes if table else ()
        return frozenset(found | {r.destination for r in routes if r.target in targets})
    return frozenset(i for i, name in names.items() if name.startswith("com.amazonaws."))


def _inside(view: View, endpoint: VpcEndpoint) -> Region:
    """Return where the endpoint's own interfaces lie."""
    regions = [view.region_of(s) for s in endpoint.subnets]
    return Region(view.family, tuple(dict.fromkeys(s for r in regions for s in r.spans)))


# --- network ACLs --------------------------------------------------------------------------


def acl_to_internet(view: View) -> Hop:
    """Judge the ACL of the client's subnet: out to 443, answers back in."""
    return _acl(view, view.source, _client(view, INTERNET[view.family]))


def acl_to_endpoint(view: View, endpoint: VpcEndpoint) -> Hop:
    """Judge the ACLs of both subnets; within one subnet there is none to pass.

    Any interface of the endpoint may answer, so zones that differ leave it open.
    """
    hops = [_acl_between(view, subnet) for subnet in endpoint.subnets]
    state = one_of(h.state for h in hops)
    closest = next((h for h in hops if h.state == state), None)
    if closest is not None:
        return closest
    return hop("network-acl", None, "unknown", "zones-differ", subnets=list(endpoint.subnets))


def _acl_between(view: View, subnet: str) -> Hop:
    if subnet == view.source:
        return Hop("network-acl", None, "open")
    mine = _acl(view, view.source, _client(view, view.region_of(subnet)))
    theirs = _acl(view, subnet, _server(view, subnet))
    worse = {"open": 0, "unknown": 1, "closed": 2}
    return max(mine, theirs, key=lambda h: worse[h.state])


def acl_of_nat(view: View, subnet: str) -> Hop:
    """Judge the ACL of a NAT gateway's subnet: in from the client, out to 443, and back."""
    acl = view.acl(subnet)
    entries = acl.entries if acl else ()
    outside = INTERNET[view.family]
    out = passes(entries, egress=True, peer=outside, ports=HTTPS)
    back = passes(entries, egress=False, peer=outside, ports=NAT_PORTS)
    if subnet != view.source:
        come, answer = _server(view, subnet)
        out, back = together((out, answer)), together((back, come))
    return _acl(view, subnet, (back, out))


Legs = tuple[State, State]  # into the subnet, and out of it


def _client(view: View, peer: Region) -> Legs:
    """Return what the client's own ACL says to a connection that it opens to *peer*."""
    acl = view.acl(view.source)
    entries = acl.entries if acl else ()
    return (
        passes(entries, egress=False, peer=peer, ports=view.network.ports),
        passes(entries, egress=True, peer=peer, ports=HTTPS),
    )


def _server(view: View, subnet: str) -> Legs:
    """Return what the ACL of *subnet* says to a connection from the client."""
    acl = view.acl(subnet)
    entries = acl.entries if acl else ()
    return (
        passes(entries, egress=False, peer=view.here, ports=HTTPS),
        passes(entries, egress=True, peer=view.here, ports=view.network.ports),
    )


def _acl(view: View, subnet: str, legs: Legs) -> Hop:
    acl = view.acl(subnet)
    if acl is None:
        return unread("network-acl", None, "NetworkAcls", subnet=subnet)
    ingress, egress = legs
    return hop(
        "network-acl", acl.id, together(legs),
        "acl-blocks" if together(legs) == "closed" else "depends",
        subnet=subnet, ingress=ingress, egress=egress,
    )  # fmt: skip
