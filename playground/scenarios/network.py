"""Services that cannot reach the registry."""

from __future__ import annotations

from playground.scenarios.lab import Lab
from playground.scenarios.places import TOKYO, VIRGINIA
from playground.scenarios.rows import Scenario, own_image, scenario


@scenario("public-ip-missing", "gateway", TOKYO, "A public subnet without a public address")
def _public_ip(lab: Lab, s: Scenario) -> None:
    public = lab.network(s.region)
    without = type(public)(public.subnet, public.group, public_ip=False)
    image = own_image(lab, s)
    lab.service(s.service, image, without, region=s.region, role=lab.pulling_role(s.service))


@scenario("no-route-to-registry", "batch", VIRGINIA, "A private subnet without any way out")
def _no_route(lab: Lab, s: Scenario) -> None:
    image, role = own_image(lab, s), lab.pulling_role(s.service)
    lab.service(s.service, image, lab.network(s.region, "isolated"), region=s.region, role=role)


@scenario("endpoint-missing", "sessions", TOKYO, "The endpoint of the ECR API is missing")
def _endpoint_missing(lab: Lab, s: Scenario) -> None:
    image, role = own_image(lab, s), lab.pulling_role(s.service)
    network = lab.network(s.region, "no-api-endpoint")
    lab.service(s.service, image, network, region=s.region, role=role)


@scenario("s3-route-missing", "thumbnails", TOKYO, "The S3 gateway serves another route table")
def _s3_route(lab: Lab, s: Scenario) -> None:
    image, role = own_image(lab, s), lab.pulling_role(s.service)
    lab.service(s.service, image, lab.network(s.region, "no-s3-route"), region=s.region, role=role)
