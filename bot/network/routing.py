"""Where a route table sends a packet: the longest prefix wins, and lists count too."""

from __future__ import annotations

from collections.abc import Sequence

from bot.facts import Route, RouteTable
from bot.network.addresses import Block, Region, block, minus


def effective(subnet: str, tables: Sequence[RouteTable]) -> RouteTable | None:
    """Return the table that *subnet* uses: its own, else the main one; None: it was not read."""
    own = next((t for t in tables if subnet in t.subnets), None)
    return own or next((t for t in tables if t.main), None)


def taken(table: RouteTable, peer: Region, beside: frozenset[str]) -> tuple[Route | None, ...]:
    """Return the routes that a packet to somewhere in *peer* may take; None: there may be none.

    Several mean that it depends on the address. *beside* are prefix lists that hold none of
    these addresses.
    """
    routes: list[Route | None] = [
        r for r in table.routes if r.destination.startswith("pl-") and r.destination not in beside
    ]
    left = peer.spans
    for found, route in sorted(_blocks(table, peer), key=lambda pair: -pair[0].prefix):
        rest = minus(left, found.span)
        if rest != left:
            routes.append(route)
            left = rest
    return (*routes, None) if left else tuple(routes)


def _blocks(table: RouteTable, peer: Region) -> list[tuple[Block, Route]]:
    read = [(block(r.destination), r) for r in table.routes]
    return [(b, r) for b, r in read if b is not None and b.family == peer.family]
