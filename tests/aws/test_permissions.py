"""The policies of the read role, the fix role and a fix's session."""

import json
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bot.aws
from bot.actions import NEVER, READS
from bot.facts import Service, Subject
from bot.logins import kept
from bot.model import Call, Plan, Step, answer
from bot.permissions import (
    SESSION_POLICY_LIMIT,
    action,
    compact,
    fix_policy,
    needed,
    parts,
    read_policy,
    session_policy,
)

ACCOUNT = "222233334444"
SERVICE = "arn:aws:ecs:eu-west-1:222233334444:service/main/web"
FAMILY = "arn:aws:ecs:eu-west-1:222233334444:task-definition/web"
ROLE = "arn:aws:iam::222233334444:role/web-execution"
MANAGED = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
HOSTS = "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role"
OLD = f"{FAMILY}:7"
REVISION = answer(0, "taskDefinition.taskDefinitionArn")


def step(kind, resource, do, undo=None):
    return Step(kind, "222233334444", "eu-west-1", resource, None, None, do, undo)


REGISTER = step(
    "task-definition-revision",
    FAMILY,
    Call("ecs", "register_task_definition", {"family": "web", "executionRoleArn": ROLE}),
    Call("ecs", "deregister_task_definition", {"taskDefinition": REVISION}),
)
UPDATE = step(
    "service-task-definition",
    SERVICE,
    Call("ecs", "update_service", {"service": "web", "taskDefinition": REVISION}),
    Call("ecs", "update_service", {"service": "web", "taskDefinition": OLD}),
)
ATTACH = step(
    "role-policy-attachment",
    ROLE,
    Call("iam", "attach_role_policy", {"RoleName": "web-execution", "PolicyArn": MANAGED}),
    Call("iam", "detach_role_policy", {"RoleName": "web-execution", "PolicyArn": MANAGED}),
)
FORCE = step(
    "service-deployment",
    SERVICE,
    Call("ecs", "update_service", {"service": "web", "forceNewDeployment": True}),
)


def allowed(policy):
    """Every pair of action and resource that *policy* allows."""
    return {
        (a, r)
        for s in policy["Statement"]
        if s["Effect"] == "Allow"
        for a in s["Action"]
        for r in s["Resource"]
    }


def test_reading_never_writes():
    """
    No action of the read role changes anything.
    """
    verbs = {a.partition(":")[2] for a, _ in allowed(read_policy(ACCOUNT))}

    assert all(
        re.match(r"(BatchGet|Describe|List|Lookup|Get|Simulate|Validate)[A-Z]", v) for v in verbs
    ), verbs


def test_reading_never_sees_a_secret():
    """
    Values, keys and tokens are denied by name, whatever else is attached.
    """
    (deny,) = [s for s in read_policy(ACCOUNT)["Statement"] if s["Effect"] == "Deny"]

    assert list(NEVER) == deny["Action"]
    assert "*" == deny["Resource"]


def test_the_read_policy_has_every_call_that_is_made():
    """
    What the code asks AWS is what the read role may do, no more and no less.
    """
    sources = "".join(p.read_text() for p in Path(bot.aws.__file__).parent.glob("*.py"))
    calls = re.findall(r'Call\(\s*"(\w+)",\s*"(\w+)"', sources)
    in_vpc = re.findall(r'in_vpc\(here, inside, "(\w+)"', sources)
    made = {action(Call(s, o, {})) for s, o in [*calls, *(("ec2", o) for o in in_vpc)]}

    everybody = {"sts:AssumeRole", "sts:GetCallerIdentity"}  # these need no permission of the role
    assert made - everybody == set(READS)


def test_the_read_policy_stays_in_the_account():
    """
    Resources are those of the account, where AWS can tell them apart.
    """
    resources = {r for _, r in allowed(read_policy(ACCOUNT))} - {"*"}

    assert all(":222233334444:" in r or r == "arn:aws:iam::aws:policy/*" for r in resources)
    assert "arn:aws:ecr:*:222233334444:repository/*" in resources


def test_the_partition_follows_the_region():
    """
    ARNs in China start otherwise.
    """
    china = allowed(read_policy(ACCOUNT, "cn-north-1"))

    assert ("iam:GetRole", "arn:aws-cn:iam::222233334444:role/*") in china


