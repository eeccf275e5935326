"""How ECR's hosts end in each partition of AWS. Pure.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

Wrong = Literal["partition", "form", "fips"]


@dataclass(frozen=True, slots=True)
class Partition:
    """*plain* ends hosts of the form ``dkr.ecr``, *dual* those that answer IPv6, ``dkr-ecr``."""

    name: str
    regions: str
    plain: str
    dual: str = ""


PARTITIONS = (
    Partition("aws-cn", "cn-", "amazonaws.com.cn", "on.amazonwebservices.com.cn"),
    Partition("aws-us-gov", "us-gov-", "amazonaws.com", "on.aws"),
    Partition("aws-eusc", "eusc-", "amazonaws.eu", "on.amazonwebservices.eu"),
    Partition("aws-iso-b", "us-isob-", "sc2s.sgov.gov"),
    Partition("aws-iso-f", "us-isof-", "csp.hci.ic.gov"),
    Partition("aws-iso", "us-iso-", "c2s.ic.gov"),
    Partition("aws-iso-e", "eu-isoe-", "cloud.adc-e.uk"),
    Partition("aws", "", "amazonaws.com", "on.aws"),
)
# Where ECR's documentation lists FIPS endpoints; others may come.
FIPS = ("us-east-1", "us-east-2", "us-west-1", "us-west-2", "us-gov-east-1", "us-gov-west-1")
ENDINGS = {
    *(s for p in PARTITIONS for s in (p.plain, p.dual) if s),
    "amazonaws.cn", "amazon.com", "aws.amazon.com",
}  # fmt: skip
_HOST = re.compile(
    r"(?P<account>\d{12})\.(?P<form>dkr\.ecr|dkr-ecr)(?P<fips>-fips)?\."
    r"(?P<region>[a-z]{2,4}(?:-[a-z]+)+-\d+)\.(?P<ending>[a-z0-9.-]+)",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Host:
    """A host that looks like one of ECR's, taken apart."""

    account: str
    form: str
    fips: bool
    region: str
    ending: str

    @property
    def partition(self) -> Partition:
        return next(p for p in PARTITIONS if self.region.startswith(p.regions))

    @property
    def wrong(self) -> Wrong | None:
        """What is wrong with it; a host that ends like nobody's of AWS is somebody else's."""
        own = self.partition
        right = own.dual if self.form == "dkr-ecr" else own.plain
        if self.ending != right and self.ending in ENDINGS:
            return "form" if self.ending in (own.plain, own.dual) else "partition"
        return "fips" if self.ending == right and self.fips and self.region not in FIPS else None

    def right(self) -> tuple[str, ...]:
        """Return the hosts that it may have been meant to be, likeliest first."""
        fips = "-fips" if self.fips and self.region in FIPS else ""
        own, tail = self.partition, f"{fips}.{self.region}."
        plain = f"{self.account}.dkr.ecr{tail}{own.plain}"
        dual = (f"{self.account}.dkr-ecr{tail}{own.dual}",) if own.dual else ()
        if self.wrong == "form":
            return (plain, *dual)
        return dual if self.form == "dkr-ecr" and dual else (plain,)


def registry(account: str, region: str) -> str:
    """Return the host of ECR in this account and Region."""
    return Host(account, "dkr.ecr", fips=False, region=region, ending="").right()[0]


def login(region: str) -> str:
    """Return the host of ECR's API, where a start logs in, in *region*."""
    own = Host("", "dkr.ecr", fips=False, region=region, ending="").partition
    return f"api.ecr.{region}.{own.plain}"


def host(name: str) -> Host | None:
    """Return *name* taken apart, where it has the shape of a registry's host in ECR."""
    found = _HOST.fullmatch(name.lower())
    if found is None:
        return None
    account, form, fips, region, ending = found.groups()
    return Host(account, form, bool(fips), region, ending)


def dual_stack(name: str) -> str | None:
    """Return the host of the same registry that answers over IPv6, too; None where there is none."""
    found = host(name)
    if found is None or found.wrong or not found.partition.dual:
        return None
    return replace(found, form="dkr-ecr", ending=found.partition.dual).right()[0]
