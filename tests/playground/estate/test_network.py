"""The estate's walk through a VPC: each thing in the way stops a pull, and only then."""

import pytest

from playground.estate.network import internet, way
from playground.estate.ways import Blocked, Place, Way
from playground.scenarios.lab import Lab
from playground.scenarios.places import WORKLOAD
from playground.scenarios.six import ipv6_only

REGION = "ap-northeast-1"
API = ("ecr.api", REGION, f"api.ecr.{REGION}.amazonaws.com")
FIPS = ("ecr.dkr", REGION, f"{WORKLOAD}.dkr.ecr-fips.{REGION}.amazonaws.com")
S3 = ("s3", REGION, f"prod-{REGION}-starport-layer-bucket.s3.{REGION}.amazonaws.com")


@pytest.fixture(scope="module")
def networks(empty):
    """Networks that no test changes."""
    return Lab(empty)


@pytest.fixture
def lab(empty):
    """Networks of one test alone."""
    return Lab(empty)


@pytest.fixture
def ec2(empty):
    return empty.client("ec2", WORKLOAD, REGION)


def place(network, public_ip=None):
    public = network.public_ip if public_ip is None else public_ip
    return Place(WORKLOAD, REGION, network.subnet, (network.group,), public)


def vpc_of(ec2, network):
    return ec2.describe_subnets(SubnetIds=[network.subnet])["Subnets"][0]["VpcId"]


@pytest.mark.parametrize(
    ("kind", "service", "open_"),
    [
        ("public", API, True), ("public", S3, True), ("nat", API, True), ("nat", S3, True),
        ("isolated", API, False), ("isolated", S3, False), ("endpoints", API, True),
        ("endpoints", S3, True), ("no-api-endpoint", API, False), ("no-api-endpoint", S3, True),
        ("fips-endpoints", API, False), ("fips-endpoints", FIPS, True), ("endpoints", FIPS, False),
        ("no-s3-route", API, True), ("no-s3-route", S3, False),
    ],
)  # fmt: skip
def test_each_kind_of_network(networks, kind, service, open_):
    """
    The networks of the playground are open and closed as their names say.
    """
    assert isinstance(way(place(networks.network(REGION, kind)), *service), Way) == open_


def test_an_endpoint_tells_its_names(networks, ec2):
    """
    One of its own always, and with private DNS that of the service.
    """
    network = networks.network(REGION, "unnamed-endpoint")
    of = [{"Name": "vpc-id", "Values": [vpc_of(ec2, network)]}]
    found = {
        e["ServiceName"].partition(f"{REGION}.")[2]: [d["DnsName"] for d in e.get("DnsEntries", ())]
        for e in ec2.describe_vpc_endpoints(Filters=of)["VpcEndpoints"]
    }

    assert all(".vpce.amazonaws.com" in names[0] for s, names in found.items() if s != "s3")
    assert [f"api.ecr.{REGION}.amazonaws.com"] == found["ecr.api"][1:]
    assert [] == found["ecr.dkr"][1:]
    assert [] == found["s3"]


def test_a_public_subnet_needs_a_public_address(networks):
    """
    An internet gateway does not serve an interface without one.
    """
    network = networks.network(REGION)

    assert isinstance(internet(place(network, public_ip=False), "docker.io"), Blocked)
    assert isinstance(internet(place(network), "docker.io"), Way)


def test_endpoints_do_not_serve_another_region(networks):
    """
    An image of another Region needs the internet.
    """
    far = ("ecr.dkr", "us-east-1", f"{WORKLOAD}.dkr.ecr.us-east-1.amazonaws.com")

    assert isinstance(way(place(networks.network(REGION, "endpoints")), *far), Blocked)


def test_a_subnet_without_ipv4(empty, ec2):
    """
    Hosts of both families are reached from there by route, group and ACL of IPv6; no others are.
    """
    network = ipv6_only(ec2, REGION, "six")
    dual = ("ecr.dkr", REGION, f"{WORKLOAD}.dkr-ecr.{REGION}.on.aws")
    usual = way(place(network), *API)

    assert ("52.46", True) == (usual.address[:5], usual.foreign)
    assert isinstance(way(place(network), *dual), Way)
    everything = [{"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}]
    ec2.revoke_security_group_egress(GroupId=network.group, IpPermissions=everything)
    shut = way(place(network), *dual)
    assert ("[2600:", False) == (shut.address[:6], shut.foreign)


def test_the_security_group_of_the_task_must_let_out(lab, ec2):
    """
    Without egress nothing leaves; egress to the prefix list is enough for the layers.
    """
    network = lab.network(REGION, "endpoints")
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    ec2.revoke_security_group_egress(GroupId=network.group, IpPermissions=everything)
    assert isinstance(way(place(network), *API), Blocked)
    assert isinstance(way(place(network), *S3), Blocked)

    lists = ec2.describe_prefix_lists()["PrefixLists"]
    s3 = next(p["PrefixListId"] for p in lists if p["PrefixListName"].endswith(".s3"))
    to_s3 = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
             "PrefixListIds": [{"PrefixListId": s3}]}  # fmt: skip
    ec2.authorize_security_group_egress(GroupId=network.group, IpPermissions=[to_s3])
    assert isinstance(way(place(network), *S3), Way)
    assert isinstance(way(place(network), *API), Blocked)


def test_the_security_group_of_the_endpoint_must_let_in(lab, ec2):
    """
    The connection times out on the private address of the endpoint.
    """
    network = lab.network(REGION, "endpoints")
    of = [{"Name": "vpc-id", "Values": [vpc_of(ec2, network)]}]
    groups = ec2.describe_security_groups(Filters=of)["SecurityGroups"]
    theirs = next(g for g in groups if g["GroupName"] == "endpoints")
    ec2.revoke_security_group_ingress(
        GroupId=theirs["GroupId"], IpPermissions=theirs["IpPermissions"]
    )

    found = way(place(network), *API)
    assert isinstance(found, Blocked)
    assert found.address.startswith("10.")

    pairs = [{"GroupId": network.group, "UserId": WORKLOAD}]
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "UserIdGroupPairs": pairs}
    ec2.authorize_security_group_ingress(GroupId=theirs["GroupId"], IpPermissions=[rule])
    assert isinstance(way(place(network), *API), Way)


