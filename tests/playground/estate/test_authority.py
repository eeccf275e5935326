"""Who may do what at the door of the estate: the table that a least-privilege test relies on."""

import json

import boto3
import pytest
from botocore.exceptions import ClientError

A, B, REGION = "123456789012", "210987654321", "eu-west-1"
TRUST = {"Effect": "Allow", "Principal": {"AWS": A}, "Action": "sts:AssumeRole"}
SHOP = f"arn:aws:ecr:{REGION}:{A}:repository/shop"


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action, resource="*"):
    return {"Effect": "Deny", "Action": action, "Resource": resource}


def text(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def keys(key, secret, token=None):
    """Return what boto3.client wants; one shared session reads its models only once."""
    return {
        "aws_access_key_id": key,
        "aws_secret_access_key": secret,
        "aws_session_token": token,
        "region_name": REGION,
    }


class People:
    """Makes users, roles and sessions, and asks on their behalf."""

    def __init__(self, estate):
        self.estate, self.count = estate, 0

    def admin(self, service, account=A):
        return self.estate.client(service, account, REGION)

    def _name(self):
        self.count += 1
        return f"someone-{self.count}"

    def user(self, *statements, account=A):
        name, iam = self._name(), self.admin("iam", account)
        iam.create_user(UserName=name)
        if statements:
            iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=text(*statements))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return keys(key["AccessKeyId"], key["SecretAccessKey"])

    def role(self, *statements, account=A, trust=(TRUST,), **more):
        name, iam = self._name(), self.admin("iam", account)
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=text(*trust), **more)
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=text(*statements))
        return f"arn:aws:iam::{account}:role/{name}"

    def call(self, session, service, operation, **params):
        """Return the error code, or None where the call was let through."""
        client = boto3.client(service, endpoint_url=self.estate.url, **session)
        try:
            getattr(client, operation)(**params)
        except ClientError as error:
            self.said = error.response["Error"]["Message"]
            return error.response["Error"]["Code"]
        finally:
            client.close()
        return None

    def assume(self, session, role, **params):
        client = boto3.client("sts", endpoint_url=self.estate.url, **session)
        asked = {"RoleArn": role, "RoleSessionName": "test", **params}
        got = client.assume_role(**asked)["Credentials"]
        client.close()
        return keys(got["AccessKeyId"], got["SecretAccessKey"], got["SessionToken"])


@pytest.fixture(scope="module")
def people(empty):
    made = People(empty)
    for account in (A, B):
        for name in ("shop", "other"):
            made.admin("ecr", account).create_repository(repositoryName=name)
    made.admin("ecs").create_cluster(clusterName="main")
    return made


@pytest.fixture
def caller(people):
    """A user who may assume any role, tagged and with a source identity."""
    return people.user(allow("sts:*"))


# --- identity policies


def test_a_user_without_policies_may_ask_who_they_are_alone(people):
    """
    GetCallerIdentity is for everybody; all else needs a policy.
    """
    nobody = people.user()

    assert people.call(nobody, "sts", "get_caller_identity") is None
    assert people.call(nobody, "ecs", "list_clusters") == "AccessDeniedException"


def test_an_allowed_action_passes_and_another_does_not(people):
    """
    Actions are told apart, with wildcards.
    """
    someone = people.user(allow("ecs:List*"))

    assert people.call(someone, "ecs", "list_clusters") is None
    assert people.call(someone, "ecs", "describe_clusters") == "AccessDeniedException"


def test_an_explicit_deny_wins(people):
    """
    A deny beats any allow.
    """
    someone = people.user(allow("*"), deny("ecs:ListClusters"))

    assert people.call(someone, "ecs", "list_clusters") == "AccessDeniedException"
    assert "with an explicit deny in an identity-based policy" in people.said


def test_a_resource_scopes_the_permission(people):
    """
    A repository allowed is that repository, and no other.
    """
    someone = people.user(allow("ecr:DescribeImages", SHOP))

    assert people.call(someone, "ecr", "describe_images", repositoryName="shop") is None
    assert "AccessDeniedException" == people.call(
        someone, "ecr", "describe_images", repositoryName="other"
    )


def test_the_login_cannot_be_scoped_to_a_repository(people):
    """
    GetAuthorizationToken knows no resource: the typical mistake is a denial.
    """
    someone = people.user(allow("ecr:GetAuthorizationToken", SHOP))

    assert people.call(someone, "ecr", "get_authorization_token") == "AccessDeniedException"


