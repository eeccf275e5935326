"""A repair makes the next task run, and undoing it breaks the service again."""

import json

from playground import scenarios
from playground.estate.world import WORLD
from playground.scenarios.lab import PULL_POLICY
from playground.scenarios.places import REGISTRY, WORKLOAD

TOKYO = "ap-northeast-1"


def _health(estate, name):
    estate.tick()
    return scenarios.health(estate, scenarios.named(name))


def _service(estate, name):
    s = scenarios.named(name)
    found = estate.client("ecs", WORKLOAD, s.region).describe_services(
        cluster="main", services=[s.service]
    )
    return found["services"][0]


def test_a_missing_tag_is_repaired_by_a_new_revision_and_broken_by_the_old(shop):
    """
    The service follows its task definition, there and back.
    """
    ecs = shop.client("ecs", WORKLOAD, TOKYO)
    old = _service(shop, "image-tag-missing")["taskDefinition"]
    raw = ecs.describe_task_definition(taskDefinition=old)["taskDefinition"]
    container = raw["containerDefinitions"][0]
    new = ecs.register_task_definition(
        family="shop-web",
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="256",
        memory="512",
        executionRoleArn=raw["executionRoleArn"],
        containerDefinitions=[{**container, "image": container["image"].replace("0.0", "0.1")}],
    )["taskDefinition"]["taskDefinitionArn"]

    ecs.update_service(cluster="main", service="shop-web", taskDefinition=new)
    service = _service(shop, "image-tag-missing")
    assert (1, "COMPLETED") == (service["runningCount"], service["deployments"][0]["rolloutState"])
    assert "has reached a steady state" in service["events"][0]["message"]

    ecs.update_service(cluster="main", service="shop-web", taskDefinition=old)
    shop.tick()
    rolling = _service(shop, "image-tag-missing")["deployments"]
    assert ["PRIMARY", "ACTIVE"] == [d["status"] for d in rolling]
    assert _health(shop, "image-tag-missing") == "failing"
    assert "not found" in scenarios.sample_error(shop, scenarios.named("image-tag-missing"))


def test_a_pushed_tag_repairs_too(shop):
    """
    Nobody touches the service: the scheduler's next round succeeds.
    """
    ecr = shop.client("ecr", WORKLOAD, TOKYO)
    ecs = shop.client("ecs", WORKLOAD, TOKYO)
    found = ecr.batch_get_image(repositoryName="shop-web", imageIds=[{"imageTag": "v1.0.1"}])
    ecs.update_service(cluster="main", service="shop-web", taskDefinition="shop-web:1")

    ecr.put_image(
        repositoryName="shop-web",
        imageManifest=found["images"][0]["imageManifest"],
        imageTag="v1.0.0",
    )
    assert _health(shop, "image-tag-missing") == "running"

    ecr.batch_delete_image(repositoryName="shop-web", imageIds=[{"imageTag": "v1.0.0"}])
    ecs.update_service(cluster="main", service="shop-web", forceNewDeployment=True)
    assert _health(shop, "image-tag-missing") == "failing"


def test_a_role_policy_repairs_and_its_removal_breaks(shop):
    """
    Running tasks that could not be started again are replaced, so that an undo shows.
    """
    iam = shop.client("iam", WORKLOAD, "us-east-1")
    role = {"RoleName": "checkout-execution", "PolicyArn": PULL_POLICY}

    iam.attach_role_policy(**role)
    assert _health(shop, "execution-role-lacks-image-read") == "running"

    iam.detach_role_policy(**role)
    assert _health(shop, "execution-role-lacks-image-read") == "failing"
    assert _service(shop, "execution-role-lacks-image-read")["runningCount"] == 0


def test_a_repository_policy_repairs_and_its_removal_breaks(shop):
    """
    Across accounts both sides must allow.
    """
    ecr = shop.client("ecr", REGISTRY, TOKYO)
    role = f"arn:aws:iam::{WORKLOAD}:role/billing-execution"
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": role},
        "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    }
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    ecr.set_repository_policy(repositoryName="billing", policyText=text)
    assert _health(shop, "repository-policy-denies") == "running"

    ecr.delete_repository_policy(repositoryName="billing")
    assert _health(shop, "repository-policy-denies") == "failing"


def test_a_public_address_repairs_and_its_removal_breaks(shop):
    """
    A new network configuration is a new deployment.
    """
    ecs = shop.client("ecs", WORKLOAD, TOKYO)
    before = _service(shop, "public-ip-missing")["networkConfiguration"]["awsvpcConfiguration"]

    for address, health in (("ENABLED", "running"), ("DISABLED", "failing")):
        network = {"awsvpcConfiguration": {**before, "assignPublicIp": address}}
        ecs.update_service(cluster="main", service="gateway", networkConfiguration=network)
        assert _health(shop, "public-ip-missing") == health


