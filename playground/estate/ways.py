"""Where a start pulls from, and what the walk to a service finds."""

from __future__ import annotations

from dataclasses import dataclass, field

from playground.estate import policy


@dataclass(frozen=True, slots=True)
class Place:
    """Where a task's network interface is. *groups* are security group ids."""

    account: str
    region: str
    subnet: str
    groups: tuple[str, ...]
    public_ip: bool


@dataclass(frozen=True, slots=True)
class Site:
    """A network of the customer's own, outside of AWS; *shut*: it lets no HTTPS out."""

    shut: bool


@dataclass(frozen=True, slots=True)
class Blocked:
    """There is no way; a connection to *address* would time out, or has no route at all (*foreign*).

    *server* is a name server that gave no answer (or, *lost*, knew no such name), so that no
    address was known at all.
    """

    address: str
    server: str | None = None
    lost: bool = False
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """There is a way; *endpoint_policy* is that of the VPC endpoint it leads through.

    *context* is what IAM sees of it: the endpoint and its VPC.
    """

    endpoint_policy: policy.Document | None = None
    context: policy.Context = field(default_factory=dict)