@pytest.mark.parametrize(
    ("service", "operation", "params", "code", "resource"),
    [
        ("ecs", "describe_services", {"cluster": "main", "services": ["web"]},
         "AccessDeniedException", f"arn:aws:ecs:{REGION}:{A}:service/main/web"),
        ("ecr", "describe_images", {"repositoryName": "shop"}, "AccessDeniedException", SHOP),
        ("ec2", "describe_vpcs", {}, "UnauthorizedOperation", "*"),
        ("iam", "get_role", {"RoleName": "gone"}, "AccessDenied",
         f"arn:aws:iam::{A}:role/gone"),
        ("secretsmanager", "describe_secret", {"SecretId": "db"}, "AccessDeniedException",
         f"arn:aws:secretsmanager:{REGION}:{A}:secret:db"),
    ],
)  # fmt: skip
def test_refusals_have_the_shape_of_the_service(people, service, operation, params, code, resource):
    """
    The code is that of the protocol; the sentence names who, what, where and why.
    """
    someone = people.user()

    assert code == people.call(someone, service, operation, **params)
    assert f"on resource: {resource} because no identity-based policy allows" in people.said
    assert f"is not authorized to perform: {service}:" in people.said


def test_a_condition_that_is_not_met_is_no_permission(people):
    """
    Conditions are looked at, those on policy ARNs too.
    """
    only = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    role = people.role().split("/")[1]
    someone = people.user(
        allow("iam:AttachRolePolicy", Condition={"ArnEquals": {"iam:PolicyARN": only}})
    )
    asked = {"RoleName": role, "PolicyArn": only}

    assert people.call(someone, "iam", "attach_role_policy", **asked) is None
    other = {**asked, "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    assert people.call(someone, "iam", "attach_role_policy", **other) == "AccessDenied"


def test_a_policy_variable_is_filled_in(people):
    """
    ${aws:username} is the caller's own name.
    """
    own = "arn:aws:iam::*:user/${aws:username}"
    someone = people.user(allow("iam:ListAccessKeys", own))
    name = f"someone-{people.count}"

    assert people.call(someone, "iam", "list_access_keys", UserName=name) is None
    assert people.call(someone, "iam", "list_access_keys", UserName="someone-1") == "AccessDenied"


def test_handing_a_role_to_ecs_needs_pass_role(people):
    """
    RegisterTaskDefinition with a role is two permissions.
    """
    role = people.role()
    asked = {"family": "web", "executionRoleArn": role, "memory": "512",
             "containerDefinitions": [{"name": "app", "image": "shop"}]}  # fmt: skip
    without = people.user(allow("ecs:RegisterTaskDefinition"))
    passed = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    with_ = people.user(
        allow("ecs:RegisterTaskDefinition"), allow("iam:PassRole", role, Condition=passed)
    )

    assert people.call(without, "ecs", "register_task_definition", **asked) == (
        "AccessDeniedException"
    )
    assert f"iam:PassRole on resource: {role}" in people.said
    assert people.call(with_, "ecs", "register_task_definition", **asked) is None


# --- roles


def test_a_role_that_does_not_exist_cannot_be_assumed(people, caller):
    """
    moto hands credentials of any role out.
    """
    gone = f"arn:aws:iam::{A}:role/gone"

    assert "AccessDenied" == people.call(
        caller, "sts", "assume_role", RoleArn=gone, RoleSessionName="test"
    )


def test_a_role_that_does_not_trust_the_caller_cannot_be_assumed(people, caller):
    """
    The trust policy is half of the permission.
    """
    role = people.role(trust=({**TRUST, "Principal": {"Service": "ec2.amazonaws.com"}},))

    assert "AccessDenied" == people.call(
        caller, "sts", "assume_role", RoleArn=role, RoleSessionName="test"
    )


def test_the_callers_own_policy_is_the_other_half(people):
    """
    A trusted account still decides which of its users may.
    """
    role = people.role(account=B)
    nobody = people.user()

    assert "AccessDenied" == people.call(
        nobody, "sts", "assume_role", RoleArn=role, RoleSessionName="test"
    )


@pytest.mark.parametrize(("given", "code"), [("right", None), ("wrong", "AccessDenied")])
def test_the_external_id_must_be_right(people, caller, given, code):
    """
    The confused deputy stays outside.
    """
    role = people.role(
        account=B, trust=({**TRUST, "Condition": {"StringEquals": {"sts:ExternalId": "right"}}},)
    )
    asked = {"RoleArn": role, "RoleSessionName": "test"}

    assert people.call(caller, "sts", "assume_role", **asked, ExternalId=given) == code
    assert people.call(caller, "sts", "assume_role", **asked) == "AccessDenied"


def test_a_session_acts_in_the_roles_account_with_its_policies(people, caller):
    """
    Calls of an assumed role land in the account of the role.
    """
    session = people.assume(caller, people.role(allow("ecr:DescribeRepositories"), account=B))
    client = boto3.client("ecr", endpoint_url=people.estate.url, **session)

    found = client.describe_repositories()["repositories"]
    assert {B} == {r["registryId"] for r in found}
    assert people.call(session, "ecs", "list_clusters") == "AccessDeniedException"
    client.close()


def test_a_boundary_caps_the_role(people, caller):
    """
    What the boundary does not allow is refused in its name.
    """
    cap = people.admin("iam").create_policy(PolicyName="cap", PolicyDocument=text(allow("ecr:*")))[
        "Policy"
    ]["Arn"]
    session = people.assume(caller, people.role(allow("*"), PermissionsBoundary=cap))

    assert people.call(session, "ecr", "describe_repositories") is None
    assert people.call(session, "ecs", "list_clusters") == "AccessDeniedException"
    assert "because no permissions boundary allows the ecs:ListClusters action" in people.said


def test_a_session_policy_caps_the_session(people, caller):
    """
    An approved fix carries exactly its calls.
    """
    only = text(allow("ecr:DescribeImages", SHOP))
    session = people.assume(caller, people.role(allow("*")), Policy=only)

    assert people.call(session, "ecr", "describe_images", repositoryName="shop") is None
    assert people.call(session, "ecr", "describe_images", repositoryName="other") == (
        "AccessDeniedException"
    )
    assert "because no session policy allows" in people.said


def test_managed_session_policies_count_too(people, caller):
    """
    PolicyArns cap a session as an inline document does.
    """
    arns = [{"arn": "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly"}]
    session = people.assume(caller, people.role(allow("*")), PolicyArns=arns)

    assert people.call(session, "ecr", "describe_repositories") is None
    assert people.call(session, "ecs", "list_clusters") == "AccessDeniedException"


def test_a_session_policy_that_is_too_long_is_refused(people, caller):
    """
    AWS takes 2,048 characters.
    """
    role = people.role(allow("*"))
    long = text(allow(["ecr:DescribeImages"] * 120))

    assert "PackedPolicyTooLarge" == people.call(
        caller, "sts", "assume_role", RoleArn=role, RoleSessionName="test", Policy=long
    )


def test_session_tags_become_principal_tags(people, caller):
    """
    A condition on a principal tag sees what AssumeRole was given.
    """
    tagged = {"StringEquals": {"aws:PrincipalTag/team": "shop"}}
    role = people.role(
        allow("ecs:ListClusters", Condition=tagged),
        trust=({**TRUST, "Action": ["sts:AssumeRole", "sts:TagSession"]},),
    )
    with_tag = people.assume(caller, role, Tags=[{"Key": "team", "Value": "shop"}])

    assert people.call(with_tag, "ecs", "list_clusters") is None
    assert people.call(people.assume(caller, role), "ecs", "list_clusters") == (
        "AccessDeniedException"
    )


@pytest.mark.parametrize(
    ("action", "params"),
    [
        ("sts:SetSourceIdentity", {"SourceIdentity": "U02BORA"}),
        ("sts:TagSession", {"Tags": [{"Key": "change_id", "Value": "c1"}]}),
    ],
)
def test_a_source_identity_and_tags_need_trust_of_their_own(people, caller, action, params):
    """
    The trust policy must allow each of the three actions.
    """
    asked = {"RoleSessionName": "test", **params}
    plain = people.role()
    both = people.role(trust=({**TRUST, "Action": ["sts:AssumeRole", action]},))

    assert people.call(caller, "sts", "assume_role", RoleArn=plain, **asked) == "AccessDenied"
    assert people.call(caller, "sts", "assume_role", RoleArn=both, **asked) is None


def test_a_source_identity_is_seen_by_policies(people, caller):
    """
    Who approved is known for as long as the session lives.
    """
    approver = {"StringLike": {"aws:SourceIdentity": "U*"}}
    role = people.role(
        allow("ecs:ListClusters", Condition=approver),
        trust=({**TRUST, "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"]},),
    )
    session = people.assume(caller, role, SourceIdentity="U02BORA")

    assert people.call(session, "ecs", "list_clusters") is None
    assert people.call(people.assume(caller, role), "ecs", "list_clusters") == (
        "AccessDeniedException"
    )


