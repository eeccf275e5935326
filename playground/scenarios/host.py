"""Services whose images do not fit where they land, or whose scheduler has given up."""

from __future__ import annotations

from playground.scenarios.documents import manifest
from playground.scenarios.fleet import external, host, hosted
from playground.scenarios.lab import PULL_POLICY, Lab
from playground.scenarios.places import GIB, TOKYO, VIRGINIA, WORKLOAD
from playground.scenarios.rows import TAG, Scenario, scenario


def _large(lab: Lab, s: Scenario, gib: float) -> str:
    """Make a repository with an image of so many GiB as they are stored, and return that image."""
    uri = lab.repository(s.service, region=s.region, tags=())
    content = manifest(s.service, size=int(gib * GIB))
    lab.push(s.service, TAG, account=WORKLOAD, region=s.region, number=0, content=content)
    return f"{uri}:{TAG}"


@scenario(
    "ephemeral-storage-too-small", "vision", TOKYO, "The image holds models that fill the storage"
)
def _storage(lab: Lab, s: Scenario) -> None:
    image, role = _large(lab, s, 9), lab.pulling_role(s.service)
    lab.service(s.service, image, lab.network(s.region), region=s.region, role=role)


@scenario(
    "deployment-stalled", "coupons", TOKYO, "The release came after the deployment was given up"
)
def _stalled(lab: Lab, s: Scenario) -> None:
    uri, role = lab.repository(s.service, region=s.region, tags=()), lab.pulling_role(s.service)
    network = lab.network(s.region)
    lab.service(s.service, f"{uri}:{TAG}", network, region=s.region, role=role, breaker=True)
    lab.retry(s.service, s.region, times=3)
    lab.push(s.service, TAG, account=WORKLOAD, region=s.region, number=0)


def _instance_role(lab: Lab, s: Scenario) -> str:
    """Make a role whose hosts may pull."""
    return lab.role(f"{s.service}-instance", trusts="ec2.amazonaws.com", managed=[PULL_POLICY])


@scenario(
    "disk-full",
    "reindex",
    VIRGINIA,
    "Old images fill the disk of one of two hosts",
    "reindex-hosts",
)
def _disk_full(lab: Lab, s: Scenario) -> None:
    image, role = _large(lab, s, 2), _instance_role(lab, s)
    host(lab, s, role, "-old", free=1 * GIB)
    host(lab, s, role, "-new")
    hosted(lab, s, image)


@scenario(
    "agent-outdated",
    "mailroom",
    TOKYO,
    "The host's agent cannot pull with an execution role",
    "mailroom-hosts",
)
def _agent(lab: Lab, s: Scenario) -> None:
    image, role = f"{lab.repository(s.service, region=s.region)}:{TAG}", _instance_role(lab, s)
    host(lab, s, role, old=True)
    hosted(lab, s, image, role=lab.pulling_role(s.service))


@scenario(
    "pull-timed-out", "render", TOKYO, "A slow line takes hours for the image", "render-hosts"
)
def _slow(lab: Lab, s: Scenario) -> None:
    image, role = _large(lab, s, 6), _instance_role(lab, s)
    host(lab, s, role, link=256 * 1024)
    hosted(lab, s, image)


@scenario(
    "external-host-egress-blocked",
    "kiosks",
    TOKYO,
    "A machine in a shop, behind a firewall of its own",
    "kiosks-hosts",
)
def _outside(lab: Lab, s: Scenario) -> None:
    image, role = f"{lab.repository(s.service, region=s.region)}:{TAG}", lab.pulling_role(s.service)
    external(lab, s, shut=True)
    hosted(lab, s, image, role=role, kind="EXTERNAL")
