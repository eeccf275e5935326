"""Where moto does otherwise than AWS, the estate does as AWS."""

import hashlib
import json
import time

import pytest
from botocore.exceptions import ClientError

from playground.scenarios.documents import manifest

A, B, REGION = "123456789012", "210987654321", "eu-west-1"
PRIVATE = {"networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512"}  # fmt: skip


@pytest.fixture(scope="module")
def aws(empty):
    """A cluster, a repository, and a VPC with DNS host names off and a way out."""
    ecs, ecr, ec2 = (empty.client(s, A, REGION) for s in ("ecs", "ecr", "ec2"))
    ecs.create_cluster(clusterName="main")
    ecr.create_repository(repositoryName="shop")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/24")["Subnet"]["SubnetId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    of = [{"Name": "vpc-id", "Values": [vpc]}]
    table = ec2.describe_route_tables(Filters=of)["RouteTables"][0]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    empty.vpc, empty.subnet, empty.table = vpc, subnet, table
    return empty


@pytest.fixture
def ecs(aws):
    return aws.client("ecs", A, REGION)


@pytest.fixture
def ecr(aws):
    return aws.client("ecr", A, REGION)


@pytest.fixture
def ec2(aws):
    return aws.client("ec2", A, REGION)


def public(aws):
    inside = {"subnets": [aws.subnet], "assignPublicIp": "ENABLED"}
    return {"awsvpcConfiguration": inside}


def run(aws, family, *images, count=1):
    ecs = aws.client("ecs", A, REGION)
    containers = [{"name": f"c{n}", "image": image} for n, image in enumerate(images)]
    ecs.register_task_definition(family=family, containerDefinitions=containers, **PRIVATE)
    return ecs.run_task(
        cluster="main", taskDefinition=family, launchType="FARGATE", count=count,
        networkConfiguration=public(aws),
    )["tasks"]  # fmt: skip


def code(call, **params):
    with pytest.raises(ClientError) as refused:
        call(**params)
    return refused.value.response["Error"]["Code"]


# --- tasks


def test_a_task_without_memory_groups_or_host_names_runs(aws, ecs):
    """
    Three calls that are a 500 in moto: all normal on Fargate.
    """
    task = run(aws, "plain", "busybox:1")[0]
    described = ecs.describe_tasks(cluster="main", tasks=[task["taskArn"]])["tasks"][0]
    details = {d["name"]: d["value"] for d in described["attachments"][0]["details"]}

    assert described["lastStatus"] == "RUNNING"
    assert aws.subnet == details["subnetId"]
    assert details["privateIPv4Address"].startswith("10.9.1.")
    assert details["networkInterfaceId"].startswith("eni-")


def test_a_running_task_stays_running(aws, ecs):
    """
    Looking at a task does not stop it.
    """
    arn = run(aws, "steady", "busybox:1")[0]["taskArn"]

    seen = [ecs.describe_tasks(cluster="main", tasks=[arn])["tasks"][0] for _ in range(8)]
    assert {"RUNNING"} == {t["lastStatus"] for t in seen}


def test_a_stopped_task_says_when_and_why(aws, ecs):
    """
    stop_task leaves code, times and reason.
    """
    arn = run(aws, "stopped", "busybox:1")[0]["taskArn"]
    ecs.stop_task(cluster="main", task=arn, reason="enough")
    task = ecs.describe_tasks(cluster="main", tasks=[arn])["tasks"][0]

    assert ("STOPPED", "UserInitiated", "enough") == (
        task["lastStatus"], task["stopCode"], task["stoppedReason"],
    )  # fmt: skip
    assert task["stoppedAt"] >= task["startedAt"]