def test_a_session_lasts_no_longer_than_the_role_allows(people, caller):
    """
    moto takes any duration; a chained session lasts an hour at most.
    """
    asked = {"RoleSessionName": "test", "DurationSeconds": 7200}
    short, long = people.role(), people.role(allow("sts:*"), MaxSessionDuration=43200)
    chained = people.assume(caller, long)

    assert "ValidationError" == people.call(caller, "sts", "assume_role", RoleArn=short, **asked)
    assert people.call(caller, "sts", "assume_role", RoleArn=long, **asked) is None
    assert "ValidationError" == people.call(chained, "sts", "assume_role", RoleArn=long, **asked)


# --- keys


def test_an_unknown_key_is_refused(people):
    """
    A key that nobody owns is nobody.
    """
    stranger = keys("AKIAIOSFODNN7EXAMPLE", "no")

    assert people.call(stranger, "sts", "get_caller_identity") == "InvalidClientTokenId"


def test_a_wrong_secret_is_refused(people):
    """
    The signature is worked out again and compared.
    """
    someone = people.user(allow("*"))
    forged = keys(someone["aws_access_key_id"], "not the secret")

    assert people.call(forged, "ecs", "list_clusters") == "SignatureDoesNotMatch"


def test_a_session_without_its_token_is_refused(people, caller):
    """
    Temporary keys are worth nothing alone.
    """
    bare = {**people.assume(caller, people.role(allow("*"))), "aws_session_token": None}

    assert people.call(bare, "ecs", "list_clusters") == "InvalidClientTokenId"