@pytest.mark.parametrize(
    ("egress", "ports"), [(True, (443, 443)), (False, (1024, 65535))], ids=["out", "in"]
)
def test_the_network_acl_must_let_out_and_back_in(lab, ec2, egress, ports):
    """
    443 out, ephemeral ports in: a deny with a lower number closes either.
    """
    network = lab.network(REGION)
    of = [{"Name": "association.subnet-id", "Values": [network.subnet]}]
    acl = ec2.describe_network_acls(Filters=of)["NetworkAcls"][0]["NetworkAclId"]
    ec2.create_network_acl_entry(
        NetworkAclId=acl, RuleNumber=50, Protocol="6", RuleAction="deny", Egress=egress,
        CidrBlock="0.0.0.0/0", PortRange={"From": ports[0], "To": ports[1]},
    )  # fmt: skip

    assert isinstance(way(place(network), *API), Blocked)


def test_a_deleted_nat_gateway_is_no_way(lab, ec2):
    """
    The route is a black hole.
    """
    network = lab.network(REGION, "nat")
    of = [{"Name": "vpc-id", "Values": [vpc_of(ec2, network)]}]
    nat = ec2.describe_nat_gateways(Filters=of)["NatGateways"][0]["NatGatewayId"]
    ec2.delete_nat_gateway(NatGatewayId=nat)

    assert isinstance(way(place(network), *API), Blocked)


def test_the_policy_of_the_endpoint_comes_with_the_way(networks):
    """
    Who may pass is for the pull to judge.
    """
    network = networks.network(REGION, "endpoints")
    found = way(place(network), *API)

    assert isinstance(found, Way)
    assert found.endpoint_policy["Statement"][0]["Effect"] == "Allow"


def test_a_detached_internet_gateway_is_no_way(lab, ec2):
    """
    Its route is a black hole, for a NAT gateway's subnet as well.
    """
    network = lab.network(REGION, "nat")
    of = [{"Name": "attachment.vpc-id", "Values": [vpc_of(ec2, network)]}]
    gateway = ec2.describe_internet_gateways(Filters=of)["InternetGateways"][0]
    ec2.detach_internet_gateway(
        InternetGatewayId=gateway["InternetGatewayId"], VpcId=vpc_of(ec2, network)
    )
    tables = ec2.describe_route_tables(
        Filters=[{"Name": "route.gateway-id", "Values": [gateway["InternetGatewayId"]]}]
    )["RouteTables"]

    assert isinstance(way(place(network), *API), Blocked)
    assert ["blackhole"] == [
        r["State"] for t in tables for r in t["Routes"] if r.get("GatewayId", "").startswith("igw")
    ]


def test_private_names_need_both_switches_of_the_vpc(lab, ec2):
    """
    Without host names the endpoint is not found; without support, nothing is.
    """
    network = lab.network(REGION, "endpoints")
    vpc = vpc_of(ec2, network)
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": False})
    past = way(place(network), *API)
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsSupport={"Value": False})
    mute = way(place(network), *API)

    assert (True, None) == (past.address.startswith("52."), past.server)
    assert mute.server.endswith(".0.2")


def test_the_acl_of_the_endpoints_subnet_counts_too(lab, ec2):
    """
    It lets connections in at 443, where the endpoint stands in another subnet than the task.
    """
    network = lab.network(REGION, "endpoints")
    vpc = vpc_of(ec2, network)
    block = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["CidrBlock"].replace("0.0/16", "9.0/24")
    far = ec2.create_subnet(VpcId=vpc, CidrBlock=block)["Subnet"]["SubnetId"]
    of = [{"Name": "vpc-id", "Values": [vpc]}]
    found = ec2.describe_vpc_endpoints(Filters=of)["VpcEndpoints"]
    api = next(e["VpcEndpointId"] for e in found if e["ServiceName"].endswith("ecr.api"))
    ec2.modify_vpc_endpoint(VpcEndpointId=api, AddSubnetIds=[far], RemoveSubnetIds=[network.subnet])
    assert isinstance(way(place(network), *API), Way)

    acl = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
    held = (
        a for n in ec2.describe_network_acls(Filters=of)["NetworkAcls"] for a in n["Associations"]
    )
    old = next(a["NetworkAclAssociationId"] for a in held if a["SubnetId"] == far)
    ec2.replace_network_acl_association(AssociationId=old, NetworkAclId=acl)

    assert isinstance(way(place(network), *API), Blocked)