def test_a_task_has_all_its_containers_and_blames_one(aws, ecs):
    """
    Sidecars are there; the reason stands on the container that failed alone.
    """
    missing = f"{A}.dkr.ecr.{REGION}.amazonaws.com/nothing:v1"
    arn = run(aws, "sidecar", "busybox:1", missing)[0]["taskArn"]
    task = ecs.describe_tasks(cluster="main", tasks=[arn])["tasks"][0]
    reasons = {c["name"]: c.get("reason") for c in task["containers"]}

    assert task["stopCode"] == "TaskFailedToStart"
    assert reasons == {"c0": None, "c1": task["stoppedReason"]}
    assert task["pullStartedAt"] < task["stoppedAt"]


def test_list_tasks_leaves_stopped_ones_out_unless_asked(aws, ecs):
    """
    The default is RUNNING, and family is honoured.
    """
    arns = [t["taskArn"] for t in run(aws, "listed", "busybox:1", count=2)]
    ecs.stop_task(cluster="main", task=arns[0], reason="enough")
    asked = {"cluster": "main", "family": "listed"}

    assert [arns[1]] == ecs.list_tasks(**asked)["taskArns"]
    assert [arns[0]] == ecs.list_tasks(**asked, desiredStatus="STOPPED")["taskArns"]


def test_a_task_that_is_not_there_is_a_failure(ecs):
    """
    DescribeTasks names what it did not find.
    """
    asked = f"arn:aws:ecs:{REGION}:{A}:task/main/gone"

    found = ecs.describe_tasks(cluster="main", tasks=[asked])
    assert ([], [{"arn": asked, "reason": "MISSING"}]) == (found["tasks"], found["failures"])


def test_a_task_whose_role_cannot_be_assumed_never_exists(aws, ecs):
    """
    RunTask itself is refused.
    """
    ecs.register_task_definition(
        family="roleless", containerDefinitions=[{"name": "app", "image": "busybox"}],
        executionRoleArn=f"arn:aws:iam::{A}:role/gone", **PRIVATE,
    )  # fmt: skip

    assert "ClientException" == code(
        ecs.run_task, cluster="main", taskDefinition="roleless", launchType="FARGATE",
        networkConfiguration=public(aws),
    )  # fmt: skip
    assert ecs.list_tasks(cluster="main", family="roleless")["taskArns"] == []


def test_stopped_tasks_are_forgotten_after_an_hour(aws, ecs):
    """
    The clock can be moved for that.
    """
    arn = run(aws, "forgotten", "busybox:1")[0]["taskArn"]
    ecs.stop_task(cluster="main", task=arn, reason="enough")
    stopped = ecs.describe_tasks(cluster="main", tasks=[arn])["tasks"][0]["stoppedAt"].timestamp()

    aws.set_clock(lambda: stopped + 3590)
    assert ecs.describe_tasks(cluster="main", tasks=[arn])["tasks"]
    aws.set_clock(lambda: stopped + 3610)
    assert ecs.describe_tasks(cluster="main", tasks=[arn])["failures"]
    aws.set_clock(time.time)


def test_a_change_of_a_task_reaches_a_queue(aws):
    """
    A rule on stopCode catches a pull that failed.
    """
    events, sqs = aws.client("events", A, REGION), aws.client("sqs", A, REGION)
    queue = sqs.create_queue(QueueName="failures")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    pattern = {"source": ["aws.ecs"], "detail": {"stopCode": ["TaskFailedToStart"]}}
    events.put_rule(Name="pulls", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="pulls", Targets=[{"Id": "queue", "Arn": arn["QueueArn"]}])

    run(aws, "told-well", "busybox:1")
    run(aws, "told", f"{A}.dkr.ecr.{REGION}.amazonaws.com/nothing:v1")

    said = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    event = json.loads(said[0]["Body"])
    assert (1, "ECS Task State Change") == (len(said), event["detail-type"])
    assert event["detail"]["stoppedReason"].startswith("CannotPullContainerError")