# --- across accounts


def _share(people, *statements):
    people.admin("ecr", B).set_repository_policy(
        repositoryName="shop", policyText=text(*statements)
    )


def test_a_foreign_repository_needs_both_sides(people):
    """
    No repository policy means no, whatever the caller's own policy says.
    """
    someone = people.user(allow("ecr:*"))
    asked = {"repositoryName": "shop", "registryId": B, "imageIds": [{"imageTag": "v1"}]}
    reader = {"Effect": "Allow", "Principal": {"AWS": A}, "Action": "ecr:BatchGetImage"}

    assert "AccessDeniedException" == people.call(someone, "ecr", "batch_get_image", **asked)
    assert "because no resource-based policy allows the ecr:BatchGetImage action" in people.said
    _share(people, reader)
    assert people.call(someone, "ecr", "batch_get_image", **asked) is None
    assert "AccessDeniedException" == people.call(people.user(), "ecr", "batch_get_image", **asked)
    _share(people, reader, {**reader, "Effect": "Deny"})
    assert "AccessDeniedException" == people.call(someone, "ecr", "batch_get_image", **asked)
    assert "with an explicit deny in a resource-based policy" in people.said


def test_in_one_account_the_repository_policy_is_enough(people):
    """
    Identity policy or resource policy: either will do.
    """
    someone = people.user()
    arn = f"arn:aws:iam::{A}:user/someone-{people.count}"
    people.admin("ecr").set_repository_policy(
        repositoryName="other",
        policyText=text({"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "ecr:ListImages"}),
    )

    assert people.call(someone, "ecr", "list_images", repositoryName="other") is None
    assert "AccessDeniedException" == people.call(
        someone, "ecr", "list_images", repositoryName="shop"
    )


# --- what tests look at


def test_calls_are_recorded_with_their_outcome(people):
    """
    Tests read who did what; the administrator's calls are not among them.
    """
    someone = people.user(allow("ecs:ListClusters"))
    people.estate.calls.clear()
    people.call(someone, "ecs", "list_clusters")
    people.call(someone, "ecs", "describe_clusters")
    people.admin("ecs").list_clusters()

    assert [("ecs:ListClusters", A, True), ("ecs:DescribeClusters", A, False)] == [
        (c.action, c.account, c.allowed) for c in people.estate.calls
    ]


def test_enforcement_can_be_switched_off(people):
    """
    Without it a known key may do anything.
    """
    nobody = people.user()
    people.estate.enforcing = False
    allowed = people.call(nobody, "ecs", "list_clusters")
    people.estate.enforcing = True

    assert allowed is None
    assert people.call(nobody, "ecs", "list_clusters") == "AccessDeniedException"


def test_one_permission_can_be_taken_away(people):
    """
    deny() refuses one action of one principal, in IAM's words.
    """
    someone = people.user(allow("*"))
    people.estate.deny(f"user/someone-{people.count}$", "^ecs:ListClusters$")
    refused = people.call(someone, "ecs", "list_clusters")
    people.estate.allow_all()

    assert refused == "AccessDeniedException"
    assert "because no identity-based policy allows the ecs:ListClusters action" in people.said
    assert people.call(someone, "ecs", "list_clusters") is None
