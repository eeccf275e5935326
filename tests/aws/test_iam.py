"""What IAM tells about roles, and whether they may pull."""

import json

import pytest

from bot.aws.accounts import WorkloadAccount
from bot.aws.client import NotFound
from bot.aws.iam import attached_policies, execution_role, task_role
from bot.aws.reference import split
from bot.aws.rights import (
    execution_role_permissions,
    instance_role_permissions,
    task_role_permissions,
)
from bot.aws.secrets import registry_secret
from bot.facts import (
    AttachedPolicies,
    Container,
    ExecutionRole,
    ExecutionRolePermissions,
    InstanceRole,
    PullingRole,
    RegistrySecret,
    TaskDefinition,
    TaskRole,
    TaskRolePermissions,
)
from bot.model import CannotTell, Unknown

NAME = "arn:aws:iam::222233334444:role/team/web"
IMAGE = split("333344445555.dkr.ecr.eu-west-1.amazonaws.com/my-app:v1", "app")
REPOSITORY = "arn:aws:ecr:eu-west-1:333344445555:repository/my-app"
SECRET = "arn:aws:secretsmanager:eu-west-1:222233334444:secret:hub-a1b2c3"
ROLE = ExecutionRole(NAME, "web", exists=True)
UNSET = RegistrySecret(None)
DENIED = CannotTell("denied iam:SimulatePrincipalPolicy", "iam:SimulatePrincipalPolicy")


@pytest.fixture
def here(door):
    def make(**answers):
        return WorkloadAccount(door(answers))

    return make


def definition(execution=None, task=None, credentials=None):
    app = Container("app", IMAGE.written, credentials=credentials)
    return TaskDefinition("arn:td", "web", 7, execution, task, "awsvpc", (app,))


# --- roles


def test_a_role_that_is_unset_is_not_asked_for(here):
    """
    No role and a role of another account are known without a call.
    """
    account = here()
    foreign = "arn:aws:iam::999988887777:role/web"

    assert ExecutionRole(None) == execution_role(account, definition())
    assert TaskRole(None) == task_role(account, definition())
    assert ExecutionRole(foreign, "web") == execution_role(account, definition(foreign))
    assert [] == account.door.asked


def test_a_role_that_is_missing(here):
    """
    A deleted role is an answer.
    """
    assert ExecutionRole(NAME, "web") == execution_role(here(), definition(NAME))
    assert TaskRole(NAME, "web") == task_role(here(), definition(None, NAME))


def test_a_role_as_iam_has_it(here):
    """
    Trust, boundary and tags are read with it; the path is no part of its name.
    """
    trust = {"Statement": []}
    role = {
        "Arn": NAME,
        "RoleName": "web",
        "AssumeRolePolicyDocument": trust,
        "PermissionsBoundary": {"PermissionsBoundaryArn": "arn:b"},
        "Tags": [{"Key": "team", "Value": "web"}],
    }
    account = here(get_role={"Role": role})

    found = execution_role(account, definition(NAME))
    assert ExecutionRole(NAME, "web", True, trust, "arn:b", {"team": "web"}) == found
    assert {"RoleName": "web"} == account.door.asked[0].params


def test_what_a_role_carries(here):
    """
    Managed policies by ARN, inline ones with what they say.
    """
    account = here(
        list_attached_role_policies={"AttachedPolicies": [{"PolicyArn": "arn:m"}]},
        list_role_policies={"PolicyNames": ["one", "two"]},
        get_role_policy=lambda p: {"PolicyDocument": {"Id": p["PolicyName"]}},
    )

    assert AttachedPolicies(("arn:m",), {"one": {"Id": "one"}, "two": {"Id": "two"}}) == (
        attached_policies(account, ROLE)
    )
    assert AttachedPolicies((), {}) == attached_policies(here(), ExecutionRole(NAME, "web"))


# --- what they may


def simulation(decide, **more):
    """IAM's simulator, which names a template of an ARN and not the resource."""

    def answer(params):
        results = [
            {
                "EvalActionName": a,
                "EvalResourceName": "arn:${Partition}:x",
                "EvalDecision": d,
                **more,
            }
            for a in params["ActionNames"]
            if (d := decide(a, params["ResourceArns"][0]))
        ]
        return {"EvaluationResults": results}

    return answer


