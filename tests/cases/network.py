"""Recorded services that are broken by the network."""

from __future__ import annotations

from tests.cases.building import REDIS, Facts, case, endpoints, host, mixed
from tests.cases.healthy import network

CASES: dict[str, Facts] = {
    "public-ip-missing": case(network(public=False, default="igw-1")),
    "public-ip-missing/ec2": case(host(network(public=False, default="igw-1"))),
    "public-ip-missing/mixed": case(mixed()),
    "public-ip-missing/docker-hub": case(REDIS, network(public=False, default="igw-1")),
    "no-route-to-registry": case(network(public=False, default=None)),
    "no-route-to-registry/ec2": case(host(network(public=False, default=None))),
    "endpoint-missing/api": case(endpoints("ecr.dkr", "s3")),
    "endpoint-missing/dkr": case(endpoints("ecr.api", "s3")),
    "endpoint-missing/both": case(endpoints("s3", "logs", "ssm")),
    "s3-route-missing": case(endpoints("ecr.api", "ecr.dkr")),
    "s3-route-missing/table": case(endpoints("ecr.api", "ecr.dkr", "s3", tables=("rtb-main",))),
    "s3-route-missing/ec2": case(host(endpoints("ecr.api", "ecr.dkr"))),
}
