"""By which way packets go: an endpoint that names lead to, S3's gateway, or out of the VPC."""

from __future__ import annotations

from ipaddress import ip_address

from bot.facts import Vpc, VpcEndpoint
from bot.model import Unknown
from bot.network.addresses import State, block, together
from bot.network.exits import opaque, to_gateway_endpoint, to_interfaces, to_internet
from bot.network.families import answers, asked, dual, relative
from bot.network.gates import (
    acl_to_endpoint,
    acl_to_internet,
    group_of_endpoint,
    group_to_endpoint,
    group_to_public,
)
from bot.network.view import GONE, Hop, View, Way, hop, unread

AMAZON_DNS = frozenset({"AmazonProvidedDNS", "169.254.169.253", "fd00:ec2::253"})
BETTER = {"open": 0, "unknown": 1, "closed": 2}


def way(view: View) -> Way:
    """Return how packets go from *view* to its service, and over which hops."""
    dns = _dns(view)
    via, hops = _beyond(view)
    return via, hops if dns.state == "open" else (dns, *hops)


def _beyond(view: View) -> Way:
    endpoints = view.network.endpoints
    if view.service is None:
        return to_internet(view)
    if isinstance(endpoints, Unknown):
        return "unknown", (unread("endpoint", None, "VpcEndpoints", service=view.service),)
    there = [e for e in endpoints.items if e.state.lower() not in GONE]
    wanted = asked(view.service, view.host)
    live = [e for e in there if view.is_list(e.service, wanted)]
    gateways = [e for e in live if e.type == "Gateway"]
    others = [e for e in live if e.type == "Interface"]
    if gateways and view.family == 4:
        return _by_gateway(view, gateways, others)
    family = relative(wanted)
    related = [e for e in there if family and view.is_list(e.service, family)]
    if related and not live:
        return _by_relative(view, related, wanted)
    if others and answers(others, view.host) is False:
        return _unsure_of(view, others, wanted)
    return _by_interface(view, others)


def _by_relative(view: View, related: list[VpcEndpoint], wanted: str) -> Way:
    """Return the way where all there is are *related* endpoints: of FIPS, say, for a usual host.

    They are closed to the host only where Amazon's DNS answers by the names that they tell.
    """
    leads, vpc = answers(related, view.host), view.network.vpc
    if leads:
        return _by_interface(view, related)
    amazons = not isinstance(vpc, Unknown) and not custom_servers(vpc)
    if leads is None or dual(view.host) or not amazons:
        return _unsure_of(view, related, wanted)
    first = related[0]
    seen = {"service": wanted, "there": first.service}
    return _else_closed(view, hop("endpoint", first.id, "closed", "endpoint-family", **seen), ())


def _unsure_of(view: View, there: list[VpcEndpoint], wanted: str) -> Way:
    """Return the way where nobody can tell whether the host leads to an endpoint."""
    first = next((e for e in there if not e.names), there[0])
    seen = {"service": wanted, "there": first.service, "endpoint": first.id}
    return _else_closed(view, hop("dns", first.id, "unknown", "other-family", **seen), ())


def _by_gateway(view: View, gateways: list[VpcEndpoint], others: list[VpcEndpoint]) -> Way:
    """Return the way to S3 by its gateway, or around it where the table does not lead there.

    Beside a gateway, names may lead to an interface endpoint or only those asked from outside do.
    """
    ready = [e for e in gateways if e.state.lower() == "available"]
    routed = [(e, to_gateway_endpoint(view, e)) for e in ready]
    for endpoint, route in sorted(routed, key=lambda pair: BETTER[pair[1].state]):
        if route.state != "closed":
            gates = (group_to_public(view), acl_to_internet(view))
            return "gateway-endpoint", (*gates, route, Hop("endpoint", endpoint.id, "open"))
    via, hops = to_internet(view)
    named = [e for e in others if e.private_dns]
    if named and together(h.state for h in hops) == "closed":
        return "unknown", (hop("endpoint", named[0].id, "unknown", "names-not-judged"),)
    if via == "none" and routed:
        return "none", (*hops[:-1], routed[0][1])
    if via == "none":
        first = gateways[0]
        gone = hop("endpoint", first.id, "closed", "endpoint-unavailable", state=first.state)
        return "gateway-endpoint", (*hops[:-1], gone)
    return via, hops


