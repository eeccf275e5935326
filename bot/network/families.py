"""Which of ECR's endpoints a host leads to: those of FIPS and the usual ones have names of their own.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.facts import VpcEndpoint

USUAL, FIPS = "ecr.", "ecr-fips."


def asked(service: str, host: str | None) -> str:
    """Return the name of *service* at whose endpoint *host* is answered."""
    fips = service.startswith(USUAL) and host is not None and "ecr-fips." in host
    return service.replace(USUAL, FIPS, 1) if fips else service


def relative(service: str) -> str | None:
    """Return the same service of the other family, by its short or its full name; None if alone."""
    name = f".{service}"
    if f".{FIPS}" in name:
        return service.replace(FIPS, USUAL, 1)
    return service.replace(USUAL, FIPS, 1) if f".{USUAL}" in name else None


def answers(endpoints: Sequence[VpcEndpoint], host: str | None) -> bool | None:
    """Tell whether *host* leads to one of *endpoints*; None where nobody told the names of one."""
    if host is None:
        return None
    names = [n.removeprefix("*.") for e in endpoints for n in e.names]
    if any(host == n or host.endswith(f".{n}") for n in names):
        return True
    return False if all(e.names for e in endpoints) else None


def dual(host: str | None) -> bool:
    """Tell whether *host* answers over both families of addresses: AWS does not say at which endpoint."""
    return host is not None and ".dkr-ecr" in host