def test_nobody_is_asked_about_no_role(here):
    """
    A role that is not there may do nothing, and an image from elsewhere needs no action of ECR.
    """
    account = here()
    gone = ExecutionRole(NAME, "web")

    assert ExecutionRolePermissions(()) == execution_role_permissions(account, gone, IMAGE, UNSET)
    assert TaskRolePermissions(()) == task_role_permissions(account, TaskRole(None), IMAGE, UNSET)
    assert () == execution_role_permissions(account, ROLE, split("nginx", "app"), UNSET).items
    assert [] == account.door.asked


def test_the_simulation_is_read_by_resource(here):
    """
    The login is asked about everything, the rest about the repository, the secret about itself.
    """
    decide = {"*": "allowed", REPOSITORY: "implicitDeny", SECRET: "explicitDeny"}
    account = here(simulate_principal_policy=simulation(lambda _, r: decide[r]))
    found = execution_role_permissions(account, ROLE, IMAGE, RegistrySecret("hub", SECRET, True))

    assert {
        ("ecr:GetAuthorizationToken", "*", "allowed"),
        ("ecr:BatchGetImage", REPOSITORY, "implicit-deny"),
        ("ecr:GetDownloadUrlForLayer", REPOSITORY, "implicit-deny"),
        ("ecr:BatchCheckLayerAvailability", REPOSITORY, "implicit-deny"),
        ("secretsmanager:GetSecretValue", SECRET, "explicit-deny"),
    } == {(p.action, p.resource, p.decision) for p in found.items}
    assert "simulated" == found.how


@pytest.mark.parametrize(
    ("detail", "by"),
    [
        ({}, "identity"),
        ({"PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": True}}, "identity"),
        (
            {"PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": False}},
            "boundary",
        ),
        ({"OrganizationsDecisionDetail": {"AllowedByOrganizations": False}}, "scp"),
    ],
)
def test_the_simulation_tells_who_denies(here, detail, by):
    """
    A boundary and the organization are not the role's own policies.
    """
    account = here(simulate_principal_policy=simulation(lambda *_: "implicitDeny", **detail))
    found = execution_role_permissions(account, ROLE, IMAGE, UNSET)

    assert {by} == {p.by for p in found.items}


def test_the_simulation_is_told_what_is_known_of_the_request(here):
    """
    An organization's policy is judged with it, and tells nobody what it misses.
    """
    account = here(simulate_principal_policy=simulation(lambda *_: "allowed"))
    execution_role_permissions(account, ROLE, IMAGE, UNSET)

    for call in account.door.asked:
        given = {e["ContextKeyName"]: e["ContextKeyValues"] for e in call.params["ContextEntries"]}
        assert {"aws:RequestedRegion": ["eu-west-1"], "aws:PrincipalArn": [NAME]}.items() <= (
            given.items()
        )


def test_what_concerns_one_resource_stands_with_it(here):
    """
    The newer answers keep the decision, the boundary and what is missing there.
    """
    one = {
        "EvalResourceName": REPOSITORY,
        "EvalResourceDecision": "implicitDeny",
        "PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": False},
    }
    account = here(
        simulate_principal_policy=simulation(lambda *_: "allowed", ResourceSpecificResults=[one])
    )
    found = execution_role_permissions(account, ROLE, IMAGE, UNSET).items[1]
    assert ("implicit-deny", "boundary", {"boundary": False}) == (
        found.decision,
        found.by,
        found.caps,
    )

    missing = [{**one, "MissingContextValues": ["aws:SourceVpce"]}]
    account = here(
        simulate_principal_policy=simulation(lambda *_: "allowed", ResourceSpecificResults=missing)
    )
    found = execution_role_permissions(account, ROLE, IMAGE, UNSET).items[1]
    assert ("undecided", ("aws:SourceVpce",)) == (found.decision, found.keys)