def test_a_family_means_its_newest_active_revision(aws, ecs):
    """
    A deregistered revision is not picked, nor can a service take it.
    """
    for _ in range(2):
        ecs.register_task_definition(
            family="revised", containerDefinitions=[{"name": "app", "image": "busybox"}],
            tags=[{"key": "team", "value": "shop"}], **PRIVATE,
        )  # fmt: skip
    ecs.deregister_task_definition(taskDefinition="revised:2")
    found = ecs.describe_task_definition(taskDefinition="revised", include=["TAGS"])

    assert (1, [{"key": "team", "value": "shop"}]) == (
        found["taskDefinition"]["revision"],
        found["tags"],
    )
    assert "ClientException" == code(
        ecs.create_service, cluster="main", serviceName="revised", taskDefinition="revised:2",
        desiredCount=1, launchType="FARGATE", networkConfiguration=public(aws),
    )  # fmt: skip


def test_on_ec2_the_container_alone_says_why(aws, ecs, ec2):
    """
    The task's own reason is a bare "Task failed to start"; without a host there is no task.
    """
    missing = f"{A}.dkr.ecr.{REGION}.amazonaws.com/nothing:v1"
    container = {"name": "app", "image": missing, "memory": 64}
    ecs.create_cluster(clusterName="hosts")
    ecs.register_task_definition(family="hosted", containerDefinitions=[container])
    ecs.create_service(
        cluster="hosts", serviceName="hosted", taskDefinition="hosted", desiredCount=1
    )
    asked = {"cluster": "hosts", "services": ["hosted"]}
    events = ecs.describe_services(**asked)["services"][0]["events"]
    assert "no container instance met all of its requirements" in events[0]["message"]

    host = ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)["Instances"][0]
    document = json.dumps({"instanceId": host["InstanceId"]})
    ecs.register_container_instance(cluster="hosts", instanceIdentityDocument=document)
    aws.tick()
    arns = ecs.list_tasks(cluster="hosts", desiredStatus="STOPPED")["taskArns"]
    task = ecs.describe_tasks(cluster="hosts", tasks=arns)["tasks"][0]
    assert ("EC2", "Task failed to start") == (task["launchType"], task["stoppedReason"])
    assert task["containers"][0]["reason"].startswith("CannotPullContainerError")


def test_a_host_has_room_again_once_a_task_has_ended(aws, ecs, ec2):
    """
    A service that fails for hours does not fill its host; what never fits is told, not raised.
    """
    host = ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)["Instances"][0]
    document = json.dumps({"instanceId": host["InstanceId"]})
    ecs.create_cluster(clusterName="small")
    added = ecs.register_container_instance(cluster="small", instanceIdentityDocument=document)
    (room,) = (r for r in added["containerInstance"]["remainingResources"] if r["name"] == "MEMORY")
    image = f"{A}.dkr.ecr.{REGION}.amazonaws.com/nothing:v1"
    for name, memory in (("filling", room["integerValue"]), ("large", room["integerValue"] + 1)):
        container = {"name": "app", "image": image, "memory": memory}
        ecs.register_task_definition(family=name, containerDefinitions=[container])
        ecs.create_service(cluster="small", serviceName=name, taskDefinition=name, desiredCount=1)
    for _ in range(3):
        aws.tick()

    asked = {"cluster": "small", "services": ["filling", "large"]}
    filling, large = (
        [e["message"] for e in s["events"]] for s in ecs.describe_services(**asked)["services"]
    )
    assert 3 < sum("has started 1 tasks" in m for m in filling)
    assert large
    assert all("no container instance met all of its requirements" in m for m in large)


# --- the registry


def test_a_digest_is_that_of_the_manifest(ecr):
    """
    SHA-256 of the very bytes, for an index too.
    """
    index = json.dumps({"schemaVersion": 2, "manifests": [],
                        "mediaType": "application/vnd.oci.image.index.v1+json"})  # fmt: skip
    for text in (manifest("one"), index):
        put = ecr.put_image(repositoryName="shop", imageManifest=text)["image"]["imageId"]
        assert "sha256:" + hashlib.sha256(text.encode()).hexdigest() == put["imageDigest"]


