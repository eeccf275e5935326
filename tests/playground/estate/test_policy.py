"""The estate's reading of policy documents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.estate.policy import Asked, capped, evaluate, like

ACTIONS = ["ecr:BatchGetImage", "ecr:GetAuthorizationToken", "s3:GetObject"]
RESOURCES = ["*", "arn:aws:ecr:eu-west-1:123456789012:repository/shop", "arn:aws:s3:::layers/a"]


def document(effect="Allow", action="ecr:*", resource="*", **more):
    return {"Statement": {"Effect": effect, "Action": action, "Resource": resource, **more}}


def decide(*documents, context=None, **asked):
    asked = {"action": "ecr:BatchGetImage", "resource": RESOURCES[1], **asked}
    return evaluate(documents, Asked(**asked, context=context or {}))


def test_nothing_said_is_no():
    """
    Without a statement that allows, the answer is an implicit no.
    """
    assert decide() == "ImplicitDeny"
    assert decide(document(action="ecs:*")) == "ImplicitDeny"


@pytest.mark.parametrize(
    ("statement", "verdict"),
    [
        ({"NotAction": "ecs:*"}, "Allow"),
        ({"NotAction": "ecr:batch*"}, "ImplicitDeny"),
        ({"Action": "ECR:batchgetIMAGE"}, "Allow"),
        ({"Action": "ecr:BatchGet?mage"}, "Allow"),
    ],
)
def test_actions(statement, verdict):
    """
    Actions match without regard to case, with wildcards, or by exclusion.
    """
    assert verdict == decide({"Statement": [{"Effect": "Allow", "Resource": "*", **statement}]})


@pytest.mark.parametrize(
    ("pattern", "verdict"),
    [
        ("arn:aws:ecr:*:123456789012:repository/*", "Allow"),
        ("arn:aws:ecr:eu-west-1:123456789012:repository/sho", "ImplicitDeny"),
        ("arn:aws:ecr:eu-west-1:123456789012:repository/[s]hop", "ImplicitDeny"),
        ("arn:aws:ecr:eu-west-1:123456789012:repository/${aws:PrincipalTag/app}", "Allow"),
        ("arn:aws:ecr:eu-west-1:123456789012:repository/${aws:username, 'shop'}", "Allow"),
    ],
)
def test_resources(pattern, verdict):
    """
    Resources match case by case, with wildcards and variables; brackets are no wildcard.
    """
    context = {"aws:principaltag/app": ("shop",)}

    assert verdict == decide(document(resource=pattern), context=context)


@pytest.mark.parametrize(
    ("condition", "verdict"),
    [
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, "Allow"),
        ({"StringEquals": {"aws:PrincipalOrgID": ["o-0", "o-1"]}}, "Allow"),
        ({"StringEquals": {"aws:SourceVpce": "vpce-1"}}, "ImplicitDeny"),
        ({"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1"}}, "Allow"),
        ({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}, "Allow"),
        ({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}, "ImplicitDeny"),
        ({"StringLike": {"aws:PrincipalOrgID": "o-*"}}, "Allow"),
        ({"StringNotLike": {"aws:PrincipalOrgID": "o-*"}}, "ImplicitDeny"),
        ({"Null": {"aws:SourceVpce": "true"}}, "Allow"),
        ({"Null": {"aws:PrincipalOrgID": True}}, "ImplicitDeny"),
        ({"Bool": {"aws:SecureTransport": True}}, "Allow"),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, "Allow"),
        ({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, "ImplicitDeny"),
        ({"NumericLessThan": {"aws:MultiFactorAuthAge": "60"}}, "Allow"),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "change"]}}, "Allow"),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}, "ImplicitDeny"),
        ({"ForAnyValue:StringEquals": {"aws:TagKeys": ["team"]}}, "Allow"),
        ({"ForAllValues:StringEquals": {"aws:Absent": ["team"]}}, "Allow"),
        (
            {"StringEquals": {"aws:PrincipalOrgID": "o-1"}, "Bool": {"aws:SecureTransport": "no"}},
            "ImplicitDeny",
        ),
    ],
)
def test_conditions(condition, verdict):
    """
    Every operator and key must hold; a key that is absent holds for the negated ones alone.
    """
    context = {
        "aws:principalorgid": ("o-1",),
        "aws:securetransport": ("true",),
        "aws:sourceip": ("10.1.2.3",),
        "aws:multifactorauthage": ("30",),
        "aws:tagkeys": ("team", "change"),
    }

    assert verdict == decide(document(Condition=condition), context=context)


@pytest.mark.parametrize(
    ("principal", "verdict"),
    [
        ({"Principal": "*"}, "Allow"),
        ({"Principal": {"AWS": ["123456789012", "210987654321"]}}, "Allow"),
        ({"Principal": {"AWS": "arn:aws:iam::123456789012:role/other"}}, "ImplicitDeny"),
        ({"Principal": {"Service": "ecs-tasks.amazonaws.com"}}, "ImplicitDeny"),
        ({"NotPrincipal": {"AWS": "123456789012"}}, "ImplicitDeny"),
    ],
)
def test_principals(principal, verdict):
    """
    A resource policy speaks to whom it names.
    """
    asked = Asked("ecr:BatchGetImage", RESOURCES[1], ("123456789012",))

    assert verdict == evaluate([document(**principal)], asked)


effects = st.sampled_from(["Allow", "Deny"])
statements = st.builds(
    document,
    effects,
    st.sampled_from([*ACTIONS, "ecr:*", "*", "ecr:Get*"]),
    st.sampled_from([*RESOURCES, "arn:aws:ecr:*"]),
)
asks = st.builds(Asked, st.sampled_from(ACTIONS), st.sampled_from(RESOURCES))


@given(st.lists(statements, max_size=5), asks)
def test_more_denials_never_allow(documents, asked):
    """
    Taking everything away by a deny leaves nothing, whatever else is said.
    """
    assert "Deny" == evaluate([*documents, document("Deny", "*")], asked)


@given(st.lists(statements, max_size=5), st.lists(statements, max_size=5), asks)
def test_a_limit_never_widens(documents, limit, asked):
    """
    Under a boundary at most that much is allowed.
    """
    verdict = capped(documents, [limit], asked)

    if verdict == "Allow":
        assert "Allow" == evaluate(documents, asked) == evaluate(limit, asked)


@given(st.lists(statements, max_size=5), asks)
def test_order_does_not_matter(documents, asked):
    """
    Statements are a set.
    """
    assert evaluate(documents, asked) == evaluate(documents[::-1], asked)


@given(st.text(max_size=20))
def test_a_plain_text_is_like_itself(text):
    """
    Without wildcards a pattern means its own letters, brackets included.
    """
    plain = text.replace("*", "").replace("?", "").replace("[", "(")

    assert like(plain, plain)
    assert not like(plain, plain + "x")
