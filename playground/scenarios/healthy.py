"""Services that run."""

from __future__ import annotations

from playground.scenarios.lab import Lab
from playground.scenarios.places import REGISTRY, TOKYO, VIRGINIA
from playground.scenarios.rows import TAG, Scenario, scenario


@scenario(None, "storefront", TOKYO, "Well: private, with all endpoints, image of another account")
def _storefront(lab: Lab, s: Scenario) -> None:
    uri = lab.repository(s.service, account=REGISTRY, region=s.region, shared=True)
    role = lab.pulling_role(s.service)
    network = lab.network(s.region, "endpoints")
    lab.service(s.service, f"{uri}:{TAG}", network, region=s.region, role=role)


@scenario(None, "console", VIRGINIA, "Well: private, behind a NAT gateway, image under a key")
def _console(lab: Lab, s: Scenario) -> None:
    uri = lab.repository(s.service, region=s.region, key=lab.key(s.region))
    image, role = f"{uri}:{TAG}", lab.pulling_role(s.service)
    lab.service(s.service, image, lab.network(s.region, "nat"), region=s.region, role=role)