def test_an_immutable_tag_has_its_own_error(ecr):
    """
    ImageTagAlreadyExistsException for the tag; ImageAlreadyExistsException for the same image.
    """
    ecr.create_repository(repositoryName="fixed", imageTagMutability="IMMUTABLE")
    ecr.put_image(repositoryName="fixed", imageManifest=manifest("a"), imageTag="v1")
    ecr.put_image(repositoryName="shop", imageManifest=manifest("a"), imageTag="v1")

    assert "ImageTagAlreadyExistsException" == code(
        ecr.put_image, repositoryName="fixed", imageManifest=manifest("b"), imageTag="v1"
    )
    assert "ImageAlreadyExistsException" == code(
        ecr.put_image, repositoryName="shop", imageManifest=manifest("a"), imageTag="v1"
    )


def test_another_registry_is_looked_up_by_its_id(aws, ecr):
    """
    registryId of another account finds that account's repository, and its errors.
    """
    theirs = aws.client("ecr", B, REGION)
    theirs.create_repository(repositoryName="shared")
    theirs.put_image(repositoryName="shared", imageManifest=manifest("s"), imageTag="v1")
    asked = {"registryId": B, "repositoryName": "shared"}

    assert ecr.describe_images(**asked)["imageDetails"][0]["imageTags"] == ["v1"]
    assert ecr.batch_get_image(**asked, imageIds=[{"imageTag": "v1"}])["images"]
    assert "RepositoryPolicyNotFoundException" == code(ecr.get_repository_policy, **asked)
    assert "RepositoryNotFoundException" == code(
        ecr.describe_repositories, repositoryNames=["shared"]
    )


def test_lists_come_in_pages(aws, ecr, ecs):
    """
    maxResults and nextToken are honoured, through boto3's paginators.
    """
    ecr.create_repository(repositoryName="paged")
    for number in range(5):
        put = {"imageManifest": manifest(f"p{number}"), "imageTag": f"v{number}"}
        ecr.put_image(repositoryName="paged", **put)
    run(aws, "paged", "busybox:1", count=3)

    first = ecr.describe_images(repositoryName="paged", maxResults=2)
    assert (2, True) == (len(first["imageDetails"]), "nextToken" in first)
    size = {"PaginationConfig": {"PageSize": 2}}
    found = ecr.get_paginator("list_images").paginate(repositoryName="paged", **size)
    assert [2, 2, 1] == [len(page["imageIds"]) for page in found]
    tasks = ecs.get_paginator("list_tasks").paginate(cluster="main", family="paged", **size)
    assert [2, 1] == [len(page["taskArns"]) for page in tasks]
    repositories = ecr.get_paginator("describe_repositories").paginate(**size)
    assert {"paged", "shop"} <= {
        r["repositoryName"] for p in repositories for r in p["repositories"]
    }


def test_a_layer_has_an_address(ecr):
    """
    GetDownloadUrlForLayer leads somewhere local.
    """
    import urllib.request

    digest = "sha256:" + "0" * 64
    found = ecr.get_download_url_for_layer(repositoryName="shop", layerDigest=digest)

    assert found["downloadUrl"].startswith("http://127.0.0.1:")
    with urllib.request.urlopen(found["downloadUrl"]) as answer:
        assert json.load(answer)["architecture"] == "amd64"


def test_pull_through_cache_rules_exist(ecr):
    """
    They are made, described by prefix and deleted; the registry's policy takes their action.
    """
    asked = {"ecrRepositoryPrefix": "hub", "upstreamRegistryUrl": "registry-1.docker.io"}
    ecr.create_pull_through_cache_rule(**asked)
    found = ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"]
    assert [("hub", A)] == [(r["ecrRepositoryPrefix"], r["registryId"]) for r in found]
    ecr.delete_pull_through_cache_rule(ecrRepositoryPrefix="hub")
    assert ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"] == []

    statement = {"Sid": "cache", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{B}:root"},
                 "Action": ["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"],
                 "Resource": f"arn:aws:ecr:{REGION}:{A}:repository/hub/*"}  # fmt: skip
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    assert json.loads(ecr.put_registry_policy(policyText=text)["policyText"]) == json.loads(text)


