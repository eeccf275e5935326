"""One door to AWS: what it answers, and what its failures mean."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.aws.client import CONFIG, NotFound, together
from bot.config import Account
from bot.model import Call, CannotTell

ACCOUNT = Account("222233334444", "shop", ("eu-west-1",))
DESCRIBE = Call("ecr", "describe_images", {"repositoryName": "my-app"})


@pytest.fixture
def visit(doors):
    return doors(ACCOUNT).visit()


@pytest.fixture
def reading(visit):
    return visit.read(ACCOUNT.id, "eu-west-1")


def test_an_answer_is_handed_on(reading, wire, say):
    """
    What AWS says arrives unchanged, and AWS sees who asked.
    """
    wire.says("DescribeImages", say.ok({"imageDetails": []}))

    assert [] == reading.call(DESCRIBE)["imageDetails"]
    assert "ecs-pull" in wire.asked[0].agent


@pytest.mark.parametrize(
    "code",
    ["RepositoryNotFoundException", "ImageNotFoundException", "RepositoryPolicyNotFoundException"],
)
def test_absence_is_not_a_refusal(reading, wire, say, code):
    """
    What is not there is an answer of its own.
    """
    wire.says("DescribeImages", say.refusal(code))

    with pytest.raises(NotFound, match=code):
        reading.call(DESCRIBE)


def test_absence_in_iam_ec2_and_ecs(reading, wire, say):
    """
    Each service has its own way to say that something is not there.
    """
    wire.says("GetRole", say.query_refusal("NoSuchEntity", 404))
    wire.says("DescribeVpcs", say.ec2_refusal("InvalidVpcID.NotFound", 400))
    wire.says("DescribeTaskDefinition", say.refusal("ClientException"))

    for call in (
        Call("iam", "get_role", {"RoleName": "gone"}),
        Call("ec2", "describe_vpcs", {"VpcIds": ["vpc-1"]}),
        Call("ecs", "describe_task_definition", {"taskDefinition": "gone"}),
    ):
        with pytest.raises(NotFound):
            reading.call(call)


@pytest.mark.parametrize(
    ("code", "status"),
    [("AccessDeniedException", 400), ("AccessDenied", 403), ("403", 403), ("Forbidden", 403)],
)
def test_a_refusal_names_the_grant(reading, wire, say, code, status):
    """
    Whatever shape the refusal has, the reader learns which action to allow.
    """
    wire.says("DescribeImages", say.refusal(code, status))

    with pytest.raises(CannotTell) as told:
        reading.call(DESCRIBE)
    assert ("denied ecr:DescribeImages", "ecr:DescribeImages") == (
        told.value.because,
        told.value.grant,
    )


def test_the_grant_is_the_one_that_aws_names(reading, wire, say):
    """
    Where AWS says which action it refused, that one counts.
    """
    message = "User: arn:aws:iam::1:user/u is not authorized to perform: kms:Decrypt on resource: k"
    wire.says("DescribeImages", say.refusal("AccessDeniedException", 400, message))

    with pytest.raises(CannotTell, match="denied kms:Decrypt") as told:
        reading.call(DESCRIBE)
    assert "kms:Decrypt" == told.value.grant


@pytest.mark.parametrize(
    ("tail", "policy"),
    [
        (" with an explicit deny in a service control policy", "service control policy"),
        (" because of an explicit deny in an identity-based policy", "identity-based policy"),
        (" with an explicit deny in a permissions boundary", "permissions boundary"),
        (" with an explicit deny in a VPC endpoint policy", "VPC endpoint policy"),
        (" with an explicit deny", "policy"),
    ],
)
def test_an_explicit_deny_is_no_missing_grant(reading, wire, say, tail, policy):
    """
    Nothing that is granted helps: the reader learns which kind of policy denies.
    """
    user = "User: arn:aws:sts::1:assumed-role/ecs-pull-read/x is not authorized to perform:"
    message = f"{user} ecr:DescribeImages on resource: r{tail}"
    wire.says("DescribeImages", say.refusal("AccessDeniedException", 400, message))

    with pytest.raises(CannotTell) as told:
        reading.call(DESCRIBE)
    assert f"denied ecr:DescribeImages by an explicit Deny in a {policy}" == told.value.because
    assert told.value.grant is None


def test_a_refusal_in_the_words_of_ec2(reading, wire, say):
    """
    EC2 says UnauthorizedOperation.
    """
    wire.says("DescribeSubnets", say.ec2_refusal("UnauthorizedOperation"))

    with pytest.raises(CannotTell) as told:
        reading.pages(Call("ec2", "describe_subnets", {}), "Subnets")
    assert "ec2:DescribeSubnets" == told.value.grant


@pytest.mark.parametrize("code", ["ExpiredTokenException", "UnrecognizedClientException"])
def test_bad_credentials_are_nobodys_grant(reading, wire, say, code):
    """
    No grant helps where the credentials are wrong.
    """
    wire.says("DescribeImages", say.refusal(code))

    with pytest.raises(CannotTell, match=r"^no credentials$") as told:
        reading.call(DESCRIBE)
    assert told.value.grant is None


def test_two_throttles_are_waited_out(reading, wire, say):
    """
    A short burst of throttling is not worth a word.
    """
    throttle = say.refusal("ThrottlingException")
    wire.says("DescribeImages", throttle, throttle, say.ok({"imageDetails": []}))

    assert [] == reading.call(DESCRIBE)["imageDetails"]


def test_lasting_throttling_is_said(reading, wire, say):
    """
    After three attempts the bot gives up and says why.
    """
    wire.says("DescribeImages", say.refusal("ThrottlingException"))

    with pytest.raises(CannotTell, match=r"^throttled ecr:DescribeImages$"):
        reading.call(DESCRIBE)
    assert 3 == len(wire.asked)


def test_no_answer_is_said(doors, wire):
    """
    An endpoint that does not answer leaves the fact unknown.
    """
    wire.url = "http://127.0.0.1:9"
    reading = doors(ACCOUNT).visit().read(ACCOUNT.id, "eu-west-1")

    with pytest.raises(CannotTell, match=r"^no answer from ecr$"):
        reading.call(DESCRIBE)


def test_an_error_of_aws_is_said(reading, wire, say):
    """
    Other errors are named with the action that met them.
    """
    wire.says("DescribeImages", say.refusal("InvalidParameterException"))

    with pytest.raises(CannotTell, match=r"^error InvalidParameterException from ecr:Descr"):
        reading.call(DESCRIBE)


def test_a_malformed_call_is_not_a_crash(reading):
    """
    A name too short for ECR comes from outside, and must not hide other facts.
    """
    with pytest.raises(CannotTell, match=r"^error ParamValidationError from ecr:"):
        reading.call(Call("ecr", "describe_images", {"repositoryName": "a"}))


def test_every_page_is_read_and_counted(visit, reading, wire, say):
    """
    A list goes on until AWS says that it ends.
    """
    wire.says(
        "ListTasks",
        say.ok({"taskArns": ["a", "b"], "nextToken": "more"}),
        say.ok({"taskArns": ["c"]}),
    )

    assert ["a", "b", "c"] == reading.pages(Call("ecs", "list_tasks", {}), "taskArns")
    assert 2 == visit.calls


def test_clients_are_made_once_for_all_threads(doors, wire, say):
    """
    However many threads ask first, there is one client, and every call is counted.
    """
    wire.says("DescribeImages", say.ok({"imageDetails": []}))
    visit = doors(ACCOUNT).visit()
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: visit.read(ACCOUNT.id, "eu-west-1").call(DESCRIBE), range(24))
        )
    here = visit.read(ACCOUNT.id, "eu-west-1")

    assert 24 == len(answers) == visit.calls
    assert here.clients.get("ecr", "eu-west-1") is here.clients.get("ecr", "eu-west-1")
    assert here.clients.get("ecr", "eu-west-1") is not here.clients.get("ecr", "us-east-1")


def test_patience_is_bounded():
    """
    No call may hold a diagnosis for long.
    """
    assert (2, 5) == (CONFIG.connect_timeout, CONFIG.read_timeout)
    assert CONFIG.max_pool_connections >= 32


def test_together_really_is_together():
    """
    Questions that do not need each other are asked at the same time, and answered in order.
    """
    meet = threading.Barrier(3, timeout=5)

    assert [0, 1, 2] == together(*(lambda i=i: meet.wait() * 0 + i for i in range(3)))
