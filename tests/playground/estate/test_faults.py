"""What goes wrong on purpose looks as AWS's own failures do."""

import time

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError

from playground.estate import Fault

A, REGION = "123456789012", "eu-west-1"


@pytest.fixture(scope="module")
def user(empty):
    """Somebody who may do everything, and makes no second attempt."""
    iam = empty.client("iam", A, REGION)
    iam.create_user(UserName="tester")
    admin = "arn:aws:iam::aws:policy/AdministratorAccess"
    iam.attach_user_policy(UserName="tester", PolicyArn=admin)
    key = iam.create_access_key(UserName="tester")["AccessKey"]
    own = {"aws_access_key_id": key["AccessKeyId"], "region_name": REGION,
           "aws_secret_access_key": key["SecretAccessKey"], "endpoint_url": empty.url}  # fmt: skip
    clients = []

    def client(service, **config):
        config = {"retries": {"total_max_attempts": 1}, **config}
        clients.append(boto3.client(service, config=Config(**config), **own))
        return clients[-1]

    yield client
    for made in clients:
        made.close()


@pytest.fixture(autouse=True)
def _calm(empty):
    empty.faults.clear()
    yield
    empty.faults.clear()
    empty.latency = 0.0


def test_other_actions_are_not_hit(empty, user):
    """
    A fault is for the action it names, and the administrator never feels it.
    """
    empty.faults.append(Fault("ecr:", "500"))

    assert user("ecs").list_clusters()["clusterArns"] == []
    assert empty.client("ecr", A, REGION).describe_repositories()["repositories"] == []
    assert 1 == empty.faults[0].count


@pytest.mark.parametrize(
    ("service", "operation", "mode", "code", "status"),
    [
        ("ecs", "list_clusters", "throttle", "ThrottlingException", 400),
        ("sts", "get_caller_identity", "throttle", "Throttling", 400),
        ("ec2", "describe_vpcs", "throttle", "RequestLimitExceeded", 503),
        ("ecs", "list_clusters", "500", "InternalFailure", 500),
        ("ec2", "describe_vpcs", "503", "ServiceUnavailable", 503),
        ("ecr", "describe_repositories", "denied", "AccessDeniedException", 400),
        ("ec2", "describe_vpcs", "denied", "UnauthorizedOperation", 403),
        ("iam", "list_users", "denied", "AccessDenied", 403),
    ],
)
def test_errors_have_the_shape_of_the_service(empty, user, service, operation, mode, code, status):
    """
    Code and status are those of the service's protocol, once.
    """
    empty.faults.append(Fault(f"^{service}:", mode))
    client = user(service)

    with pytest.raises(ClientError) as refused:
        getattr(client, operation)()
    said = refused.value.response
    assert (code, status) == (said["Error"]["Code"], said["ResponseMetadata"]["HTTPStatusCode"])
    getattr(client, operation)()


def test_botocore_recovers_from_two_throttles(empty, user):
    """
    Standard retries see throttles as such.
    """
    empty.faults.append(Fault("ecs:ListClusters", "throttle", count=2))
    client = user("ecs", retries={"mode": "standard", "total_max_attempts": 3})

    assert client.list_clusters()["clusterArns"] == []
    assert 0 == empty.faults[0].count


def test_a_call_that_hangs_times_out(empty, user):
    """
    The client gives up, and the estate stays usable.
    """
    empty.faults.append(Fault("ecs:ListClusters", "hang", delay=1.0))

    with pytest.raises(ReadTimeoutError):
        user("ecs", read_timeout=0.2).list_clusters()
    assert user("ecs").list_clusters()["clusterArns"] == []


def test_latency_is_added_to_every_signed_call(empty, user):
    """
    Benchmarks measure against a service that is as slow as AWS.
    """
    client = user("ecs")
    client.list_clusters()
    empty.latency = 0.15
    began = time.monotonic()
    client.list_clusters()
    slow = time.monotonic() - began

    assert slow >= 0.15
    empty.faults.append(Fault("ecs:", "latency", delay=0.3))
    began = time.monotonic()
    client.list_clusters()
    assert time.monotonic() - began >= 0.45