# --- the network


def test_private_dns_can_be_switched_on_an_endpoint(aws, ec2):
    """
    ModifyVpcEndpoint changes PrivateDnsEnabled.
    """
    made = ec2.create_vpc_endpoint(
        VpcId=aws.vpc, VpcEndpointType="Interface", SubnetIds=[aws.subnet],
        ServiceName=f"com.amazonaws.{REGION}.ecr.api", PrivateDnsEnabled=False,
    )["VpcEndpoint"]["VpcEndpointId"]  # fmt: skip
    ec2.modify_vpc_endpoint(VpcEndpointId=made, PrivateDnsEnabled=True)

    found = ec2.describe_vpc_endpoints(VpcEndpointIds=[made])["VpcEndpoints"][0]
    assert found["PrivateDnsEnabled"] is True
    ec2.delete_vpc_endpoints(VpcEndpointIds=[made])
    assert "InvalidVpcEndpointId.NotFound" == code(
        ec2.describe_vpc_endpoints, VpcEndpointIds=[made]
    )


def test_a_gateway_endpoint_adds_and_removes_its_route(aws, ec2):
    """
    The routes of the prefix list follow the route tables of the endpoint.
    """
    made = ec2.create_vpc_endpoint(
        VpcId=aws.vpc, VpcEndpointType="Gateway", ServiceName=f"com.amazonaws.{REGION}.s3"
    )["VpcEndpoint"]["VpcEndpointId"]

    def routes():
        found = ec2.describe_route_tables(RouteTableIds=[aws.table])["RouteTables"][0]["Routes"]
        return [r["GatewayId"] for r in found if "DestinationPrefixListId" in r]

    assert routes() == []
    ec2.modify_vpc_endpoint(VpcEndpointId=made, AddRouteTableIds=[aws.table])
    assert routes() == [made]
    ec2.modify_vpc_endpoint(VpcEndpointId=made, RemoveRouteTableIds=[aws.table])
    assert routes() == []
    ec2.modify_vpc_endpoint(VpcEndpointId=made, AddRouteTableIds=[aws.table])
    ec2.delete_vpc_endpoints(VpcEndpointIds=[made])
    assert routes() == []


def test_a_route_over_a_deleted_nat_gateway_is_a_blackhole(aws, ec2):
    """
    The state of the route tells it.
    """
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=aws.subnet, AllocationId=address)["NatGateway"]
    table = ec2.create_route_table(VpcId=aws.vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(
        RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat["NatGatewayId"]
    )

    def state():
        routes = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
        return next(r["State"] for r in routes if r["DestinationCidrBlock"] == "0.0.0.0/0")

    assert state() == "active"
    ec2.delete_nat_gateway(NatGatewayId=nat["NatGatewayId"])
    assert state() == "blackhole"


# --- the rest


def test_managed_policies_exist(aws):
    """
    AmazonECSTaskExecutionRolePolicy can be read.
    """
    arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
    iam = aws.client("iam", A, "us-east-1")

    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    assert "ecr:BatchGetImage" in document["Statement"][0]["Action"]


def test_what_the_estate_lacks_is_said(ecr):
    """
    An operation nobody built is a clear refusal, not a server error that is tried again.
    """
    assert "UnknownOperationException" == code(
        ecr.start_lifecycle_policy_preview, repositoryName="shop"
    )


def test_an_unsigned_call_is_refused(aws):
    """
    Nobody reaches moto's own pages.
    """
    import urllib.error
    import urllib.request

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{aws.url}/moto-api/data.json")
    with refused.value:
        assert refused.value.code == 403