def test_the_gateway_on_the_right_route_table_repairs(shop):
    """
    ModifyVpcEndpoint adds the route, and takes it away again.
    """
    ec2 = shop.client("ec2", WORKLOAD, TOKYO)
    network = _service(shop, "s3-route-missing")["networkConfiguration"]["awsvpcConfiguration"]
    table = ec2.describe_route_tables(
        Filters=[{"Name": "association.subnet-id", "Values": network["subnets"]}]
    )["RouteTables"][0]
    of = [{"Name": "vpc-id", "Values": [table["VpcId"]]}]
    endpoints = ec2.describe_vpc_endpoints(Filters=of)["VpcEndpoints"]
    gateway = next(e["VpcEndpointId"] for e in endpoints if e["VpcEndpointType"] == "Gateway")
    tables = [table["RouteTableId"]]

    ec2.modify_vpc_endpoint(VpcEndpointId=gateway, AddRouteTableIds=tables)
    assert _health(shop, "s3-route-missing") == "running"
    ec2.modify_vpc_endpoint(VpcEndpointId=gateway, RemoveRouteTableIds=tables)
    assert _health(shop, "s3-route-missing") == "failing"


def test_a_new_endpoint_repairs(shop):
    """
    With private DNS the registry's usual name leads to the endpoint.
    """
    ec2 = shop.client("ec2", WORKLOAD, TOKYO)
    network = _service(shop, "endpoint-missing")["networkConfiguration"]["awsvpcConfiguration"]
    vpc = ec2.describe_subnets(SubnetIds=network["subnets"])["Subnets"][0]["VpcId"]
    group = ec2.describe_vpc_endpoints(Filters=[{"Name": "vpc-id", "Values": [vpc]}])
    groups = [g["GroupId"] for e in group["VpcEndpoints"] for g in e.get("Groups", [])][:1]

    made = ec2.create_vpc_endpoint(
        VpcId=vpc, VpcEndpointType="Interface", SubnetIds=network["subnets"],
        ServiceName=f"com.amazonaws.{TOKYO}.ecr.api", SecurityGroupIds=groups,
        PrivateDnsEnabled=True,
    )["VpcEndpoint"]["VpcEndpointId"]  # fmt: skip
    assert _health(shop, "endpoint-missing") == "running"
    ec2.modify_vpc_endpoint(VpcEndpointId=made, PrivateDnsEnabled=False)
    assert _health(shop, "endpoint-missing") == "failing"
    ec2.modify_vpc_endpoint(VpcEndpointId=made, PrivateDnsEnabled=True)
    assert _health(shop, "endpoint-missing") == "running"
    ec2.delete_vpc_endpoints(VpcEndpointIds=[made])
    assert _health(shop, "endpoint-missing") == "failing"


def test_a_forced_deployment_resolves_the_tag_anew(shop):
    """
    The pinned digest is gone, the tag is not.
    """
    ecs = shop.client("ecs", WORKLOAD, TOKYO)

    ecs.update_service(cluster="main", service="payments", forceNewDeployment=True)

    assert _health(shop, "image-digest-missing") == "running"


def test_a_trust_policy_repairs(shop):
    """
    Once the role trusts ECS tasks, tasks exist at all.
    """
    iam = shop.client("iam", WORKLOAD, "us-east-1")
    source = {"StringEquals": {"aws:SourceAccount": WORKLOAD},
              "ArnLike": {"aws:SourceArn": f"arn:aws:ecs:{TOKYO}:{WORKLOAD}:*"}}  # fmt: skip
    for principal, health in (("ecs-tasks", "running"), ("ec2", "failing")):
        statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Condition": source,
                     "Principal": {"Service": f"{principal}.amazonaws.com"}}  # fmt: skip
        iam.update_assume_role_policy(
            RoleName="invoice-execution",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )
        assert _health(shop, "execution-role-untrusted") == health


def test_a_deny_that_its_owner_takes_back_repairs(shop):
    """
    And breaks the service again when it comes back.
    """
    iam = shop.client("iam", WORKLOAD, "us-east-1")
    named = {"RoleName": "audit-execution", "PolicyName": "audit-execution-policy"}
    deny = iam.get_role_policy(**named)["PolicyDocument"]

    iam.delete_role_policy(**named)
    assert _health(shop, "role-explicitly-denied") == "running"

    iam.put_role_policy(**named, PolicyDocument=json.dumps(deny))
    assert _health(shop, "role-explicitly-denied") == "failing"


def test_a_wider_boundary_repairs(shop):
    """
    Without the boundary the role's own policies count.
    """
    iam = shop.client("iam", WORKLOAD, "us-east-1")
    role = {"RoleName": "ranking-execution"}
    limits = iam.get_role(**role)["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"]

    iam.delete_role_permissions_boundary(**role)
    assert _health(shop, "permissions-boundary-blocks") == "running"

    iam.put_role_permissions_boundary(**role, PermissionsBoundary=limits)
    assert _health(shop, "permissions-boundary-blocks") == "failing"


