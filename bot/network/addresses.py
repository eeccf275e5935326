"""Sets of addresses, as spans of numbers: exact, and fast enough for thousands of rules."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

State = Literal["open", "closed", "unknown"]
Family = Literal[4, 6]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Block:
    """One CIDR block."""

    family: int
    span: Span
    prefix: int


@dataclass(frozen=True, slots=True)
class Region:
    """Where an address may lie: somewhere in *spans*, nobody knows where exactly."""

    family: Family
    spans: tuple[Span, ...]


@lru_cache(maxsize=4096)
def block(cidr: str) -> Block | None:
    """Return *cidr* read; None where it is none."""
    try:
        network = ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return None
    span = int(network.network_address), int(network.broadcast_address)
    return Block(network.version, span, network.prefixlen)


def minus(spans: Iterable[Span], taken: Span) -> tuple[Span, ...]:
    """Return what of *spans* is outside of *taken*."""
    low, high = taken
    left: list[Span] = []
    for a, b in spans:
        if b < low or high < a:
            left.append((a, b))
            continue
        left += [(a, low - 1)] if a < low else []
        left += [(high + 1, b)] if high < b else []
    return tuple(left)


def region(family: Family, cidrs: Iterable[str]) -> Region:
    """Return the addresses of *cidrs* that are of *family*; none told: any address at all."""
    found = [b.span for b in map(block, cidrs) if b is not None and b.family == family]
    return Region(family, tuple(found) or (EVERYWHERE[family],))


def together(states: Iterable[State]) -> State:
    """Return the state of things that are all passed: one closed closes."""
    found = set(states)
    return "closed" if "closed" in found else "unknown" if "unknown" in found else "open"


def one_of(states: Iterable[State]) -> State:
    """Return the state where one of several is taken, nobody knows which."""
    found = set(states)
    return found.pop() if len(found) == 1 else "unknown"


EVERYWHERE: dict[int, Span] = {4: (0, 2**32 - 1), 6: (0, 2**128 - 1)}
# What never is a public address: an ACL or a route for these says nothing about the internet.
_PRIVATE = (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
    "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3",
)  # fmt: skip


def _internet() -> dict[int, Region]:
    spans: tuple[Span, ...] = (EVERYWHERE[4],)
    for cidr in _PRIVATE:
        found = block(cidr)
        assert found is not None
        spans = minus(spans, found.span)
    return {4: Region(4, spans), 6: region(6, ["2000::/3"])}


INTERNET = _internet()
