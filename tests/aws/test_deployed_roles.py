"""Exactly the roles of deploy/ on the estate: enough for every diagnosis and fix, and for no more."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest
import yaml
from botocore.exceptions import ClientError

from bot.accounts_file import accounts_from
from bot.actions import READS
from bot.aws import COLLECTORS, listing
from bot.aws.accounts import Doors
from bot.aws.client import Refused
from bot.aws.shared import Shared
from bot.diagnosing import FILTERS
from bot.evidence import gather
from bot.facts import Subject
from bot.model import Call, CannotTell, Plan, Unknown
from bot.permissions import fix_policy, session_policy
from bot.service import Service
from bot.store import Store
from bot.symptom import EMPTY
from playground import scenarios
from playground.estate.world import WORLD
from playground.scenarios.lab import Lab
from playground.scenarios.places import EXTERNAL_ID, TOOLS
from tests.support.estate import estate, session, unbound
from tests.support.sealing import SEAL

pytestmark = pytest.mark.no_cover  # much work: tracing would double it

TEMPLATE = yaml.safe_load(Path("deploy/ecs-pull-roles.yaml").read_text("utf-8"))
ACCOUNTS = accounts_from(scenarios.accounts_yaml())
WORKLOAD, TOKYO, VIRGINIA = "222233334444", "ap-northeast-1", "us-east-1"
BOT = f"arn:aws:iam::{TOOLS}:user/ecs-pull-bot"
HOSTED = Subject(WORKLOAD, VIRGINIA, "hosts", "hosted")  # on a host, in a VPC with its own DNS
FIXABLE = [s for s in scenarios.SCENARIOS if s.fixable]
SIMULATE = "iam:SimulatePrincipalPolicy"
# Asked where IAM may not be asked to simulate; then they are what the answer hangs on.
IN_PLACE_OF_SIMULATING = {
    "iam:GetPolicy", "iam:GetPolicyVersion", "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies", "iam:ListRolePolicies",
}  # fmt: skip
ENDPOINT_KINDS = ("vpc-endpoint-private-dns", "vpc-endpoint-policy", "vpc-endpoint-routes")
LISTS = {
    "ecs:ListClusters": listing.clusters,
    "ecs:ListServices": lambda door: listing.services(door, "main"),
}


def filled(value, account):
    """What CloudFormation makes of *value* in *account*."""
    sent = {
        "AWS::AccountId": account, "AWS::Partition": "aws", "BotPrincipalArn": BOT,
        "ExternalId": EXTERNAL_ID, "RoleName": "ecs-pull",
    }  # fmt: skip
    if isinstance(value, dict):
        if "Ref" in value:
            return sent[value["Ref"]]
        if "Fn::Sub" in value:
            return re.sub(r"\$\{([^}]+)\}", lambda m: sent[m[1]], value["Fn::Sub"])
        return {k: filled(v, account) for k, v in value.items()}
    return [filled(v, account) for v in value] if isinstance(value, list) else value


def deploy(world, without=frozenset()):
    """Make both roles of every account what the template says, without these actions."""
    for account in ACCOUNTS.items:
        iam = world.client("iam", account.id, VIRGINIA)
        for resource in TEMPLATE["Resources"].values():
            role = filled(resource["Properties"], account.id)
            (inline,) = role["Policies"]
            kept = [
                {**s, "Action": [a for a in s["Action"] if a not in without]}
                for s in inline["PolicyDocument"]["Statement"]
            ]
            policy = {**inline["PolicyDocument"], "Statement": [s for s in kept if s["Action"]]}
            iam.put_role_policy(
                RoleName=role["RoleName"], PolicyName=inline["PolicyName"], PolicyDocument=json.dumps(policy)
            )  # fmt: skip
            iam.update_assume_role_policy(
                RoleName=role["RoleName"], PolicyDocument=json.dumps(role["AssumeRolePolicyDocument"])
            )  # fmt: skip


def host(world):
    """Let a service fail on a host of its own."""
    ecs, ec2 = (world.client(s, WORKLOAD, VIRGINIA) for s in ("ecs", "ec2"))
    servers = [{"Key": "domain-name-servers", "Values": ["10.0.0.2"]}]
    options = ec2.create_dhcp_options(DhcpConfigurations=servers)["DhcpOptions"]["DhcpOptionsId"]
    image = f"{WORKLOAD}.dkr.ecr.{VIRGINIA}.amazonaws.com/nothing:v1"
    container = {"name": "app", "image": image, "memory": 64}
    role = Lab(world).role("hosted-execution")
    ecs.create_cluster(clusterName="hosts")
    ecs.register_task_definition(
        family="hosted", containerDefinitions=[container], executionRoleArn=role
    )
    machine = ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)["Instances"][0]
    ec2.associate_dhcp_options(DhcpOptionsId=options, VpcId=machine["VpcId"])
    document = json.dumps({"instanceId": machine["InstanceId"]})
    ecs.register_container_instance(cluster="hosts", instanceIdentityDocument=document)
    ecs.create_service(
        cluster="hosts", serviceName="hosted", taskDefinition="hosted", desiredCount=1
    )
    world.tick()


@pytest.fixture(scope="module")
def world():
    with estate() as made:
        host(made)
        deploy(made)
        yield made


@pytest.fixture(scope="module")
def pool():
    with ThreadPoolExecutor(24) as made:
        yield made


@pytest.fixture(scope="module")
def doors(world):
    return Doors(ACCOUNTS, endpoint_url=world.url, session=session(world))


@pytest.fixture
def service(world, doors, empty_redis, pool):
    world.calls.clear()
    doors.shared = Shared()
    return Service(ACCOUNTS, doors, Store.at(empty_redis, SEAL), pool)


def subject(scenario):
    return Subject(scenario.account, scenario.region, scenario.cluster, scenario.service)


SUBJECTS = {s.name: subject(s) for s in scenarios.SCENARIOS} | {"hosted": HOSTED}


def seen(service, name):
    """The causes that are confirmed, and the grants that some fact is unknown for."""
    look = service.look(SUBJECTS[name], EMPTY)
    confirmed = {e.id for e in look.report(monotonic()).confirmed}
    facts = look.facts
    if name == "hosted":  # its pull was answered; here what need not be asked then is asked too
        asked = {k: v for k, v in facts.items() if getattr(v, "because", "") != "not asked"}
        facts = gather(FILTERS, asked, COLLECTORS)
    return confirmed, {f.grant for f in facts.values() if isinstance(f, Unknown)}


@pytest.fixture(scope="module")
def whole(world, pool):
    """What every diagnosis confirms with the whole policy, and the actions that it takes."""
    doors = Doors(ACCOUNTS, endpoint_url=world.url, session=session(world))
    service = Service(ACCOUNTS, doors, Store.at("redis://127.0.0.1:1/0", SEAL), pool)
    found = {}
    for name in SUBJECTS:
        world.calls.clear()
        confirmed, unknown = seen(service, name)
        found[name] = confirmed, unknown, [*world.calls]
    return found


@pytest.mark.parametrize("scenario", scenarios.SCENARIOS, ids=lambda s: s.name)
def test_the_read_role_is_enough(whole, scenario):
    """
    Every service is diagnosed, each broken one by its cause, and no call is denied.
    """
    confirmed, unknown, calls = whole[scenario.name]

    assert ({scenario.cause} if scenario.cause else set()) <= confirmed
    assert bool(scenario.cause) == bool(confirmed)
    assert set() == unknown - {None}
    assert [] == [c for c in calls if not c.allowed]


@pytest.mark.parametrize("action", sorted(set(READS) - LISTS.keys()))
def test_each_grant_that_is_missing_is_named(service, world, whole, action):
    """
    Without one action: some diagnosis names exactly that grant, and none confirms anything new.
    """
    gone = {action, SIMULATE} if action in IN_PLACE_OF_SIMULATING else {action}
    asking = [n for n, (*_, calls) in whole.items() if action in {c.action for c in calls}]
    names = spread(asking) if asking else ["image-tag-missing", "hosted"]
    deploy(world, without=gone)
    try:
        found = {name: seen(service, name) for name in names}
    finally:
        deploy(world)

    assert {n: set() for n in names} == {n: c - whole[n][0] for n, (c, _) in found.items()}
    grants = set().union(*(unknown for _, unknown in found.values())) - {None}
    if action == SIMULATE:  # then the policies are read, and nothing stays unknown
        assert set() == grants
    else:  # where simulating would tell as much, that may be what is asked for
        assert action in grants or grants == {SIMULATE} < gone
        assert grants <= gone


def spread(names):
    """At most three of *names*, from all over the list, and always the hosted service."""
    chosen = names[:: max(1, len(names) // 2)][:3]
    return chosen + (["hosted"] if "hosted" in names and "hosted" not in chosen else [])


@pytest.mark.parametrize("action", LISTS)
def test_each_list_that_is_missing_is_named(service, world, action):
    """
    What there is to choose from cannot be told without exactly this grant.
    """
    deploy(world, without={action})
    try:
        with pytest.raises(CannotTell) as refused:
            LISTS[action](service.doors.visit().read(WORKLOAD, TOKYO))
    finally:
        deploy(world)

    assert action == refused.value.grant


def test_a_secret_stays_closed_whatever_is_attached(world, service):
    """
    Even an administrator's policy beside ours opens no value, because ours denies it.
    """
    iam, admin = (
        world.client("iam", WORKLOAD, VIRGINIA),
        "arn:aws:iam::aws:policy/AdministratorAccess",
    )
    iam.attach_role_policy(RoleName="ecs-pull-read", PolicyArn=admin)
    door = unbound(service.doors.visit().read(WORKLOAD, VIRGINIA))
    named = world.client("secretsmanager", WORKLOAD, VIRGINIA).list_secrets()["SecretList"][0]
    try:
        with pytest.raises(CannotTell, match="denied secretsmanager:GetSecretValue"):
            door.call(Call("secretsmanager", "get_secret_value", {"SecretId": named["ARN"]}))
    finally:
        iam.detach_role_policy(RoleName="ecs-pull-read", PolicyArn=admin)


# --- the fix role ---------------------------------------------------------------------------


def propose(service, name):
    scenario = scenarios.named(name)
    return service.propose(
        subject(scenario), EMPTY, scenario.cause,
        asked_by="U01ALICE", channel="C01SHOP", thread="1.0", report="1.1",
    )  # fmt: skip


def outside(step):
    """Calls that the fix role may make somewhere, and the session of this step may not."""
    params = step.do.params
    other = {
        "repository-policy": {**params, "repositoryName": "another"},
        "image-storage-class": {**params, "repositoryName": "another"},
        "role-policy-attachment": {**params, "RoleName": "worker-execution"},
        "role-inline-policy": {**params, "RoleName": "worker-execution"},
        "role-trust-policy": {**params, "RoleName": "worker-execution"},
        "task-definition-revision": {**params, "executionRoleArn": f"arn:aws:iam::{step.account}:role/x"},
        "secret-deletion": {"SecretId": "another"},
        "container-instance-status": {**params, "containerInstances": ["another"]},
        "container-agent": {**params, "containerInstance": "another"},
        "log-group": {"logGroupName": "another"},
        "registry-login": {**params, "Name": "ecs-pull/another/login", "SecretString": "{}"},
        "security-group-rule": {**params, "GroupId": "sg-another"},
        "vpc-attribute": {**params, "VpcId": "vpc-another"},
        **{kind: {**params, "VpcEndpointId": "vpce-another"} for kind in ENDPOINT_KINDS},
        "vpc-endpoint": {**params, "VpcId": "vpc-another"},
    }.get(step.kind, {**params, "service": "console", "taskDefinition": "console"})  # fmt: skip
    if step.kind.startswith("service-"):
        other = {k: other[k] for k in ("cluster", "service")}
    yield Call(step.do.service, step.do.operation, other)
    yield Call("ecr", "delete_repository_policy", {"repositoryName": "another"})
    yield Call(
        "iam",
        "put_role_policy",
        {"RoleName": "worker-execution", "PolicyName": "x", "PolicyDocument": "{}"},
    )
    yield Call("ecs", "delete_cluster", {"cluster": "main"})
    if policy := params.get("PolicyArn"):
        admin = f"{policy.partition('/')[0]}/AdministratorAccess"
        yield Call(step.do.service, step.do.operation, {**params, "PolicyArn": admin})


@pytest.mark.parametrize("scenario", FIXABLE, ids=lambda s: s.name)
def test_outside_its_plan_a_session_can_do_nothing(service, world, scenario):
    """
    The same call on another resource, other calls on it: all denied, for every fix that there is.
    """
    fix = propose(service, scenario.name)
    world.calls.clear()

    for step in fix.plan.steps:
        door = unbound(
            service.doors.fix(
                step.account, step.region, approver="U02BORA", plan=fix.plan, reference=fix.id
            )
        )
        for call in outside(step):
            with pytest.raises(Refused, match=r"AccessDenied|UnauthorizedOperation"):
                door.call(call)

    assert {"sts:AssumeRole"} == {c.action for c in world.calls if c.allowed}


def test_a_session_carries_who_approved_what(service, world):
    """
    Source identity and tags name the approver, the plan and the fix; it ends after 15 minutes.
    """
    from moto.sts.models import sts_backends

    fix = propose(service, "execution-role-lacks-image-read")
    service.approve(fix.id, user="U02BORA", groups=(), shown=fix.hash[:16])
    before = set(WORLD.sessions)
    service.apply(fix.id)

    (key,) = (k for k in set(WORLD.sessions) - before if WORLD.sessions[k].source_identity)
    made = WORLD.sessions[key]
    assert "U02BORA" == made.source_identity
    assert {"plan": fix.hash[:16], "approver": "U02BORA", "reference": fix.id} == made.tags
    assert 1 == len(made.policies)
    (kept,) = [
        s for b in sts_backends.values() for s in b["aws"].assumed_roles if s.access_key_id == key
    ]
    assert (
        timedelta(0)
        < kept.expiration.replace(tzinfo=UTC) - datetime.now(UTC)
        <= timedelta(minutes=15)
    )
    service.request_undo(fix.id, user="U02BORA", groups=())
    assert "undone" == service.undo(fix.id).state


RIGHT = {
    "RoleArn": f"arn:aws:iam::{WORKLOAD}:role/ecs-pull-fix", "RoleSessionName": "ecs-pull-fix-x",
    "ExternalId": EXTERNAL_ID, "SourceIdentity": "U02BORA",
    "Tags": [{"Key": "plan", "Value": "p"}, {"Key": "approver", "Value": "U02BORA"}],
}  # fmt: skip
STRANGER = [{"Key": "plan", "Value": "p"}, {"Key": "admin", "Value": "yes"}]


@pytest.mark.parametrize(
    "wrong",
    [
        {"ExternalId": "guessed-external-id"},
        {"ExternalId": None},
        {"SourceIdentity": None},
        {"SourceIdentity": "ecs-pull-bot"},
        {"Tags": None},
        {"Tags": STRANGER},
        {"DurationSeconds": 7200},
    ],
    ids=str,
)
def test_the_fix_role_does_not_open_otherwise(world, wrong):
    """
    Without the external id, a person's name or the plan, or for longer than an hour: refused.
    """
    sts = session(world).client("sts", endpoint_url=world.url)
    sts.assume_role(**RIGHT)

    asked = {k: v for k, v in (RIGHT | wrong).items() if v is not None}
    with pytest.raises(ClientError, match=r"AccessDenied|ValidationError"):
        sts.assume_role(**asked)


def test_the_fix_role_cannot_widen_the_bot(world):
    """
    Even without a session policy it changes neither itself nor the read role.
    """
    import boto3

    given = session(world).client("sts", endpoint_url=world.url).assume_role(**RIGHT)["Credentials"]
    iam = boto3.client(
        "iam", region_name=VIRGINIA, endpoint_url=world.url, aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"], aws_session_token=given["SessionToken"],
    )  # fmt: skip

    for role in ("ecs-pull-fix", "ecs-pull-read"):
        with pytest.raises(ClientError, match="AccessDenied"):
            iam.put_role_policy(RoleName=role, PolicyName="more", PolicyDocument="{}")


def test_a_role_without_the_tag_keeps_its_trust(service, world):
    """
    Whom a role trusts is changed only where its owner said so; a forged plan cannot either.
    """
    fix = propose(service, "execution-role-untrusted")
    (step, _) = fix.plan.steps
    other = step.resource.replace("invoice", "worker")
    named = {**step.do.params, "RoleName": "worker-execution"}
    forged = replace(step, resource=other, do=replace(step.do, params=named))
    plan = Plan((forged,), "low")
    door = service.doors.fix(
        step.account, step.region, approver="U02BORA", plan=plan, reference=fix.id
    )

    with pytest.raises(Refused, match="AccessDenied"):
        door.call(forged.do)


def test_a_session_policy_that_is_too_long_is_refused_with_its_reason(service):
    """
    Nothing is asked of STS; the refusal says what is too long.
    """
    fix = propose(service, "image-tag-missing")
    step = fix.plan.steps[-1]
    many = Plan(tuple(replace(step, resource=f"{step.resource}-{n}" * 9) for n in range(9)), "low")

    with pytest.raises(Refused, match="session policy is longer than 2048") as refused:
        service.doors.fix(step.account, step.region, approver="U02BORA", plan=many, reference="r")

    assert "PolicyTooLong" == refused.value.code


def test_the_fix_role_has_nothing_that_no_plan_needs(service):
    """
    Taken together, the sessions of all fixes that there are need every action of the fix role.
    """

    def allowed(policy):
        return {
            a
            for s in policy["Statement"]
            if s["Effect"] == "Allow"
            for a in ([s["Action"]] if isinstance(s["Action"], str) else s["Action"])
        }

    needed = set()
    for scenario in FIXABLE:
        fix = propose(service, scenario.name)
        for plan in (fix.plan, *variants(service, fix)):
            needed |= allowed(session_policy(plan))

    assert allowed(fix_policy("*")) == needed


def variants(service, fix):
    """The plan of *fix* in each other way that it may be made."""
    return [service.choose(fix.id, choice).plan for choice in fix.choices]
