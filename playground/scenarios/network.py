"""Services that cannot reach the registry."""

from __future__ import annotations

from playground.scenarios.lab import Lab
from playground.scenarios.places import TOKYO, VIRGINIA
from playground.scenarios.rows import TAG, Scenario, own_image, scenario
from playground.scenarios.six import ipv6_only
from playground.scenarios.vpcs import Kind


def _in(lab: Lab, s: Scenario, kind: Kind) -> None:
    """Run a service that may pull in the VPC of *kind*."""
    image, role = own_image(lab, s), lab.pulling_role(s.service)
    lab.service(s.service, image, lab.network(s.region, kind), region=s.region, role=role)


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


@scenario(
    "subnet-on-main-route-table", "almanac", TOKYO, "A subnet that nobody gave its route table"
)
def _main_table(lab: Lab, s: Scenario) -> None:
    _in(lab, s, "unassociated")


@scenario("endpoint-missing", "sessions", TOKYO, "The endpoint of the ECR API is missing")
def _endpoint_missing(lab: Lab, s: Scenario) -> None:
    image, role = own_image(lab, s), lab.pulling_role(s.service)
    network = lab.network(s.region, "no-api-endpoint")
    lab.service(s.service, image, network, region=s.region, role=role)


@scenario(
    "endpoint-family-mismatch",
    "escrow",
    VIRGINIA,
    "The endpoints of ECR are for FIPS, the image is not",
)
def _family(lab: Lab, s: Scenario) -> None:
    _in(lab, s, "fips-endpoints")


@scenario("s3-route-missing", "thumbnails", TOKYO, "The S3 gateway serves another route table")
def _s3_route(lab: Lab, s: Scenario) -> None:
    image, role = own_image(lab, s), lab.pulling_role(s.service)
    lab.service(s.service, image, lab.network(s.region, "no-s3-route"), region=s.region, role=role)


@scenario(
    "endpoint-security-group-closed", "receipts", TOKYO, "The endpoints let no HTTPS in from tasks"
)
def _endpoint_group(lab: Lab, s: Scenario) -> None:
    _in(lab, s, "shut-endpoints")


@scenario(
    "task-security-group-closed",
    "exports",
    TOKYO,
    "The tasks may not leave towards the layers in S3",
)
def _task_group(lab: Lab, s: Scenario) -> None:
    _in(lab, s, "shut-tasks")


@scenario(
    "endpoint-private-dns-off", "stock", TOKYO, "An endpoint is there, but no name leads to it"
)
def _private_dns(lab: Lab, s: Scenario) -> None:
    _in(lab, s, "unnamed-endpoint")


@scenario("vpc-dns-off", "kiosk", TOKYO, "The VPC does not answer private names")
def _vpc_dns(lab: Lab, s: Scenario) -> None:
    _in(lab, s, "no-host-names")


@scenario("nat-gateway-broken", "crawler", TOKYO, "The NAT gateway was deleted, the route was not")
def _nat(lab: Lab, s: Scenario) -> None:
    _in(lab, s, "dead-nat")


@scenario(
    "internet-gateway-missing", "edge", TOKYO, "A public subnet lost its route to the internet"
)
def _gateway(lab: Lab, s: Scenario) -> None:
    _in(lab, s, "no-gateway")


@scenario("network-acl-blocks", "ratings", TOKYO, "A network ACL lets no answers back in")
def _acl(lab: Lab, s: Scenario) -> None:
    _in(lab, s, "acl")


@scenario("endpoint-unavailable", "lockers", TOKYO, "An endpoint was never finished")
def _pending(lab: Lab, s: Scenario) -> None:
    _in(lab, s, "pending-endpoint")


@scenario(
    "endpoint-policy-denies", "refunds", TOKYO, "The registry's endpoint serves another team alone"
)
def _endpoint_policy(lab: Lab, s: Scenario) -> None:
    _in(lab, s, "narrow-endpoint")


@scenario(
    "s3-endpoint-policy-denies", "invoices", TOKYO, "S3 is kept to the organization, layers are not"
)
def _layers_policy(lab: Lab, s: Scenario) -> None:
    _in(lab, s, "guarded-layers")


@scenario("custom-dns-server", "offers", TOKYO, "A DNS server of our own forwards nothing")
def _own_dns(lab: Lab, s: Scenario) -> None:
    _in(lab, s, "own-dns")


@scenario("firewall-in-path", "telemetry", TOKYO, "A firewall lets no answer back")
def _firewall(lab: Lab, s: Scenario) -> None:
    _in(lab, s, "appliance")


@scenario(
    "subnet-addresses-exhausted", "workers", TOKYO, "The subnet has no free address for a task"
)
def _full(lab: Lab, s: Scenario) -> None:
    _in(lab, s, "full")


@scenario(
    "cross-region-image-unreachable",
    "translations",
    TOKYO,
    "The image is in another Region than the endpoints",
)
def _far(lab: Lab, s: Scenario) -> None:
    lab.repository(s.service, region=s.region)  # what replication has brought
    image = f"{lab.repository(s.service, region=VIRGINIA)}:{TAG}"
    role, network = lab.pulling_role(s.service), lab.network(s.region, "endpoints")
    lab.service(s.service, image, network, region=s.region, role=role)


@scenario("ipv6-only-subnet", "streams", TOKYO, "A subnet without IPv4, and the usual image host")
def _six(lab: Lab, s: Scenario) -> None:
    network = ipv6_only(lab.aws("ec2", s.account, s.region), s.region, "shop-ipv6")
    image, role = own_image(lab, s), lab.pulling_role(s.service)
    lab.service(s.service, image, network, region=s.region, role=role)