def test_roles_are_passed_to_tasks_only():
    """
    The fix role can hand a role to ECS tasks and to nothing else.
    """
    passing = [s for s in fix_policy(ACCOUNT)["Statement"] if "iam:PassRole" in s["Action"]]

    assert [{"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}] == [
        s["Condition"] for s in passing
    ]
    assert [["iam:PassRole"]] == [s["Action"] for s in passing]


def test_a_session_can_do_its_plan_and_nothing_else():
    """
    The calls, taking them back, and reading what they change; on these resources alone.
    """
    assert {
        ("ecs:RegisterTaskDefinition", "*"),
        ("ecs:DeregisterTaskDefinition", "*"),
        ("ecs:DescribeTaskDefinition", "*"),
        ("ecs:UpdateService", SERVICE),
        ("ecs:DescribeServices", SERVICE),
        ("iam:PassRole", ROLE),
    } == allowed(session_policy(Plan((REGISTER, UPDATE), "low")))


def test_a_session_for_a_role_touches_that_role():
    """
    Attaching a policy is allowed on the role of the plan only.
    """
    pairs = allowed(session_policy(Plan((ATTACH, FORCE), "low")))

    assert ("iam:AttachRolePolicy", ROLE) in pairs
    assert ("iam:PassRole", "arn:aws:iam::222233334444:role/*") in pairs
    assert not {a for a, r in pairs if r == "*"}


def test_only_the_named_policy_can_be_attached():
    """
    Neither a session nor the fix role can make an administrator of anybody.
    """
    for policy in (fix_policy(ACCOUNT), session_policy(Plan((ATTACH,), "low"))):
        found = [s for s in policy["Statement"] if "iam:AttachRolePolicy" in s["Action"]]

        assert 1 == len(found)
        (named,) = found[0]["Condition"]["ArnEquals"].values()
        names = {named} if isinstance(named, str) else set(named)
        assert names in ({MANAGED}, {MANAGED, HOSTS})


def test_a_secret_is_deleted_only_so_that_it_can_be_restored():
    """
    Neither a session nor the fix role can delete a secret for good.
    """
    arn = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:db-AbCdEf"
    named = {"SecretId": arn}
    again = Call("secretsmanager", "delete_secret", {**named, "RecoveryWindowInDays": 7})
    restore = step("secret-deletion", arn, Call("secretsmanager", "restore_secret", named), again)
    for policy in (fix_policy(ACCOUNT), session_policy(Plan((restore,), "low"))):
        found = [s for s in policy["Statement"] if "secretsmanager:DeleteSecret" in s["Action"]]

        assert [["secretsmanager:DeleteSecret"]] == [s["Action"] for s in found]
        wanted = {"secretsmanager:RecoveryWindowInDays": "7"}
        assert {"NumericGreaterThanEquals": wanted} == found[0]["Condition"]


LOGIN = kept(Subject(ACCOUNT, "eu-west-1", "main", "web"), Service(arn=SERVICE), "ecs-pull/x/login")


def test_a_secret_is_made_only_where_logins_are_kept():
    """
    The fix role makes secrets under one prefix, its session one secret, and neither reads a value.
    """
    start = f"arn:aws:secretsmanager:*:{ACCOUNT}:secret:"
    every, own = allowed(fix_policy(ACCOUNT)), allowed(session_policy(Plan((LOGIN,), "low")))

    assert {f"{start}ecs-pull/*"} == {r for a, r in every if a == "secretsmanager:CreateSecret"}
    one = start.replace("*", "eu-west-1") + "ecs-pull/x/login"
    assert {f"{one}-??????", one} == {r for a, r in own if a == "secretsmanager:CreateSecret"}
    actions = {a for a, _ in every | own}
    assert not {"secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"} & actions


def test_what_waits_for_a_login_has_a_session_of_its_own():
    """
    Another process makes it, and the worker's session could not.
    """
    plan = Plan((LOGIN, REGISTER, UPDATE), "low")
    first, rest = parts(plan)

    assert ((LOGIN,), (REGISTER, UPDATE)) == (first, rest)
    assert "secretsmanager:CreateSecret" not in {a for a, _ in allowed(needed(rest, plan))}
    assert [(REGISTER,), (LOGIN,), (UPDATE,)] == parts(Plan((REGISTER, LOGIN, UPDATE), "low"))


def test_tags_are_part_of_registering():
    """
    A revision that keeps its tags needs one more permission.
    """
    do = Call("ecs", "register_task_definition", {"family": "web", "tags": [{"key": "a"}]})
    tagged = step("task-definition-revision", FAMILY, do)

    assert ("ecs:TagResource", f"{FAMILY}:*") in allowed(session_policy(Plan((tagged,), "low")))


def test_every_plan_of_the_kinds_fits_into_a_session():
    """
    STS takes 2,048 characters; names at their longest leave room.
    """
    long = f"arn:aws:ecs:ap-northeast-1:222233334444:service/{'c' * 255}/{'s' * 255}"
    steps = (REGISTER, step("service-task-definition", long, UPDATE.do, UPDATE.undo), ATTACH)

    assert len(compact(session_policy(Plan(steps, "low")))) <= SESSION_POLICY_LIMIT


def test_a_session_policy_that_is_too_long_is_refused_here():
    """
    STS would refuse it with less to go on.
    """
    steps = tuple(step("service-network", f"{SERVICE}-{i}" * 9, FORCE.do) for i in range(9))

    with pytest.raises(ValueError, match="2048"):
        session_policy(Plan(steps, "low"))


def grown(named, length):
    """A step on a resource, and in calls, with names as long."""
    do = replace(named.do, params={**named.do.params, "tags": [{"key": "a"}]})
    return replace(named, resource=named.resource + "x" * length, do=do)


STEPS = st.builds(
    grown,
    st.sampled_from([REGISTER, UPDATE, ATTACH, FORCE, replace(FORCE, account="333344445555")]),
    st.integers(0, 900),
)


def granted(policy):
    """What *policy* allows, with the condition on it."""
    return {
        (a, r, json.dumps(s.get("Condition"), sort_keys=True))
        for s in policy["Statement"]
        for a in s["Action"]
        for r in s["Resource"]
    }


@given(st.lists(STEPS, min_size=1, max_size=12))
def test_a_plan_is_split_into_what_sessions_can_hold(steps):
    """
    Every step has its session, none reaches further than the whole plan or over an account.
    """
    plan = Plan(tuple(steps), "low")
    found = parts(plan)
    accounts = dict.fromkeys(s.account for s in plan.steps)

    assert [s for a in accounts for s in steps if s.account == a] == [s for p in found for s in p]
    for part in found:
        assert 1 == len({s.account for s in part})
        own = [s for s in plan.steps if s.account == part[0].account]
        assert granted(needed(part, plan)) <= granted(needed(own, plan))
        assert {a for s in part for a in granted(needed([s], plan))} == granted(needed(part, plan))
        assert len(part) == 1 or len(compact(needed(part, plan))) <= SESSION_POLICY_LIMIT


@given(st.lists(STEPS, min_size=1, max_size=8))
def test_what_fits_is_not_split(steps):
    """
    Neighbours are apart only where one session could not hold both.
    """
    plan = Plan(tuple(steps), "low")
    found = parts(plan)

    for one, other in pairwise(found):
        if one[0].account == other[0].account:
            assert len(compact(needed((*one, other[0]), plan))) > SESSION_POLICY_LIMIT


def test_a_deployment_alone_passes_the_roles_of_its_plan():
    """
    Apart from the step that names the roles, its session still passes no others.
    """
    plan = Plan((REGISTER, UPDATE), "low")

    assert {("iam:PassRole", ROLE)} == {
        (a, r) for a, r in allowed(needed((UPDATE,), plan)) if a == "iam:PassRole"
    }


def test_the_fix_role_may_do_what_its_sessions_may():
    """
    A session is the role's permissions cut down: what the role lacks, no session has.
    """
    names = {a for a, _ in allowed(fix_policy(ACCOUNT))}

    for plan in (Plan((REGISTER, UPDATE), "low"), Plan((ATTACH, FORCE), "low")):
        assert {a for a, _ in allowed(session_policy(plan))} <= names


def test_names_of_actions_are_those_of_the_service_models():
    """
    boto3's snake_case turns back into the name in the model.
    """
    for name in READS:
        service, _, verb = name.partition(":")
        operations = boto3.client(service, region_name="eu-west-1").meta.method_to_api_mapping
        (operation,) = [o for o, api in operations.items() if api == verb]

        assert name == action(Call(service, operation, {}))
    assert json.loads(compact(read_policy(ACCOUNT)))
