"""Every collector against an estate that enforces IAM, with exactly the policy we ask people for."""

import json
import re
from datetime import UTC, datetime

import boto3
import pytest

from bot import symptom
from bot.accounts_file import accounts_from
from bot.actions import NEVER, READS
from bot.aws import COLLECTORS
from bot.aws.accounts import Doors, RegistryAccount, Visit, WorkloadAccount
from bot.aws.client import Refused
from bot.evidence import gather, produces
from bot.facts import (
    Choice,
    ExecutionRolePermissions,
    KnownRegistries,
    Now,
    PullingRolePermissions,
    RegistrySecret,
    RepositoriesElsewhere,
    Repository,
    Service,
    Subject,
    TaskDefinition,
    Vpc,
)
from bot.model import Call, Plan, Step, Unknown
from bot.permissions import read_policy
from bot.steps import with_images
from bot.symptom import Symptom
from playground import scenarios
from playground.estate import Estate

READ = read_policy("*")  # one policy that fits each of the playground's accounts
SHOWN = ("image-tag-missing", "registry-secret-unreadable", "repository-missing", "console")
DOORS = (WorkloadAccount, RegistryAccount)


@pytest.fixture(scope="module")
def estate():
    built = Estate()
    built.serve()
    try:
        scenarios.build(built, SHOWN)
        yield built
    finally:
        built.stop()


@pytest.fixture(scope="module")
def doors(estate):
    own = scenarios.credentials(estate)
    session = boto3.Session(
        own["AWS_ACCESS_KEY_ID"], own["AWS_SECRET_ACCESS_KEY"], region_name="us-east-1"
    )
    return Doors(ACCOUNTS, endpoint_url=estate.url, session=session)


ACCOUNTS = accounts_from(scenarios.accounts_yaml())


@pytest.fixture
def look(doors):
    """Gather every fact about the service of a scenario, or about this subject."""

    def gathered(name, subject=None):
        shown = next(s for s in scenarios.SCENARIOS if s.name == name)
        visit = doors.visit()
        given = {
            Subject: subject or Subject(shown.account, shown.region, shown.cluster, shown.service),
            Now: Now(datetime(2026, 5, 1, tzinfo=UTC)),
            KnownRegistries: KnownRegistries(
                tuple((a.id, r) for a in ACCOUNTS.items for r in a.regions)
            ),
            Symptom: symptom.EMPTY,
            Visit: visit,
            Choice: Choice(),
        }
        facts = gather(map(produces, COLLECTORS), given, COLLECTORS)
        return {f: v for f, v in facts.items() if f not in (*given, *DOORS)}, visit.calls

    return gathered


@pytest.fixture
def without(estate):
    """Take actions out of the read role of every account, until the test ends."""

    def write(policy):
        for account in ACCOUNTS.items:
            estate.client("iam", account.id, "us-east-1").put_role_policy(
                RoleName="ecs-pull-read",
                PolicyName="ecs-pull-read",
                PolicyDocument=json.dumps(policy),
            )

    def take(*actions):
        statements = [
            {**s, "Action": [a for a in s["Action"] if a not in actions]} for s in READ["Statement"]
        ]
        write({**READ, "Statement": [s for s in statements if s["Action"]]})

    yield take
    write(READ)


@pytest.mark.parametrize("name", SHOWN)
def test_the_read_policy_is_enough(estate, look, name):
    """
    With the policy that we print, nothing stays unknown, and a diagnosis is few calls.
    """
    before = len(estate.calls)
    facts, calls = look(name)

    assert [] == [f for f in facts.values() if isinstance(f, Unknown)]
    assert calls <= 30
    asked = {c.action for c in estate.calls[before:]}
    assert not [a for a in asked for n in NEVER if re.fullmatch(n.replace("*", ".*"), a)]


@pytest.mark.parametrize("action", sorted(READS))
def test_each_missing_permission_is_named(look, without, action):
    """
    Whatever is taken from the read role: what it hides names the grant, and nothing else changes.
    """
    whole, _ = look("registry-secret-unreadable")
    without(action)
    facts, _ = look("registry-secret-unreadable")
    hidden = {f.__name__: v.grant for f, v in facts.items() if isinstance(v, Unknown)}

    assert set(hidden.values()) <= {action}
    before, after = whole[ExecutionRolePermissions], facts[ExecutionRolePermissions]
    if action == "iam:SimulatePrincipalPolicy":  # then the policies are read, to the same end
        assert ("simulated", "evaluated") == (before.how, after.how)
        assert [p.decision for p in before.items] == [p.decision for p in after.items]
    if action in ("iam:SimulatePrincipalPolicy", "secretsmanager:DescribeSecret"):
        # An unknown secret has no ARN to ask about, of the role that pulls either.
        del facts[ExecutionRolePermissions], facts[PullingRolePermissions]
    seen = {f: v for f, v in facts.items() if not isinstance(v, Unknown)}
    assert {f: v for f, v in whole.items() if f in seen} == seen