def test_the_organization_lets_go(shop):
    """
    A service control policy caps its account, and says so.
    """
    kept = WORLD.scps.pop(WORKLOAD)
    assert _health(shop, "organization-policy-blocks") == "running"

    WORLD.scps[WORKLOAD] = kept
    assert _health(shop, "organization-policy-blocks") == "failing"


def test_hosts_that_may_pull_repair(shop):
    """
    A task without an execution role pulls as its host; with one, the host's role does not matter.
    """
    iam = shop.client("iam", WORKLOAD, "us-east-1")
    role = {"RoleName": "importer-instance", "PolicyArn": PULL_POLICY}

    iam.attach_role_policy(**role)
    assert _health(shop, "instance-role-lacks-image-read") == "running"

    iam.detach_role_policy(**role)
    assert _health(shop, "instance-role-lacks-image-read") == "failing"
    assert "importer-instance/i-" in scenarios.sample_error(
        shop, scenarios.named("instance-role-lacks-image-read")
    )


def test_a_readable_secret_repairs(shop):
    """
    With the registry's credentials the private image comes.
    """
    iam = shop.client("iam", WORKLOAD, "us-east-1")
    read = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    iam.put_role_policy(
        RoleName="worker-execution",
        PolicyName="secret",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [read]}),
    )

    assert _health(shop, "registry-secret-unreadable") == "running"


def _restored(shop, name, secret, right, wrong):
    """How the service is once a person has written the secret, and once it is as it was."""
    secrets = shop.client("secretsmanager", WORKLOAD, scenarios.named(name).region)
    found = []
    for value in (right, wrong):
        secrets.put_secret_value(SecretId=secret, SecretString=value)
        found.append(_health(shop, name))
    return found


def test_renewed_credentials_repair(shop):
    """
    Of the registry, in the form that ECS reads, and of a cache: what only a person can write.
    """
    old = '{"username": "robot", "password": "example"}'
    new = old.replace("example", "renewed")
    cache = old.replace("password", "accessToken")

    assert ["running", "failing"] == _restored(
        shop, "registry-credentials-rejected", "partner/pull", new, old
    )
    assert ["running", "failing"] == _restored(
        shop, "registry-secret-malformed", "legacy/pull", old, cache
    )
    assert ["running", "failing"] == _restored(
        shop, "pull-through-cache-credential-invalid", "ecr-pullthroughcache/github",
        cache.replace("example", "renewed"), cache,
    )  # fmt: skip


def test_a_registry_policy_repairs(shop):
    """
    Without the Deny of the whole registry the image comes.
    """
    ecr = shop.client("ecr", WORKLOAD, "us-east-1")
    text = ecr.delete_registry_policy()["policyText"]
    assert _health(shop, "registry-policy-denies") == "running"

    ecr.put_registry_policy(policyText=text)
    assert _health(shop, "registry-policy-denies") == "failing"


def test_an_import_repairs_and_its_removal_breaks(shop):
    """
    What came through a cache is not kept, so that it shows.
    """
    iam = shop.client("iam", WORKLOAD, "us-east-1")
    named = {"RoleName": "metrics-execution", "PolicyName": "import"}
    allowed = {"Effect": "Allow", "Resource": "*",
               "Action": ["ecr:CreateRepository", "ecr:BatchImportUpstreamImage"]}  # fmt: skip

    iam.put_role_policy(
        **named, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    )
    assert _health(shop, "pull-through-cache-denied") == "running"
    iam.delete_role_policy(**named)
    assert _health(shop, "pull-through-cache-denied") == "failing"


def test_a_way_to_the_internet_repairs(shop):
    """
    A default route beside the endpoints lets layers of an upstream, and other registries, in.
    """
    ec2 = shop.client("ec2", WORKLOAD, TOKYO)
    names = ("pull-through-cache-needs-internet", "public-registry-unreachable")
    network = _service(shop, names[0])["networkConfiguration"]["awsvpcConfiguration"]
    of = [{"Name": "association.subnet-id", "Values": network["subnets"]}]
    table = ec2.describe_route_tables(Filters=of)["RouteTables"][0]
    gateway = ec2.create_transit_gateway()["TransitGateway"]["TransitGatewayId"]
    route = {"RouteTableId": table["RouteTableId"], "DestinationCidrBlock": "0.0.0.0/0"}

    ec2.create_route(**route, TransitGatewayId=gateway)
    assert ["running"] * 2 == [_health(shop, name) for name in names]
    ec2.delete_route(**route)
    assert ["failing"] * 2 == [_health(shop, name) for name in names]
