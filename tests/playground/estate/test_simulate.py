"""IAM's simulator, answered by the evaluator that enforces."""

import json

import pytest
from botocore.exceptions import ClientError

from playground.estate.world import WORLD

A = "123456789012"
SHOP = f"arn:aws:ecr:eu-west-1:{A}:repository/shop"
OTHER = f"arn:aws:ecr:eu-west-1:{A}:repository/other"


def text(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


@pytest.fixture(scope="module")
def iam(empty):
    return empty.client("iam", A, "us-east-1")


@pytest.fixture
def role(iam, request):
    name = request.node.name[:60]
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=text())
    return made["Role"]["Arn"]


def test_a_role_that_is_not_there_is_an_error(iam):
    """
    NoSuchEntity, as for every other call of IAM.
    """
    with pytest.raises(ClientError, match="NoSuchEntity"):
        iam.simulate_principal_policy(
            PolicySourceArn=f"arn:aws:iam::{A}:role/gone", ActionNames=["ecr:BatchGetImage"]
        )


def test_each_action_and_resource_has_its_decision(iam, role):
    """
    The truth per resource stands in ResourceSpecificResults, under the name that was asked.
    """
    name = role.split("/")[1]
    stop = {"Effect": "Deny", "Action": "ecr:PutImage", "Resource": "*"}
    iam.put_role_policy(
        RoleName=name, PolicyName="own", PolicyDocument=text(allow("ecr:BatchGetImage", SHOP), stop)
    )
    found = iam.simulate_principal_policy(
        PolicySourceArn=role,
        ActionNames=["ecr:BatchGetImage", "ecr:PutImage"],
        ResourceArns=[SHOP, OTHER],
    )["EvaluationResults"]

    assert ["implicitDeny", "explicitDeny"] == [r["EvalDecision"] for r in found]
    assert {SHOP: "allowed", OTHER: "implicitDeny"} == {
        r["EvalResourceName"]: r["EvalResourceDecision"]
        for r in found[0]["ResourceSpecificResults"]
    }
    assert found[0]["ResourceSpecificResults"][0]["MatchedStatements"]


def test_a_further_policy_shows_what_a_fix_would_do(iam, role):
    """
    PolicyInputList is added to what the role has.
    """
    asked = {"PolicySourceArn": role, "ActionNames": ["ecr:GetAuthorizationToken"]}
    more = [text(allow("ecr:GetAuthorizationToken"))]

    before = iam.simulate_principal_policy(**asked)["EvaluationResults"]
    after = iam.simulate_principal_policy(**asked, PolicyInputList=more)["EvaluationResults"]
    assert ("implicitDeny", "allowed") == (before[0]["EvalDecision"], after[0]["EvalDecision"])


def test_context_is_used_and_what_is_missing_is_named(iam, role):
    """
    A condition on a key that nobody supplied comes back in MissingContextValues.
    """
    condition = {"StringEquals": {"aws:SourceVpce": "vpce-1"}}
    asked = {
        "PolicySourceArn": role,
        "ActionNames": ["ecr:BatchGetImage"],
        "PolicyInputList": [text(allow("ecr:*", Condition=condition))],
    }
    key = {
        "ContextKeyName": "aws:SourceVpce",
        "ContextKeyValues": ["vpce-1"],
        "ContextKeyType": "string",
    }
    without = iam.simulate_principal_policy(**asked)["EvaluationResults"][0]
    supplied = iam.simulate_principal_policy(**asked, ContextEntries=[key])["EvaluationResults"][0]

    assert ("implicitDeny", ["aws:SourceVpce"]) == (
        without["EvalDecision"], without["MissingContextValues"],
    )  # fmt: skip
    assert ("allowed", []) == (supplied["EvalDecision"], supplied["MissingContextValues"])


def test_a_boundary_is_told_apart(iam):
    """
    PermissionsBoundaryDecisionDetail says that the boundary is why.
    """
    cap = iam.create_policy(PolicyName="cap", PolicyDocument=text(allow("ecs:*")))["Policy"]["Arn"]
    made = iam.create_role(
        RoleName="capped", AssumeRolePolicyDocument=text(), PermissionsBoundary=cap
    )["Role"]["Arn"]
    iam.put_role_policy(RoleName="capped", PolicyName="own", PolicyDocument=text(allow("ecr:*")))

    found = iam.simulate_principal_policy(PolicySourceArn=made, ActionNames=["ecr:BatchGetImage"])
    result = found["EvaluationResults"][0]
    assert "implicitDeny" == result["EvalDecision"]
    assert {"AllowedByPermissionsBoundary": False} == result["PermissionsBoundaryDecisionDetail"]


def test_a_custom_policy_needs_nobody(iam):
    """
    SimulateCustomPolicy judges the documents alone.
    """
    found = iam.simulate_custom_policy(
        PolicyInputList=[text(allow("ecr:*"))], ActionNames=["ecr:BatchGetImage", "ecs:ListTasks"]
    )["EvaluationResults"]

    assert ["allowed", "implicitDeny"] == [r["EvalDecision"] for r in found]


def test_an_organization_and_what_is_missing(iam, role, empty):
    """
    Whether an SCP allows is told, not which; the keys of one resource stand with that resource.
    """
    name = role.split("/")[1]
    under = {"StringEquals": {"aws:SourceVpce": "vpce-1"}}
    iam.put_role_policy(
        RoleName=name, PolicyName="own", PolicyDocument=text(allow("ecr:*", Condition=under))
    )

    def asked():
        (found,) = iam.simulate_principal_policy(
            PolicySourceArn=role, ActionNames=["ecr:BatchGetImage"], ResourceArns=[SHOP]
        )["EvaluationResults"]
        return found

    free = asked()
    assert "OrganizationsDecisionDetail" not in free
    assert ([], ["aws:SourceVpce"]) == (
        free.get("MissingContextValues", []),
        free["ResourceSpecificResults"][0]["MissingContextValues"],
    )
    empty.add_scp(A, text(allow("s3:*")))
    try:
        assert {"AllowedByOrganizations": False} == asked()["OrganizationsDecisionDetail"]
    finally:
        WORLD.scps.clear()