def test_policies_are_read_where_the_simulation_leaves_a_question(here):
    """
    Whose Deny it is, or what stands behind a boundary; for a plain lack nothing more is asked.
    """
    for decision, read in (("allowed", False), ("implicitDeny", False), ("explicitDeny", True)):
        account = here(**policies(simulation(lambda *_, d=decision: d), ALLOW))
        found = execution_role_permissions(account, ROLE, IMAGE, UNSET)

        assert read == (found.carried is not None)
        assert "simulated" == found.how
    assert ["arn:m"] == [p.name for p in found.carried.policies]
    blocked = {"PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": False}}
    boundary = {"Version": "2012-10-17", "Statement": [LOGIN]}
    account = here(**policies(simulation(lambda *_: "implicitDeny", **blocked), boundary=boundary))
    carried = execution_role_permissions(account, ROLE, IMAGE, UNSET).carried
    assert ("arn:b", boundary) == (carried.boundary.name, carried.boundary.document)


def test_unreadable_policies_leave_the_simulation_as_it_is(here):
    """
    Then the statement has no name.
    """
    answers = policies(simulation(lambda *_: "explicitDeny"), ALLOW)
    answers["list_role_policies"] = CannotTell(
        "denied iam:ListRolePolicies", "iam:ListRolePolicies"
    )
    found = execution_role_permissions(here(**answers), ROLE, IMAGE, UNSET)

    assert {"explicit-deny"} == {p.decision for p in found.items}
    assert None is found.carried


def test_what_only_iam_knows_stays_where_we_decide_the_rest(here):
    """
    A condition is judged on the policies; that the organization refuses, the simulation told.
    """
    more = {
        "MissingContextValues": ["aws:SourceVpc"],
        "OrganizationsDecisionDetail": {"AllowedByOrganizations": False},
    }
    account = here(**policies(simulation(lambda *_: "implicitDeny", **more), ALLOW))
    found = execution_role_permissions(account, ROLE, IMAGE, UNSET)

    assert ("evaluated", ("implicit-deny", "scp")) == (found.how, decisions(found)["BatchGetImage"])


def test_the_instance_role_is_asked_about_where_it_may_pull(here):
    """
    Where the execution role pulls, nobody is asked about the host's.
    """
    account = here(simulate_principal_policy=simulation(lambda *_: "allowed"))
    hosts = InstanceRole(NAME, "web", "profile")
    theirs, ours = (PullingRole(k, NAME) for k in ("instance-role", "execution-role"))

    assert () == instance_role_permissions(account, hosts, ours, IMAGE).items
    assert () == instance_role_permissions(account, InstanceRole(None), theirs, IMAGE).items
    assert [] == account.door.asked
    assert 4 == len(instance_role_permissions(account, hosts, theirs, IMAGE).items)


def test_a_missing_result_is_not_a_denial(here):
    """
    What the simulator leaves out stays open.
    """
    account = here(simulate_principal_policy=simulation(lambda *_: None))
    found = execution_role_permissions(account, ROLE, IMAGE, UNSET)

    assert {"undecided"} == {p.decision for p in found.items}


def policies(simulated, *statements, boundary=None):
    """An account whose role has one managed policy, and maybe a boundary."""
    documents = {
        "arn:m": {"Version": "2012-10-17", "Statement": list(statements)},
        "arn:b": boundary,
    }
    limit = {"PermissionsBoundary": {"PermissionsBoundaryArn": "arn:b"}} if boundary else {}
    return {
        "simulate_principal_policy": simulated,
        "get_role": {"Role": limit},
        "list_attached_role_policies": {"AttachedPolicies": [{"PolicyArn": "arn:m"}]},
        "list_role_policies": {"PolicyNames": []},
        "get_policy": {"Policy": {"DefaultVersionId": "v2"}},
        "get_policy_version": lambda p: {"PolicyVersion": {"Document": documents[p["PolicyArn"]]}},
    }