@pytest.mark.parametrize(
    ("action", "fact"),
    [
        ("ecs:ListTasks", "StoppedTask"),
        ("ecs:DescribeServices", "Service"),
        ("ecs:DescribeTaskDefinition", "TaskDefinition"),
        ("ecr:DescribeRepositories", "Repository"),
        ("ecr:GetRepositoryPolicy", "RepositoryPolicy"),
        ("iam:GetRole", "ExecutionRole"),
        ("iam:ListRolePolicies", "AttachedPolicies"),
        ("ec2:DescribeSubnets", "Subnets"),
        ("ec2:DescribeVpcAttribute", "Vpc"),
        ("ec2:DescribeManagedPrefixLists", "PrefixLists"),
    ],
)
def test_a_missing_permission_hides_its_fact(look, without, action, fact):
    """
    What could not be read is unknown, for want of exactly this grant.
    """
    without(action)
    facts, _ = look("image-tag-missing")
    (found,) = [v for f, v in facts.items() if f.__name__ == fact]

    assert isinstance(found, Unknown)
    assert (f"denied {action}", action) == (found.because, found.grant)


def test_what_the_estate_holds_is_found(look):
    """
    A few values that a cause would build on.
    """
    gone, _ = look("repository-missing")
    secret, _ = look("registry-secret-unreadable")

    assert not gone[Repository].exists
    assert gone[RepositoriesElsewhere].arns
    assert secret[RegistrySecret].exists
    assert gone[Vpc].dns_support


def test_a_service_that_does_not_exist(look):
    """
    A name of nothing is an answer, and costs nothing more.
    """
    subject = Subject("222233334444", "ap-northeast-1", "main", "no-such-service")
    facts, calls = look("image-tag-missing", subject)

    assert not facts[Service].exists
    assert calls <= 3


def test_a_fix_session_attaches_only_the_policy_of_its_plan(doors):
    """
    Enforced, not only written: another policy on the same role is refused.
    """
    managed = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
    role = {"RoleName": "worker-execution"}
    shown = next(s for s in scenarios.SCENARIOS if s.name == "registry-secret-unreadable")
    arn = f"arn:aws:iam::{shown.account}:role/worker-execution"
    do = Call("iam", "attach_role_policy", {**role, "PolicyArn": managed})
    undo = Call("iam", "detach_role_policy", {**role, "PolicyArn": managed})
    plan = Plan(
        (Step("role-policy-attachment", shown.account, shown.region, arn, None, None, do, undo),),
        "low",
    )
    door = doors.fix(shown.account, shown.region, approver="U02BORA", plan=plan, reference="r")
    door.call(do)
    carried = door.pages(Call("iam", "list_attached_role_policies", role), "AttachedPolicies")
    door.call(undo)

    assert managed in [p["PolicyArn"] for p in carried]
    admin = {**role, "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    with pytest.raises(Refused, match="AccessDenied"):
        door.call(Call("iam", "attach_role_policy", admin))


def test_a_fix_session_registers_and_deploys(doors, look):
    """
    A new revision hands two roles to ECS and may carry tags, which are permissions of their own.
    """
    shown = next(s for s in scenarios.SCENARIOS if s.name == "image-tag-missing")
    facts, _ = look("image-tag-missing")
    owner, definition = facts[Service], facts[TaskDefinition]
    image = definition.containers[0].image.replace("v1.0.0", "v1.0.1")
    plan = with_images(owner, definition, {"app": image})
    door = doors.fix(shown.account, shown.region, approver="U02BORA", plan=plan, reference="r")
    register, deploy = plan.steps
    revision = door.call(register.do)["taskDefinition"]["taskDefinitionArn"]
    update = {**deploy.do.params, "taskDefinition": revision}

    assert revision == door.call(Call("ecs", "update_service", update))["service"]["taskDefinition"]
    door.call(deploy.undo)
    door.call(Call("ecs", "deregister_task_definition", {"taskDefinition": revision}))


def test_a_fix_session_can_do_its_plan_and_no_more(doors):
    """
    The role could change any service; this session changes one.
    """
    subject = next(s for s in scenarios.SCENARIOS if s.name == "image-tag-missing")
    cluster = f"arn:aws:ecs:{subject.region}:{subject.account}"
    do = Call("ecs", "update_service", {"cluster": "main", "service": subject.service})
    step = Step(
        "service-deployment", subject.account, subject.region,
        f"{cluster}:service/main/{subject.service}", None, None, do, None,
    )  # fmt: skip
    door = doors.fix(
        subject.account,
        subject.region,
        approver="U02BORA",
        plan=Plan((step,), "low"),
        reference="r",
    )
    read = Call("ecs", "describe_services", {"cluster": "main", "services": [subject.service]})

    assert "ACTIVE" == door.call(do)["service"]["status"]
    assert door.call(read)["services"]
    for call in (
        Call("ecs", "update_service", {"cluster": "main", "service": "console"}),
        Call("ecr", "delete_repository_policy", {"repositoryName": "shop-web"}),
    ):
        with pytest.raises(Refused, match="AccessDenied"):
            door.call(call)