def _by_interface(view: View, live: list[VpcEndpoint]) -> Way:
    """Return the way by an interface endpoint, whose private DNS takes in all of the VPC."""
    if not live:
        return _without_endpoint(view)
    ready = [e for e in live if e.state.lower() == "available" and e.subnets]
    if not ready:
        seen = {"state": live[0].state, "subnets": list(live[0].subnets)}
        gone = hop("endpoint", live[0].id, "closed", "endpoint-unavailable", **seen)
        return _else_closed(view, gone, ())
    named = sorted((e for e in ready if e.private_dns), key=lambda e: e.id)
    endpoint = (named or ready)[0]
    hops = (
        group_to_endpoint(view, endpoint),
        acl_to_endpoint(view, endpoint),
        to_interfaces(view, endpoint),
        Hop("endpoint", endpoint.id, "open", {"service": endpoint.service}),
        group_of_endpoint(view, endpoint),
    )
    if not named:
        off = _vpc_off(view, endpoint)
        alone = hop("dns", endpoint.id, "closed", "private-dns-off", endpoint=endpoint.id)
        return _else_closed(view, alone, (*((off,) if off else ()), *hops))
    return _by_name(view, endpoint, hops)


def _by_name(view: View, endpoint: VpcEndpoint, hops: tuple[Hop, ...]) -> Way:
    """Return the way that the VPC's DNS gives to names of an endpoint with private DNS."""
    vpc = view.network.vpc
    if isinstance(vpc, Unknown):
        return _either(view, (), hops)
    if off := _vpc_off(view, endpoint):
        return _else_closed(view, off, hops)
    custom = custom_servers(vpc)
    if custom:
        theirs = hop("dns", vpc.id, "unknown", "custom-dns", servers=custom, endpoint=endpoint.id)
        return _either(view, (theirs,), hops)
    return "endpoint", hops


def _vpc_off(view: View, endpoint: VpcEndpoint) -> Hop | None:
    """Return what keeps private names from being answered anywhere in the VPC."""
    vpc = view.network.vpc
    if isinstance(vpc, Unknown) or (vpc.dns_support and vpc.dns_hostnames):
        return None
    off = {"support": vpc.dns_support, "hostnames": vpc.dns_hostnames, "endpoint": endpoint.id}
    return hop("dns", vpc.id, "closed", "vpc-dns-off", **off)


def _without_endpoint(view: View) -> Way:
    """Return the way to public addresses, unless names may lead to endpoints shared with us."""
    via, hops = to_internet(view)
    behind = opaque(view)
    if behind and together(h.state for h in hops) == "closed":
        return "unknown", (hop("route", None, "unknown", "endpoints-may-be-shared", target=behind),)
    if via == "none":
        missing = hop("endpoint", None, "closed", "endpoint-missing", service=view.service)
        return "none", (*hops, missing)
    return via, hops


def _else_closed(view: View, closed: Hop, hops: tuple[Hop, ...]) -> Way:
    """Return the public way, which names lead to; where there is none, *closed* matters."""
    via, out = to_internet(view)
    if together(h.state for h in out) == "closed":
        return "endpoint", (closed, *hops)
    return via, out


def _either(view: View, doubt: tuple[Hop, ...], hops: tuple[Hop, ...]) -> Way:
    """Return the way where names may lead to the endpoint or past it: sure if both are alike."""
    _, out = to_internet(view)
    if together(h.state for h in out) == together(h.state for h in hops):
        return "endpoint", hops
    return "unknown", doubt


def _dns(view: View) -> Hop:
    """Judge whether names are resolved at all."""
    vpc = view.network.vpc
    if isinstance(vpc, Unknown):
        return unread("dns", None, "Vpc")
    state: State = "open" if vpc.dns_support or custom_servers(vpc) else "closed"
    return hop("dns", vpc.id, state, "vpc-dns-off", support=vpc.dns_support)


def custom_servers(vpc: Vpc) -> list[str]:
    """Return the DNS servers that are not Amazon's, which also answers at the VPC's base + 2."""
    found = (block(c) for c in vpc.cidrs)
    own = {str(ip_address(b.span[0] + 2)) for b in found if b is not None}
    return [s for s in vpc.dns_servers if s not in AMAZON_DNS | own]
