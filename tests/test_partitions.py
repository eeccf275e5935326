"""How hosts of ECR end, in each partition."""

from __future__ import annotations

import re

import botocore.session
import pytest

from bot.partitions import PARTITIONS, host

KNOWN = botocore.session.get_session().get_data("partitions")["partitions"]


def wrong(name):
    found = host(name)
    return found and (found.wrong, found.right())


@pytest.mark.parametrize("known", KNOWN, ids=lambda p: p["id"])
def test_each_partition_ends_as_the_sdk_says(known):
    """
    Regions and suffixes are those that AWS's own SDK has.
    """
    (ours,) = [p for p in PARTITIONS if p.name == known["id"]]

    assert known["outputs"]["dnsSuffix"] == ours.plain
    for region in (r for r in known["regions"] if re.match(known["regionRegex"], r)):
        assert ours == host(f"222233334444.dkr.ecr.{region}.{ours.plain}").partition


@pytest.mark.parametrize(
    "name",
    [
        "222233334444.dkr.ecr.eu-west-1.amazonaws.com",
        "222233334444.dkr-ecr.eu-west-1.on.aws",
        "222233334444.dkr.ecr-fips.us-east-1.amazonaws.com",
        "222233334444.dkr-ecr-fips.us-gov-west-1.on.aws",
        "222233334444.dkr.ecr.cn-north-1.amazonaws.com.cn",
        "222233334444.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn",
        "222233334444.dkr.ecr.us-iso-east-1.c2s.ic.gov",
        "222233334444.dkr.ecr.eusc-de-east-1.amazonaws.eu",
        "222233334444.dkr.ecr.eu-west-1.amazonaws.com.example.com",
        "222233334444.dkr.ecr.eu-west-1.internal",
    ],
)
def test_hosts_with_nothing_wrong(name):
    """
    Each form in its partition; a host that ends like nobody's of AWS is somebody else's.
    """
    assert None is host(name).wrong


@pytest.mark.parametrize(
    "name", ["docker.io", "ghcr.io", "2222.dkr.ecr.eu-west-1.amazonaws.com", ""]
)
def test_other_hosts(name):
    """
    What does not look like ECR is not judged.
    """
    assert None is host(name)


@pytest.mark.parametrize(
    ("name", "kind", "right"),
    [
        ("dkr.ecr.cn-north-1.amazonaws.com", "partition", ["dkr.ecr.cn-north-1.amazonaws.com.cn"]),
        ("dkr.ecr.eu-west-1.amazonaws.com.cn", "partition", ["dkr.ecr.eu-west-1.amazonaws.com"]),
        ("dkr-ecr.cn-north-1.on.aws", "partition",
         ["dkr-ecr.cn-north-1.on.amazonwebservices.com.cn"]),
        ("dkr.ecr.us-iso-east-1.amazonaws.com", "partition", ["dkr.ecr.us-iso-east-1.c2s.ic.gov"]),
        ("dkr-ecr.us-iso-east-1.on.aws", "partition", ["dkr.ecr.us-iso-east-1.c2s.ic.gov"]),
        ("dkr-ecr.eu-west-1.amazonaws.com", "form",
         ["dkr.ecr.eu-west-1.amazonaws.com", "dkr-ecr.eu-west-1.on.aws"]),
        ("dkr.ecr.eu-west-1.on.aws", "form",
         ["dkr.ecr.eu-west-1.amazonaws.com", "dkr-ecr.eu-west-1.on.aws"]),
        ("dkr.ecr-fips.us-east-1.on.aws", "form",
         ["dkr.ecr-fips.us-east-1.amazonaws.com", "dkr-ecr-fips.us-east-1.on.aws"]),
        ("dkr.ecr-fips.eu-west-1.amazonaws.com", "fips", ["dkr.ecr.eu-west-1.amazonaws.com"]),
        ("dkr.ecr.eu-west-1.amazonaws.cn", "partition", ["dkr.ecr.eu-west-1.amazonaws.com"]),
    ],
)  # fmt: skip
def test_hosts_that_do_not_exist(name, kind, right):
    """
    What is wrong, and what the host would be; between two forms a person chooses.
    """
    expected = (kind, tuple(f"222233334444.{r}" for r in right))

    assert expected == wrong(f"222233334444.{name}")