ALLOW = {"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}
LOGIN = {"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"}


def decisions(found):
    return {p.action.partition(":")[2]: (p.decision, p.by) for p in found.items}


def test_without_the_simulator_the_policies_are_read(here):
    """
    A read role that may not simulate still answers, and says how; the owner's word is not awaited.
    """
    found = execution_role_permissions(here(**policies(DENIED, LOGIN)), ROLE, IMAGE, UNSET)

    assert "evaluated" == found.how
    assert ("allowed", "identity") == decisions(found)["GetAuthorizationToken"]
    assert ("implicit-deny", "identity") == decisions(found)["BatchGetImage"]
    all_of_ecr = execution_role_permissions(here(**policies(DENIED, ALLOW)), ROLE, IMAGE, UNSET)
    assert {"allowed"} == {p.decision for p in all_of_ecr.items}


def test_a_boundary_caps_what_was_read(here):
    """
    The boundary is read like any managed policy.
    """
    boundary = {"Version": "2012-10-17", "Statement": [LOGIN]}
    found = execution_role_permissions(
        here(**policies(DENIED, ALLOW, boundary=boundary)), ROLE, IMAGE, UNSET
    )

    assert ("implicit-deny", "boundary") == decisions(found)["BatchGetImage"]


def test_conditions_the_simulator_cannot_know_are_evaluated(here):
    """
    A denial for want of a context value is no denial: the policies decide what they can.
    """
    elsewhere = {
        "Effect": "Allow", "Action": "s3:*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}},
    }  # fmt: skip
    simulated = simulation(lambda *_: "implicitDeny", MissingContextValues=["aws:SourceVpc"])
    found = execution_role_permissions(
        here(**policies(simulated, LOGIN, elsewhere)), ROLE, IMAGE, UNSET
    )
    assert ("evaluated", ("implicit-deny", "identity")) == (
        found.how,
        decisions(found)["BatchGetImage"],
    )

    here_only = {**ALLOW, "Condition": elsewhere["Condition"]}
    found = execution_role_permissions(here(**policies(simulated, here_only)), ROLE, IMAGE, UNSET)
    assert "undecided" == decisions(found)["BatchGetImage"][0]


def test_neither_simulated_nor_read_names_the_simpler_grant(here):
    """
    One permission would help: simulating.
    """
    with pytest.raises(CannotTell) as told:
        execution_role_permissions(
            here(simulate_principal_policy=DENIED, list_attached_role_policies=CannotTell("denied x", "x")),
            ROLE, IMAGE, UNSET,
        )  # fmt: skip
    assert "iam:SimulatePrincipalPolicy" == told.value.grant


def test_a_throttled_simulator_is_not_flooded_with_more(here):
    """
    IAM is one for the whole account: more calls would make it worse.
    """
    account = here(**policies(CannotTell("throttled iam:SimulatePrincipalPolicy"), ALLOW))

    with pytest.raises(CannotTell, match="throttled"):
        task_role_permissions(account, TaskRole(NAME, "web", exists=True), IMAGE, UNSET)
    assert {"simulate_principal_policy"} == {c.operation for c in account.door.asked}


def test_a_role_that_vanishes_meanwhile(here):
    """
    Between two calls a role may be deleted.
    """
    with pytest.raises(CannotTell, match="does not exist"):
        execution_role_permissions(
            here(simulate_principal_policy=NotFound("NoSuchEntity")), ROLE, IMAGE, UNSET
        )


def test_an_unknown_secret_does_not_hide_the_rest(here):
    """
    The actions of ECR are judged even where the secret cannot be seen.
    """
    account = here(simulate_principal_policy=simulation(lambda *_: "allowed"))
    hidden = Unknown("RegistrySecret", "denied x", "x")

    assert 4 == len(execution_role_permissions(account, ROLE, IMAGE, hidden).items)


# --- the registry's secret


def test_no_credentials_no_call(here):
    """
    A container without repositoryCredentials has no secret.
    """
    account = here()

    assert UNSET == registry_secret(account, definition(), IMAGE)
    assert [] == account.door.asked


def test_a_secret_by_name_and_by_arn(here):
    """
    The ARN tells the Region; the value is never asked for.
    """
    answer = {"ARN": SECRET, "KmsKeyId": "key"}
    account = here(describe_secret=answer)
    far = SECRET.replace("eu-west-1", "us-east-1")

    assert RegistrySecret("hub", SECRET, True, None, "key") == (
        registry_secret(account, definition(credentials="hub"), IMAGE)
    )
    assert RegistrySecret(far, far) == registry_secret(here(), definition(credentials=far), IMAGE)
    assert RegistrySecret("hub") == registry_secret(here(), definition(credentials="hub"), IMAGE)
    assert "get_secret_value" not in json.dumps([c.operation for c in account.door.asked])
